"""A drill that cannot fail proves nothing."""

import unittest

from drill.verdict import compare


def stored(session, messages):
    """As the nodes write it."""
    history = []
    for number, message in enumerate(messages):
        name = f"{session}/{number}"
        history += [{"message_id": name, "message": message}, {"answers": name, "by": "north.1"}]
    return {"version": len(messages), "state": {}, "history": history}


class Verdict(unittest.TestCase):
    messages = [{"content": text} for text in ("one", "two", "three")]

    def setUp(self):
        self.snapshot = stored("s", self.messages)

    def wrong(self):
        return compare("s", self.messages, self.snapshot)

    def test_finds_nothing_wrong_with_a_session_that_holds_each_message_once_and_in_order(self):
        self.assertEqual(self.wrong(), [])

    def test_a_session_that_is_absent_is_lost(self):
        self.assertEqual(compare("s", self.messages, None), ["s: lost, with its 3 messages"])

    def test_a_turn_that_is_missing_is_lost(self):
        del self.snapshot["history"][2:4]
        self.assertEqual(self.wrong(), ["s: message s/1 is lost", "s: answer to s/1 is lost"])

    def test_a_turn_that_is_there_twice_is_wrong(self):
        self.snapshot["history"] += self.snapshot["history"][2:4]
        self.assertEqual(self.wrong(), ["s: message s/1 is there 2 times", "s: answer to s/1 is there 2 times"])

    def test_turns_in_another_order_are_wrong(self):
        history = self.snapshot["history"]
        self.snapshot["history"] = history[2:4] + history[:2] + history[4:]
        self.assertEqual(len(self.wrong()), 2)

    def test_an_answer_before_its_message_is_wrong(self):
        history = self.snapshot["history"]
        history[0], history[1] = history[1], history[0]
        self.assertEqual(self.wrong(), ["s: messages and answers do not alternate"])

    def test_a_message_that_was_changed_is_wrong(self):
        self.snapshot["history"][0]["message"] = {"content": "uno"}
        self.assertEqual(self.wrong(), ["s: s/0 is not the message that was sent"])

    def test_what_was_never_sent_is_wrong(self):
        self.snapshot["history"] += stored("s", [*self.messages, "four"])["history"][6:]
        self.assertEqual(len(self.wrong()), 2)

    def test_a_version_that_does_not_count_the_turns_is_wrong(self):
        self.snapshot["version"] = 4
        self.assertEqual(self.wrong(), ["s: 3 turns made version 4"])


if __name__ == "__main__":
    unittest.main()
