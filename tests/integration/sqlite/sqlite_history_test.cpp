#include <atto/blocking_store.hpp>

#include "integration/sqlite/raw_database.hpp"
#include "support/temp_dir.hpp"

#include <gtest/gtest.h>

#include <string>

namespace atto {
namespace {

json numbered(std::size_t i) {
  return json(std::to_string(i));
}

history numbers(std::size_t from, std::size_t count) {
  history events;
  for (std::size_t i = from; i < from + count; ++i) events.push_back(numbered(i));
  return events;
}

class SqliteHistory : public ::testing::Test {
 protected:
  void SetUp() override { store_.ensure_schema(); }

  std::string value(const std::string& sql) { return test::raw_database(path_).value(sql); }

  test::temp_dir dir_;
  std::string path_ = dir_.file("store.db");
  blocking_store store_{"sqlite:" + path_};
};

TEST_F(SqliteHistory, EveryBoundedLoadGivesTheNewestEvents) {
  store_.save("a", snapshot(5, {}, numbers(0, 4)));
  store_.append("a", 5, turn({}, numbers(4, 1)));
  store_.append("a", 6, turn());
  store_.append("a", 7, turn({}, numbers(5, 3)));

  for (std::size_t last = 0; last <= 9; ++last) {
    const auto snap = store_.load("a", {.last = last});
    const std::size_t wanted = std::min<std::size_t>(last, 8);
    EXPECT_EQ(snap->history, numbers(8 - wanted, wanted)) << last;
    EXPECT_EQ(snap->total_events(), 8) << last;
    EXPECT_EQ(snap->version, 8) << last;
  }
}

TEST_F(SqliteHistory, AnAppendLeavesTheStoredHistoryWhereItIs) {
  store_.save("a", snapshot(1, {}, numbers(0, 1000)));
  const std::string before = value("SELECT hex(write_id) FROM atto_sessions_tail WHERE version = 1");

  store_.append("a", 1, turn({}, numbers(1000, 1)));

  EXPECT_EQ(value("SELECT hex(write_id) FROM atto_sessions_tail WHERE version = 1"), before);
  EXPECT_EQ(value("SELECT events FROM atto_sessions_tail WHERE version = 2"), "[1000]");
  EXPECT_EQ(value("SELECT length(state) FROM atto_sessions"), "2");
}

TEST_F(SqliteHistory, AWholeSaveAndARemoveLeaveNothingOfThePast) {
  store_.append("a", 0, turn({}, numbers(0, 2)));
  store_.append("a", 1, turn({}, numbers(2, 2)));

  store_.save("a", snapshot(9, {}, numbers(7, 1)));
  EXPECT_EQ(value("SELECT group_concat(version || events) FROM atto_sessions_tail"), "9[7]");

  store_.remove("a");
  EXPECT_EQ(value("SELECT count(*) FROM atto_sessions_tail"), "0");
  store_.append("a", 0, turn());
  EXPECT_TRUE(store_.load("a")->history.empty());
}

TEST_F(SqliteHistory, TheViewShowsWholeHistoriesWithEveryDigit) {
  const json exact(R"([123456789012345678901234567890.000000000000000000001,"\u0000"])");
  store_.save("a", snapshot(1, state::from_object(json(R"({"k":1})")), history{exact}));
  store_.append("a", 1, turn({}, {}));
  store_.append("a", 2, turn({}, history{json("2"), json("[]")}));
  store_.append("b", 0, turn());

  const std::string stored = value("SELECT history FROM atto_sessions_snapshot WHERE session_id = 'a'");
  EXPECT_EQ(json(stored), json("[" + std::string(exact.text()) + ",2,[]]"));
  EXPECT_EQ(value("SELECT history FROM atto_sessions_snapshot WHERE session_id = 'b'"), "[]");
  EXPECT_EQ(value("SELECT version FROM atto_sessions_snapshot WHERE session_id = 'a'"), "3");
}

TEST_F(SqliteHistory, WhatIsCountedIsTheHistory) {
  const history events = numbers(0, 3);
  store_.save("a", snapshot(1, state::from_object(json(R"({"k":"not counted"})")), events));
  store_.append("a", 1, turn({}, events));

  EXPECT_EQ(value("SELECT bytes FROM atto_sessions"), std::to_string(2 * events.bytes()));
  EXPECT_EQ(value("SELECT events FROM atto_sessions"), "6");
  EXPECT_EQ(value("SELECT length(write_id) FROM atto_sessions"), "16");
}

}  // namespace
}  // namespace atto
