#include "integration/postgres/postgres_store_test.hpp"

#include <boost/asio/use_future.hpp>

#include <gmock/gmock.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string>
#include <thread>

namespace atto::postgres {
namespace {

class PostgresAppend : public postgres_store_test {
 protected:
  void prepare() override {
    use_one_connection();
    store->ensure_schema();
  }

  void use_one_connection() { use(open_store({.size = 1, .lock_timeout = no_giving_way})); }

  static turn one_event(int n) { return {{}, history{json("{\"n\":" + std::to_string(n) + "}")}}; }

  void append_turns(const std::string& id, std::int64_t from, std::int64_t to) {
    for (std::int64_t base = from; base < to; ++base) store->append(id, base, one_event(static_cast<int>(base)));
  }

  /// What a few appends write to the log; the least of several tries, since other tests write to it as well.
  std::int64_t wal_of_appends(const std::string& id, std::int64_t from, int tries) {
    constexpr std::int64_t appends = 5;
    const std::string position = "SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn";
    std::int64_t least = std::numeric_limits<std::int64_t>::max();
    for (int i = 0; i < tries; ++i, from += appends) {
      const std::int64_t before = std::stoll(watcher->value(position));
      append_turns(id, from, from + appends);
      least = std::min<std::int64_t>(least, std::stoll(watcher->value(position)) - before);
    }
    return least;
  }
};

TEST_F(PostgresAppend, CostsNoMoreWalOnALongHistoryThanOnAShortOne) {
  std::string text(100, 'x');
  history long_past;
  for (int i = 0; i < 2000; ++i) long_past.push_back(json::string(text + std::to_string(i)));
  store->save("short", snapshot(1, {}, history{json("1")}));
  store->save("long", snapshot(1, {}, long_past));
  append_turns("short", 1, 20);
  append_turns("long", 1, 20);
  watcher->run("CHECKPOINT");  // pages are logged whole once after it: both pay for theirs now
  append_turns("short", 20, 25);
  append_turns("long", 20, 25);
  const auto on_short = wal_of_appends("short", 25, 20);
  const auto on_long = wal_of_appends("long", 25, 20);
  EXPECT_LT(on_long, 2 * on_short);
}

TEST_F(PostgresAppend, ALoadOfTheLastEventsReadsOnlyTheTurnsItNeeds) {
  append_turns("s", 0, 1000);
  store->close();  // a backend that ends hands in its counts
  const std::string read = "SELECT coalesce(idx_tup_fetch, 0) FROM pg_stat_user_tables WHERE relname = $1";
  const auto settled = [&] {
    while (watcher->value("SELECT count(*) FROM pg_stat_activity WHERE application_name = $1", {table->name()}) !=
           "0") {
      std::this_thread::yield();
    }
    watcher->run("SELECT pg_stat_clear_snapshot()");
    return std::stoll(watcher->value(read, {table->name() + "_tail"}));
  };
  const auto before = settled();
  use_one_connection();
  const auto snap = store->load("s", {.last = 20});
  store->close();
  ASSERT_EQ(snap->history.size(), 20U);
  EXPECT_EQ(snap->events_before, 980);
  EXPECT_EQ(snap->history.back(), json("{\"n\":999}"));
  EXPECT_LE(settled() - before, 50);
}

TEST_F(PostgresAppend, ALoadOfTheLastEventsIsRightWhateverWroteThem) {
  history expected;
  std::int64_t version = 0;
  const auto add = [&](const turn& t) {
    version = store->append("s", version, t);
    expected.append(t.events);
  };
  add(one_event(0));
  for (int i = 1; i < 6; ++i) add(one_event(i));
  add({});  // a turn without an event
  add({{}, history{json("\"a\""), json("\"b\""), json("\"c\"")}});
  add({});
  const auto check = [&] {
    for (std::size_t last = 0; last <= expected.size() + 1; ++last) {
      const auto snap = store->load("s", {.last = last});
      const std::size_t kept = std::min(last, expected.size());
      ASSERT_EQ(snap->history.size(), kept) << last;
      EXPECT_EQ(snap->events_before, static_cast<std::int64_t>(expected.size() - kept)) << last;
      EXPECT_TRUE(
          std::equal(snap->history.begin(), snap->history.end(), expected.end() - static_cast<std::ptrdiff_t>(kept)))
          << last;
    }
  };
  check();
  version += 5;
  expected = history{json("\"summary\""), json("\"and one more\"")};
  store->save("s", snapshot(version, {}, expected));
  check();
  for (int i = 0; i < 4; ++i) add(one_event(i));
  check();
}

TEST_F(PostgresAppend, ASaveThatWaitedForAnAppendLeavesNothingOfItBehind) {
  append_turns("s", 0, 3);
  begin_foreign_append("s");
  auto saved = made->async_save("s", snapshot(9, {}, history{json("\"summary\"")}), {}, boost::asio::use_future);
  wait_until_stuck();
  foreign->run("COMMIT");
  EXPECT_EQ(saved.get(), 9);
  append_turns("s", 9, 11);
  const auto snap = store->load("s");
  ASSERT_EQ(snap->history.size(), 3U);
  EXPECT_EQ(snap->history[0], json("\"summary\""));
  EXPECT_EQ(watcher->value("SELECT count(*) FROM " + table->name() + "_tail"), "2");  // the errand saw it as well
}

TEST_F(PostgresAppend, ASessionBegunAfterARemoveThatWaitedForAnAppendInheritsNothing) {
  append_turns("s", 0, 3);
  begin_foreign_append("s");
  auto removed = made->async_remove("s", {}, boost::asio::use_future);
  wait_until_stuck();
  foreign->run("COMMIT");
  EXPECT_TRUE(removed.get());
  EXPECT_EQ(watcher->value("SELECT count(*) FROM " + table->name() + "_tail"), "0");
  append_turns("s", 0, 6);
  EXPECT_EQ(store->load("s")->history.size(), 6U);
}

TEST_F(PostgresAppend, AnAppendThatWaitedForASaveIsRefused) {
  append_turns("s", 0, 3);
  foreign->run("BEGIN; UPDATE " + table->name() +
               " SET version = 7, history = '[]', history_version = 7, events = 0 WHERE session_id = 's'");
  auto appended = made->async_append("s", 3, one_event(3), {}, boost::asio::use_future);
  wait_until_stuck();
  foreign->run("COMMIT");
  EXPECT_THROW(appended.get(), boost::system::system_error);
  EXPECT_EQ(store->load("s")->version, 7);
  EXPECT_TRUE(store->load("s")->history.empty());
}

}  // namespace
}  // namespace atto::postgres
