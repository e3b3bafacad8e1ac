#pragma once

#include <atto/testing/contract_fixture.hpp>

#include <cstdint>
#include <future>
#include <utility>

/// Rules: what a whole save's guard lets through.
namespace atto::testing {

TEST_P(StoreContract, NewerTakesAFirstWriteOfAnyVersion) {
  EXPECT_EQ(db().save("one", numbered_snapshot(1)), 1);
  EXPECT_EQ(db().save("forty", numbered_snapshot(40)), 40);
  expect_stored("forty", numbered_snapshot(40));
}

TEST_P(StoreContract, NewerTakesTheNextVersion) {
  db().save("s", numbered_snapshot(1));
  EXPECT_EQ(db().save("s", numbered_snapshot(2, 2)), 2);
  expect_stored("s", numbered_snapshot(2, 2));
}

TEST_P(StoreContract, NewerTakesAVersionThatSkipsNumbers) {
  db().save("s", numbered_snapshot(3));
  EXPECT_EQ(db().save("s", numbered_snapshot(9)), 9);
  expect_stored("s", numbered_snapshot(9));
}

TEST_P(StoreContract, NewerRefusesTheVersionThatIsStored) {
  db().save("s", numbered_snapshot(2, 2));
  expect_conflict(attempt([&] { return db().save("s", numbered_snapshot(2, 5)); }), 2, 2);
  expect_stored("s", numbered_snapshot(2, 2));
}

TEST_P(StoreContract, NewerRefusesTheSameSnapshotASecondTime) {
  db().save("s", numbered_snapshot(2, 2));
  expect_conflict(attempt([&] { return db().save("s", numbered_snapshot(2, 2)); }), 2, 2);
}

TEST_P(StoreContract, NewerRefusesALowerVersion) {
  db().save("s", numbered_snapshot(7, 2));
  expect_conflict(attempt([&] { return db().save("s", numbered_snapshot(6, 5)); }), 7, 6);
  expect_conflict(attempt([&] { return db().save("s", numbered_snapshot(1, 5)); }), 7, 1);
  expect_stored("s", numbered_snapshot(7, 2));
}

TEST_P(StoreContract, NewerComparesWithWhatAppendsMade) {
  db().append("s", 0, numbered_turn(0, 0));
  db().append("s", 1, numbered_turn(1, 1));
  expect_conflict(attempt([&] { return db().save("s", numbered_snapshot(2, 5)); }), 2, 2);
  expect_stored("s", numbered_snapshot(2, 2));
  EXPECT_EQ(db().save("s", numbered_snapshot(3, 5)), 3);
}

TEST_P(StoreContract, NewerTakesNoBase) {
  const auto refused = attempt([&] { return db().save("s", numbered_snapshot(2), {.base = 1}); });
  EXPECT_EQ(refused.code, errc::invalid_argument);
  expect_absent("s");
}

TEST_P(StoreContract, ExactOnZeroCreates) {
  EXPECT_EQ(db().save("s", numbered_snapshot(5), {.guard = guard::exact, .base = 0}), 5);
  expect_stored("s", numbered_snapshot(5));
}

TEST_P(StoreContract, ExactOnZeroRefusesASessionThatExists) {
  db().save("s", numbered_snapshot(1));
  expect_conflict(attempt([&] { return db().save("s", numbered_snapshot(9), {.guard = guard::exact}); }), 1, 0);
  expect_stored("s", numbered_snapshot(1));
}

TEST_P(StoreContract, ExactReplacesTheVersionItNames) {
  db().save("s", numbered_snapshot(4));
  EXPECT_EQ(db().save("s", numbered_snapshot(5, 3), {.guard = guard::exact, .base = 4}), 5);
  EXPECT_EQ(db().save("s", numbered_snapshot(50, 2), {.guard = guard::exact, .base = 5}), 50);
  expect_stored("s", numbered_snapshot(50, 2));
}

TEST_P(StoreContract, ExactRefusesEveryOtherVersion) {
  db().save("s", numbered_snapshot(4));
  const auto save_on = [&](std::int64_t base) {
    return attempt([&] { return db().save("s", numbered_snapshot(9), {.guard = guard::exact, .base = base}); });
  };
  expect_conflict(save_on(3), 4, 3);
  expect_conflict(save_on(5), 4, 5);
  expect_conflict(save_on(8), 4, 8);
  expect_stored("s", numbered_snapshot(4));
}

TEST_P(StoreContract, ExactOnAVersionOfAnAbsentSessionIsAConflict) {
  const save_options on_three{.guard = guard::exact, .base = 3};
  expect_conflict(attempt([&] { return db().save("s", numbered_snapshot(4), on_three); }), 0, 3);
  expect_absent("s");
}

TEST_P(StoreContract, ExactRefusesABaseThatIsNotBelowTheVersion) {
  db().save("s", numbered_snapshot(4));
  for (const std::int64_t base : {std::int64_t{4}, std::int64_t{5}, std::int64_t{-1}, max_version}) {
    const save_options options{.guard = guard::exact, .base = base};
    EXPECT_EQ(attempt([&] { return db().save("s", numbered_snapshot(4, 3), options); }).code, errc::invalid_argument);
  }
  expect_stored("s", numbered_snapshot(4));
}

TEST_P(StoreContract, AConflictGivesNoValue) {
  db().save("s", numbered_snapshot(4));
  diagnostics diag;
  std::promise<std::pair<error_code, std::int64_t>> done;
  handle().async_save("s", numbered_snapshot(4), {.diag = &diag}, [&done](error_code ec, std::int64_t v) {
    done.set_value({ec, v});
  });
  const auto [ec, version] = done.get_future().get();
  EXPECT_EQ(ec, errc::concurrent_write);
  EXPECT_EQ(version, 0);
  EXPECT_EQ(diag.stored_version(), 4);
}

}  // namespace atto::testing
