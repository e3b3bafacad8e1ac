"""Compares what the store holds with what was sent and answered."""

import concurrent.futures
import json
import os
import subprocess

from harness.processes import Trouble


def compare(session, messages, snapshot):
    """What is wrong with one session: a list of sentences, empty when it holds each message once and in order."""
    if snapshot is None:
        return [f"{session}: lost, with its {len(messages)} messages"]
    ids = [f"{session}/{n}" for n in range(len(messages))]
    sent, answered, wrong = [], [], []
    for event in snapshot["history"]:
        (sent if "message_id" in event else answered).append(event)
    wrong += differences(session, "message", ids, [e["message_id"] for e in sent])
    wrong += differences(session, "answer to", ids, [e.get("answers") for e in answered])
    if wrong:
        return wrong
    if snapshot["history"] != [e for pair in zip(sent, answered) for e in pair]:
        wrong.append(f"{session}: messages and answers do not alternate")
    wrong += [f"{session}: {e['message_id']} is not the message that was sent"
              for e, message in zip(sent, messages) if e["message"] != message]
    if snapshot["version"] != len(messages):
        wrong.append(f"{session}: {len(messages)} turns made version {snapshot['version']}")
    return wrong


def differences(session, what, wanted, found):
    wrong = [f"{session}: {what} {one} is lost" for one in wanted if one not in found]
    wrong += [f"{session}: {what} {one} is there {found.count(one)} times"
              for one in dict.fromkeys(found) if found.count(one) > 1]
    wrong += [f"{session}: {what} {one} was never sent" for one in dict.fromkeys(found) if one not in wanted]
    if not wrong and found != wanted:
        wrong.append(f"{session}: {what}s are not in the order in which they were sent")
    return wrong


class Store:
    """What `atto`, the command, reads from it: a program that took no part in what is judged."""

    def __init__(self, atto, where):
        self.atto = str(atto)
        self.environment = os.environ | {"ATTO_STORE": where}

    def run(self, *words):
        done = subprocess.run([self.atto, *words], env=self.environment, capture_output=True, text=True,
                              stdin=subprocess.DEVNULL)
        if done.returncode:
            raise Trouble(f"atto {words[0]} failed: {done.stderr.strip()}")
        return done.stdout

    def names(self):
        return {json.loads(line)["session_id"] for line in self.run("list", "--json").splitlines()}

    def get(self, session):
        return json.loads(self.run("get", session))


def judge(played, store):
    """What is wrong with all of them."""
    names = store.names()
    wrong = [f"{name}: was never begun" for name in sorted(names - played.keys())]
    with concurrent.futures.ThreadPoolExecutor(4) as readers:
        found = readers.map(lambda one: store.get(one) if one in names else None, played)
        for (session, messages), snapshot in zip(played.items(), found):
            wrong += compare(session, messages, snapshot)
    return wrong
