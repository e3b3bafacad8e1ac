#pragma once

#include <atto/message_id.hpp>
#include <atto/testing/contract_fixture.hpp>
#include <atto/testing/contract_races.hpp>

#include <cstddef>
#include <cstdint>
#include <string>

/// Rules: a turn that was stored with a message id is found by it for as long as the session lives.
namespace atto::testing {

TEST_P(StoreMessagesContract, ATurnIsFoundByTheIdOfItsMessage) {
  const message_id hello("hello"), again("again"), never("never");
  db().append("s", 0, numbered_turn(0, 0, 2), {.message_id = hello});
  db().append("s", 1, numbered_turn(1, 2, 1));
  db().append("s", 2, numbered_turn(2, 3, 3), {.message_id = again});
  EXPECT_EQ(db(1).find_turn("s", hello), turn_record(1, numbered_events(0, 2)));
  EXPECT_EQ(db(1).find_turn("s", again), turn_record(3, numbered_events(3, 3)));
  EXPECT_FALSE(db(1).find_turn("s", never).has_value());
  EXPECT_FALSE(db(1).find_turn("other", hello).has_value());
  expect_stored("s", numbered_snapshot(3, 6));
}

TEST_P(StoreMessagesContract, ATurnWithoutEventsIsFoundAsWell) {
  db().append("s", 0, {}, {.message_id = message_id("first")});
  db().append("s", 1, {}, {.message_id = message_id("second")});
  EXPECT_EQ(db().find_turn("s", message_id("first")), turn_record(1, {}));
  EXPECT_EQ(db().find_turn("s", message_id("second")), turn_record(2, {}));
}

TEST_P(StoreMessagesContract, ATurnIsFoundAfterWholeSavesHaveReplacedIt) {
  const message_id hello("hello"), again("again");
  db().append("s", 0, numbered_turn(0, 0, 2), {.message_id = hello});
  db().append("s", 1, numbered_turn(1, 2, 1), {.message_id = again});
  db().append("s", 2, numbered_turn(2, 3, 1));
  for (std::int64_t v = 4; v < 8; ++v) {
    const snapshot summary(v, state_of("at", std::to_string(v)), {json("\"summary\"")});
    db().save("s", summary);
    expect_stored("s", summary);
    EXPECT_EQ(db(1).find_turn("s", hello), turn_record(1, numbered_events(0, 2)));
    EXPECT_EQ(db(1).find_turn("s", again), turn_record(2, numbered_events(2, 1)));
  }
  db().append("s", 7, {{}, {json("1")}});
  EXPECT_EQ(db().load("s")->history, (history{json("\"summary\""), json("1")}));
  EXPECT_EQ(db().load("s", {.last = 1})->history, (history{json("1")}));
}

TEST_P(StoreMessagesContract, AWholeSaveNamesWhichEventsAreItsTurns) {
  const message_id first("first"), compacting("compacting"), last("last");
  const snapshot begun(1, {}, numbered_events(0, 3));
  db().save("s", begun, {.message_id = first, .turn_events = 3});
  const snapshot compacted(5, {}, {json("\"summary\""), numbered_event(3), numbered_event(4)});
  db().save("s", compacted, {.guard = guard::exact, .base = 1, .message_id = compacting, .turn_events = 2});
  expect_stored("s", compacted);
  EXPECT_EQ(db(1).find_turn("s", first), turn_record(1, numbered_events(0, 3)));
  EXPECT_EQ(db(1).find_turn("s", compacting), turn_record(5, numbered_events(3, 2)));
  db().save("s", {9, {}, {json("\"all\"")}}, {.message_id = last});
  EXPECT_EQ(db(1).find_turn("s", compacting), turn_record(5, numbered_events(3, 2)));
  EXPECT_EQ(db(1).find_turn("s", last), turn_record(9, {}));
  db().append("s", 9, {{}, {json("1")}});
  EXPECT_EQ(db().load("s")->history, (history{json("\"all\""), json("1")}));
}

TEST_P(StoreMessagesContract, AnExactFirstSaveKeepsItsTurnAsWell) {
  const message_id first("first");
  db().save("s", numbered_snapshot(4, 3), {.guard = guard::exact, .message_id = first, .turn_events = 1});
  EXPECT_EQ(db().find_turn("s", first), turn_record(4, numbered_events(2, 1)));
  expect_stored("s", numbered_snapshot(4, 3));
}

TEST_P(StoreMessagesContract, AWriteThatIsRefusedLeavesNoTurnOfItsMessage) {
  use_limits({.max_session_bytes = 1'000});
  db().save("s", numbered_snapshot(4, 2));
  const message_id lost("lost");
  const history large{json::string(std::string(990, 'x'))};
  expect_conflict(attempt([&] { return db().append("s", 0, {}, {.message_id = lost}); }), 4, 0);
  expect_conflict(attempt([&] { return db().append("s", 3, {}, {.message_id = lost}); }), 4, 3);
  expect_conflict(attempt([&] { return db().save("s", numbered_snapshot(4), {.message_id = lost}); }), 4, 4);
  EXPECT_EQ(attempt([&] { return db().append("s", 4, {{}, large}, {.message_id = lost}); }).code, errc::too_large);
  EXPECT_FALSE(db().find_turn("s", lost).has_value());
}

TEST_P(StoreMessagesContract, OfSeveralTurnsOfOneMessageTheOldestIsFound) {
  const message_id twice("twice");
  db().append("s", 0, numbered_turn(0, 0), {.message_id = twice});
  db().append("s", 1, numbered_turn(1, 1), {.message_id = twice});
  EXPECT_EQ(db().find_turn("s", twice), turn_record(1, numbered_events(0, 1)));
  db().save("s", numbered_snapshot(3, 1), {.message_id = twice, .turn_events = 1});
  EXPECT_EQ(db().find_turn("s", twice), turn_record(1, numbered_events(0, 1)));
}

TEST_P(StoreMessagesContract, ARemovedSessionsTurnsAreNotFoundInTheNextOne) {
  const message_id hello("hello"), again("again");
  db().append("s", 0, numbered_turn(0, 0), {.message_id = hello});
  db().append("s", 1, numbered_turn(1, 1), {.message_id = again});
  db().save("s", numbered_snapshot(3), {.message_id = message_id("saved"), .turn_events = 1});
  EXPECT_TRUE(db().remove("s"));
  for (const char* text : {"hello", "again", "saved"}) {
    EXPECT_FALSE(db().find_turn("s", message_id(text)).has_value());
  }
  db().append("s", 0, numbered_turn(0, 5));
  for (std::int64_t v = 1; v < 4; ++v) db().append("s", v, numbered_turn(v, 5 + v));
  EXPECT_FALSE(db().find_turn("s", hello).has_value());
  EXPECT_FALSE(db().find_turn("s", again).has_value());
  EXPECT_EQ(db().load("s")->history, numbered_events(5, 4));
}

TEST_P(StoreMessagesContract, TurnEventsOutOfTheirRangeAreRefused) {
  const message_id m("m");
  const snapshot two = numbered_snapshot(1, 2);
  EXPECT_EQ(attempt([&] { return db().save("s", two, {.message_id = m, .turn_events = 3}); }).code,
            errc::invalid_argument);
  EXPECT_EQ(attempt([&] { return db().save("s", two, {.turn_events = 1}); }).code, errc::invalid_argument);
  EXPECT_EQ(attempt([&] { return db().find_turn("", m); }).code, errc::invalid_session_id);
  expect_absent("s");
}

/// What async_find_turn tells callers to do: answers the message unless somebody has, and returns the answer's version.
inline std::int64_t answer_once(blocking_store store, const std::string& id, const message_id& message) {
  for (;;) {
    const auto seen = store.load(id);
    const std::int64_t base = seen ? seen->version : 0;
    if (const auto found = store.find_turn(id, message)) return found->version;
    const std::int64_t events = seen ? seen->total_events() : 0;
    const auto o = attempt([&] {
      if (base % 3 != 2) return store.append(id, base, numbered_turn(base, events), {.message_id = message});
      const save_options whole{.guard = guard::exact, .base = base, .message_id = message, .turn_events = 1};
      return store.save(id, numbered_snapshot(base + 1, events + 1), whole);
    });
    if (!o.code) return o.value;
    EXPECT_EQ(o.code, errc::concurrent_write) << o.diag.message();
  }
}

TEST_P(StoreMessagesContract, OfRacingCallersOneAnswersEachMessageAndAllFindItsTurn) {
  for (std::size_t i = 0; i < handle_count(); ++i) handle(i);
  constexpr std::size_t callers = 6;
  constexpr std::int64_t messages = 8;
  run_threads(callers, [&](std::size_t i) {
    for (std::int64_t m = 0; m < messages; ++m) {
      const message_id message("message " + std::to_string(m));
      const std::int64_t version = answer_once(blocking_store(handle(i % handle_count())), "s", message);
      EXPECT_EQ(blocking_store(handle((i + 1) % handle_count())).find_turn("s", message)->version, version);
    }
  });
  expect_stored("s", numbered_snapshot(messages, messages));
}

}  // namespace atto::testing
