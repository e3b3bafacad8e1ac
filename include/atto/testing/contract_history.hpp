#pragma once

#include <atto/testing/contract_fixture.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

/// Rules: a load may be bounded to the newest events.
namespace atto::testing {

/// What a load of the newest `last` events of `whole` gives.
[[nodiscard]] inline snapshot newest(const snapshot& whole, std::size_t last) {
  const std::size_t kept = std::min(last, whole.history.size());
  snapshot bounded(whole.version, whole.state, {});
  for (std::size_t i = whole.history.size() - kept; i < whole.history.size(); ++i) {
    bounded.history.push_back(whole.history[i]);
  }
  bounded.events_before = static_cast<std::int64_t>(whole.history.size() - kept);
  return bounded;
}

/// Loads the session with every bound that could matter.
inline void expect_every_bound(blocking_store db, std::string_view id, const snapshot& whole) {
  for (std::size_t last = 0; last <= whole.history.size() + 2; ++last) {
    const auto loaded = db.load(id, {.last = last});
    ASSERT_TRUE(loaded.has_value()) << id;
    EXPECT_EQ(*loaded, newest(whole, last)) << id << ", last " << last;
    EXPECT_EQ(loaded->total_events(), whole.total_events()) << id << ", last " << last;
    EXPECT_EQ(loaded->partial(), last < whole.history.size()) << id << ", last " << last;
  }
  for (const std::size_t last : {std::size_t{1'000'000}, load_options::all - 1, load_options::all}) {
    EXPECT_EQ(db.load(id, {.last = last}), whole) << id << ", last " << last;
  }
}

TEST_P(StoreContract, ABoundedLoadOfASavedSessionGivesTheNewestEvents) {
  db().save("s", numbered_snapshot(3, 5));
  expect_every_bound(db(), "s", numbered_snapshot(3, 5));
}

TEST_P(StoreContract, ABoundedLoadOfAnAppendedSessionGivesTheNewestEvents) {
  for (std::int64_t v = 0; v < 6; ++v) db().append("s", v, numbered_turn(v, v));
  expect_every_bound(db(), "s", numbered_snapshot(6, 6));
}

TEST_P(StoreContract, ABoundedLoadCutsTurnsOfSeveralEvents) {
  db().append("s", 0, numbered_turn(0, 0, 3));
  db().append("s", 1, numbered_turn(1, 3, 0));
  db().append("s", 2, numbered_turn(2, 3, 1));
  db().append("s", 3, numbered_turn(3, 4, 4));
  db().append("s", 4, numbered_turn(4, 8, 0));
  expect_every_bound(db(), "s", numbered_snapshot(5, 8));
}

TEST_P(StoreContract, ABoundedLoadReachesBackBeforeTheAppends) {
  db().save("s", numbered_snapshot(3, 4));
  db().append("s", 3, numbered_turn(3, 4, 2));
  db().append("s", 4, numbered_turn(4, 6, 0));
  db().append("s", 5, numbered_turn(5, 6, 3));
  expect_every_bound(db(), "s", numbered_snapshot(6, 9));
}

TEST_P(StoreContract, ABoundedLoadSeesNothingOfARewrittenHistory) {
  for (std::int64_t v = 0; v < 6; ++v) db().append("s", v, numbered_turn(v, v, 2));
  db().save("s", numbered_snapshot(7, 2));
  expect_every_bound(db(), "s", numbered_snapshot(7, 2));
  db().append("s", 7, numbered_turn(7, 2, 2));
  expect_every_bound(db(), "s", numbered_snapshot(8, 4));
}

TEST_P(StoreContract, ABoundedLoadOfNoEventsIsNotPartial) {
  db().append("s", 0, numbered_turn(0, 0, 0));
  expect_every_bound(db(), "s", numbered_snapshot(1, 0));
}

TEST_P(StoreContract, ABoundedLoadOfAnAbsentSessionIsNothing) {
  for (const std::size_t last : {std::size_t{0}, std::size_t{1}, std::size_t{100}}) {
    EXPECT_FALSE(db().load("nobody", {.last = last}).has_value());
  }
}

TEST_P(StoreContract, APartialSnapshotIsRefusedByASave) {
  db().save("s", numbered_snapshot(3, 5));
  auto partial = *db().load("s", {.last = 2});
  partial.version = 4;
  const auto refused = attempt([&] { return db().save("s", partial); });
  EXPECT_EQ(refused.code, errc::invalid_argument);
  EXPECT_NE(refused.diag.message(), "");
  const auto elsewhere = attempt([&] { return db().save("other", partial); });
  EXPECT_EQ(elsewhere.code, errc::invalid_argument);
  expect_stored("s", numbered_snapshot(3, 5));
  expect_absent("other");
}

TEST_P(StoreContract, AnAppendStandsOnAPartialLoad) {
  db().save("s", numbered_snapshot(3, 5));
  const auto partial = *db().load("s", {.last = 1});
  db().append("s", partial.version, numbered_turn(partial.version, partial.total_events()));
  expect_stored("s", numbered_snapshot(4, 6));
}

TEST_P(StoreContract, ALoadWithEveryEventCanBeSaved) {
  db().save("s", numbered_snapshot(3, 5));
  auto whole = *db().load("s", {.last = 5});
  whole.version = 4;
  EXPECT_EQ(db().save("s", whole), 4);
}

}  // namespace atto::testing
