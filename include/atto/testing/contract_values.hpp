#pragma once

#include <atto/testing/contract_fixture.hpp>

#include <cstdint>
#include <limits>
#include <string>

/// Rules: what is saved is what is loaded.
namespace atto::testing {

TEST_P(StoreContract, AnAbsentSessionLoadsAsNothing) {
  EXPECT_FALSE(db().load("nobody").has_value());
}

TEST_P(StoreContract, ASavedSessionLoadsEqual) {
  state s;
  s.set("name", json::string("Ann"));
  s.set("open", json("[true, false, null, {\"a\": [1.5, -2]}]"));
  const snapshot saved(1, s, {json("\"hello\""), json("{}"), json("[]"), json("17"), json("null")});
  EXPECT_EQ(db().save("s", saved), 1);
  expect_stored("s", saved);
}

TEST_P(StoreContract, AnEmptySessionLoadsEqual) {
  const snapshot empty(1, {}, {});
  EXPECT_EQ(db().save("saved", empty), 1);
  expect_stored("saved", empty);
  EXPECT_EQ(db().append("appended", 0, {}), 1);
  expect_stored("appended", empty);
}

TEST_P(StoreContract, ASaveReplacesStateAndHistoryAsAWhole) {
  db().save("s", {1, state_of("gone", "1"), numbered_events(0, 5)});
  const snapshot second(2, state_of("new", "2"), numbered_events(7, 2));
  EXPECT_EQ(db().save("s", second), 2);
  expect_stored("s", second);
}

TEST_P(StoreContract, EveryVersionUpToTheHighestIsKept) {
  const std::int64_t versions[] = {1,          2, std::int64_t{1} << 31, (std::int64_t{1} << 53) + 1, max_version - 1,
                                   max_version};
  for (const std::int64_t v : versions) {
    EXPECT_EQ(db().save("s", numbered_snapshot(v)), v);
    expect_stored("s", numbered_snapshot(v));
  }
}

TEST_P(StoreContract, AVersionBelowOneIsRefused) {
  for (const std::int64_t v : {std::int64_t{0}, std::int64_t{-1}, std::numeric_limits<std::int64_t>::min()}) {
    const auto refused = attempt([&] { return db().save("s", numbered_snapshot(v)); });
    EXPECT_EQ(refused.code, errc::invalid_argument) << v;
    EXPECT_NE(refused.diag.message(), "");
  }
  expect_absent("s");
}

TEST_P(StoreContract, SessionsAreIndependent) {
  db().save("a", numbered_snapshot(1, 1));
  db().save("b", numbered_snapshot(5, 2));
  db().append("c", 0, numbered_turn(0, 0, 3));
  db().remove("b");
  expect_stored("a", numbered_snapshot(1, 1));
  expect_absent("b");
  expect_stored("c", numbered_snapshot(1, 3));
}

TEST_P(StoreContract, EveryHandleSeesWhatAnotherWrote) {
  if (!GetParam().several_handles) GTEST_SKIP() << "the store has one handle";
  db(0).append("s", 0, numbered_turn(0, 0));
  db(1).append("s", 1, numbered_turn(1, 1));
  db(2).append("s", 2, numbered_turn(2, 2));
  expect_stored("s", numbered_snapshot(3, 3));
  db(1).remove("s");
  EXPECT_FALSE(db(2).load("s").has_value());
}

TEST_P(StoreContract, WhatWasLoadedDoesNotChangeTheStore) {
  db().save("s", numbered_snapshot(1, 2));
  auto mine = *db().load("s");
  mine.state.set("at", json("\"changed\""));
  mine.history.push_back(numbered_event(9));
  mine.version = 7;
  expect_stored("s", numbered_snapshot(1, 2));
}

TEST_P(StoreContract, WhatWasLoadedStaysAsItWas) {
  db().save("s", numbered_snapshot(1, 2));
  const auto before = *db().load("s");
  db().append("s", 1, numbered_turn(1, 2));
  db().remove("s");
  EXPECT_EQ(before, numbered_snapshot(1, 2));
}

TEST_P(StoreContract, TempValuesAreNeverStored) {
  state kept = state_of("kept", "1");
  kept.set("temp", json("2"));
  kept.set("Temp:x", json("3"));
  kept.set("a temp:", json("4"));
  state given = kept;
  given.set("temp:", json("5"));
  given.set("temp:secret", json("6"));
  given.set("temp:temp:x", json("7"));
  db().save("saved", {1, given, {}});
  db().append("appended", 0, {given, {}});
  expect_stored("saved", {1, kept, {}});
  expect_stored("appended", {1, kept, {}});
}

TEST_P(StoreContract, AStateOfTempValuesOnlyIsStoredEmpty) {
  db().save("s", {1, state_of("temp:x", "1"), {}});
  expect_stored("s", {1, {}, {}});
}

}  // namespace atto::testing
