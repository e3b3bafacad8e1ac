#pragma once

#include <atto/testing/contract_fixture.hpp>

#include <cstdint>
#include <limits>
#include <string>

/// Rules: appending turns, and removing sessions.
namespace atto::testing {

TEST_P(StoreContract, AnAppendOnZeroCreatesTheSession) {
  EXPECT_EQ(db().append("s", 0, numbered_turn(0, 0, 2)), 1);
  expect_stored("s", numbered_snapshot(1, 2));
}

TEST_P(StoreContract, AnAppendAddsEventsAtTheEndAndReplacesTheState) {
  db().save("s", {4, state_of("old", "1"), numbered_events(0, 3)});
  EXPECT_EQ(db().append("s", 4, {state_of("new", "2"), numbered_events(3, 2)}), 5);
  expect_stored("s", {5, state_of("new", "2"), numbered_events(0, 5)});
}

TEST_P(StoreContract, AnAppendOfNoEventsMovesTheVersion) {
  db().append("s", 0, numbered_turn(0, 0, 2));
  EXPECT_EQ(db().append("s", 1, numbered_turn(1, 0, 0)), 2);
  EXPECT_EQ(db().append("s", 2, numbered_turn(2, 2, 1)), 3);
  EXPECT_EQ(db().append("s", 3, {}), 4);
  expect_stored("s", {4, {}, numbered_events(0, 3)});
}

TEST_P(StoreContract, ManyAppendsKeepEveryEventInOrder) {
  std::int64_t events = 0;
  for (std::int64_t base = 0; base < 60; ++base) {
    const std::int64_t added = base % 4;
    EXPECT_EQ(db(static_cast<std::size_t>(base % 2)).append("s", base, numbered_turn(base, events, added)), base + 1);
    events += added;
  }
  expect_stored("s", numbered_snapshot(60, events));
}

TEST_P(StoreContract, AnAppendOnAnotherVersionIsAConflict) {
  db().save("s", numbered_snapshot(4, 2));
  const auto append_on = [&](std::int64_t base) {
    return attempt([&] { return db().append("s", base, numbered_turn(base, 9)); });
  };
  expect_conflict(append_on(0), 4, 0);
  expect_conflict(append_on(3), 4, 3);
  expect_conflict(append_on(5), 4, 5);
  expect_conflict(append_on(max_version - 1), 4, max_version - 1);
  expect_stored("s", numbered_snapshot(4, 2));
}

TEST_P(StoreContract, AnAppendToAnAbsentSessionIsAConflict) {
  expect_conflict(attempt([&] { return db().append("s", 3, numbered_turn(3, 0)); }), 0, 3);
  expect_absent("s");
  EXPECT_EQ(db().append("s", 0, numbered_turn(0, 0)), 1);
  expect_stored("s", numbered_snapshot(1, 1));
}

TEST_P(StoreContract, TheSameAppendASecondTimeIsAConflict) {
  db().append("s", 0, numbered_turn(0, 0));
  db().append("s", 1, numbered_turn(1, 1));
  expect_conflict(attempt([&] { return db().append("s", 1, numbered_turn(1, 1)); }), 2, 1);
  expect_stored("s", numbered_snapshot(2, 2));
}

TEST_P(StoreContract, AnAppendReachesTheHighestVersionAndNotBeyond) {
  db().save("s", numbered_snapshot(max_version - 1, 1));
  EXPECT_EQ(db().append("s", max_version - 1, numbered_turn(max_version - 1, 1)), max_version);
  const auto refused = attempt([&] { return db().append("s", max_version, {}); });
  EXPECT_EQ(refused.code, errc::invalid_argument);
  EXPECT_NE(refused.diag.message(), "");
  expect_stored("s", numbered_snapshot(max_version, 2));
}

TEST_P(StoreContract, AnAppendOnANegativeVersionIsRefused) {
  for (const std::int64_t base : {std::int64_t{-1}, std::numeric_limits<std::int64_t>::min()}) {
    EXPECT_EQ(attempt([&] { return db().append("s", base, {}); }).code, errc::invalid_argument);
  }
  expect_absent("s");
}

TEST_P(StoreContract, ASaveAfterAppendsRewritesTheWholeHistory) {
  db().append("s", 0, numbered_turn(0, 0, 3));
  db().append("s", 1, numbered_turn(1, 3, 3));
  const snapshot shorter(3, state_of("at", "3"), numbered_events(100, 1));
  db().save("s", shorter);
  expect_stored("s", shorter);
  db().append("s", 3, {state_of("at", "4"), numbered_events(101, 2)});
  expect_stored("s", {4, state_of("at", "4"), numbered_events(100, 3)});
}

TEST_P(StoreContract, AppendsAndSavesTakeTurns) {
  for (std::int64_t round = 0; round < 5; ++round) {
    const std::int64_t v = 3 * round;
    db().append("s", v, numbered_turn(v, v));
    db().append("s", v + 1, numbered_turn(v + 1, v + 1));
    auto whole = *db().load("s");
    EXPECT_EQ(whole, numbered_snapshot(v + 2, v + 2));
    db().save("s", numbered_snapshot(v + 3, v + 3), {.guard = guard::exact, .base = v + 2});
  }
  expect_stored("s", numbered_snapshot(15, 15));
}

TEST_P(StoreContract, RemovingAnAbsentSessionIsNoError) {
  EXPECT_FALSE(db().remove("s"));
  EXPECT_FALSE(db().remove("s", {.base = 3}));
}

TEST_P(StoreContract, ARemovedSessionIsAbsent) {
  db().save("s", numbered_snapshot(2, 2));
  db().append("s", 2, numbered_turn(2, 2));
  EXPECT_TRUE(db().remove("s"));
  expect_absent("s");
  EXPECT_TRUE(db().list().empty());
  EXPECT_FALSE(db().remove("s"));
}

TEST_P(StoreContract, ARemoveMayNameTheVersion) {
  db().save("s", numbered_snapshot(4));
  expect_conflict(attempt([&] { return db().remove("s", {.base = 3}); }), 4, 3);
  expect_conflict(attempt([&] { return db().remove("s", {.base = 5}); }), 4, 5);
  expect_stored("s", numbered_snapshot(4));
  EXPECT_TRUE(db().remove("s", {.base = 4}));
  expect_absent("s");
}

TEST_P(StoreContract, ARemoveOfAVersionBelowOneIsRefused) {
  db().save("s", numbered_snapshot(4));
  for (const std::int64_t base : {std::int64_t{0}, std::int64_t{-1}}) {
    EXPECT_EQ(attempt([&] { return db().remove("s", {.base = base}); }).code, errc::invalid_argument);
  }
  expect_stored("s", numbered_snapshot(4));
}

TEST_P(StoreContract, ANewSessionInheritsNoEventsOfARemovedOne) {
  const auto make_past = [&] {
    db().save("s", {3, state_of("past", "1"), numbered_events(0, 3)});
    for (std::int64_t v = 3; v < 8; ++v) db().append("s", v, numbered_turn(v, v));
    EXPECT_TRUE(db().remove("s"));
  };
  make_past();
  db().append("s", 0, {state_of("new", "1"), numbered_events(50, 1)});
  expect_stored("s", {1, state_of("new", "1"), numbered_events(50, 1)});
  for (std::int64_t v = 1; v < 8; ++v) {  // through the versions that had events of the past
    db().append("s", v, {state_of("new", "1"), numbered_events(50 + v, 1)});
    expect_stored("s", {v + 1, state_of("new", "1"), numbered_events(50, v + 1)});
  }
  db().remove("s");

  make_past();
  db().save("s", {2, {}, numbered_events(70, 1)});
  expect_stored("s", {2, {}, numbered_events(70, 1)});
  for (std::int64_t v = 2; v < 8; ++v) db().append("s", v, {{}, numbered_events(69 + v, 1)});
  expect_stored("s", {8, {}, numbered_events(70, 7)});
}

TEST_P(StoreContract, AStaleSaveAfterARemoveStartsANewSession) {
  db().save("s", numbered_snapshot(7));
  db().remove("s");
  EXPECT_EQ(db().save("s", numbered_snapshot(3, 2)), 3);
  expect_stored("s", numbered_snapshot(3, 2));
}

}  // namespace atto::testing
