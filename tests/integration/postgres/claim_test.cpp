#include <atto/blocking_store.hpp>
#include <atto/postgres_store.hpp>

#include "support/failure_of.hpp"
#include "support/io_thread.hpp"
#include "support/test_postgres.hpp"

#include <boost/asio/use_future.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>

namespace atto::postgres {
namespace {

using test::failure_of;
using test::io_thread;
using test::test_connection;
using test::test_postgres;
using test::test_table;

class PostgresClaim : public testing::Test {
 protected:
  void SetUp() override {
    ATTO_REQUIRE_POSTGRES_SERVER();
    table = std::make_unique<test_table>("claim");
    foreign = std::make_unique<test_connection>();
    watcher = std::make_unique<test_connection>();
    made = open(io.executor(), test_postgres::dsn() + " application_name=" + table->name(), {.table = table->name()},
                {.size = 1, .lock_timeout = std::chrono::hours(1)});
    store = std::make_unique<blocking_store>(*made);
    store->ensure_schema();
  }
  void TearDown() override {
    foreign.reset();
    store.reset();
    made.reset();
  }

  /// What an append of another client does, up to its commit.
  void begin_foreign_append() {
    foreign->run("BEGIN; UPDATE " + table->name() +
                 " SET version = version + 1, events = events + 1 WHERE session_id = 's'; INSERT INTO " +
                 table->name() +
                 "_tail (session_id, version, events, events_total) SELECT session_id, version,"
                 " '[\"foreign\"]', events FROM " +
                 table->name() + " WHERE session_id = 's'");
  }
  void wait_until_stuck() {
    const std::string stuck =
        "SELECT count(*) FROM pg_stat_activity WHERE application_name = $1 AND wait_event_type = 'Lock'";
    while (watcher->value(stuck, {table->name()}) == "0") std::this_thread::yield();
  }
  [[nodiscard]] std::string rows_of(const std::string& suffix) {
    return watcher->value("SELECT count(*) FROM " + table->name() + suffix);
  }

  io_thread io;
  std::unique_ptr<test_table> table;
  std::unique_ptr<test_connection> foreign, watcher;
  std::unique_ptr<session_store> made;
  std::unique_ptr<blocking_store> store;
};

TEST_F(PostgresClaim, ThatWaitedForAnAppendLoadsWhatItAdded) {
  store->save("s", snapshot(1, {}, {json("1")}));
  begin_foreign_append();
  auto claimed = made->async_claim("s", "me", {}, boost::asio::use_future);
  wait_until_stuck();
  foreign->run("COMMIT");
  EXPECT_EQ(claimed.get().snap, snapshot(2, {}, {json("1"), json("\"foreign\"")}));
}

TEST_F(PostgresClaim, ThatRunsOutWhileAnotherOwnerWaitsIsTakenOver) {
  const std::int64_t epoch = store->claim("s", "me", {.ttl = std::chrono::hours(1)}).epoch;
  foreign->run("BEGIN; UPDATE " + table->name() + " SET owned_until = now() WHERE session_id = 's'");
  auto claimed = made->async_claim("s", "other", {}, boost::asio::use_future);
  wait_until_stuck();
  foreign->run("COMMIT");
  EXPECT_GT(claimed.get().epoch, epoch);
}

TEST_F(PostgresClaim, IsNoSessionForTheView) {
  store->claim("s", "me");
  EXPECT_EQ(rows_of(""), "1");
  EXPECT_EQ(rows_of("_snapshot"), "0");
  store->append("s", 0, {});
  EXPECT_EQ(rows_of("_snapshot"), "1");
}

TEST_F(PostgresClaim, AWriteUnderItThatWaitedForATakeoverIsRefused) {
  store->save("s", snapshot(1, {}, {json("1")}));
  const std::int64_t epoch = store->claim("s", "me").epoch;
  foreign->run("BEGIN; UPDATE " + table->name() + " SET owner = 'other', epoch = epoch + 1 WHERE session_id = 's'");
  auto appended = made->async_append("s", 1, {}, {.epoch = epoch}, boost::asio::use_future);
  wait_until_stuck();
  foreign->run("COMMIT");
  const failure_of refused([&] { static_cast<void>(store->append("s", 1, {}, {.epoch = epoch})); });
  EXPECT_THROW(appended.get(), boost::system::system_error);
  EXPECT_EQ(refused.code, errc::claim_lost);
  EXPECT_EQ(store->load("s")->version, 1);
}

TEST_F(PostgresClaim, ASaveThatReplacesTurnsKeepsThoseWithAMessageIdAlone) {
  store->append("s", 0, {{}, {json("0")}});
  store->append("s", 1, {{}, {json("1")}}, {.message_id = message_id("one")});
  store->append("s", 2, {{}, {json("2")}});
  store->save("s", snapshot(4, {}, {json("\"summary\"")}));
  store->append("s", 4, {{}, {json("4")}});  // after the errand, which has the session to itself
  EXPECT_EQ(rows_of("_tail"), "2");
  EXPECT_EQ(store->find_turn("s", message_id("one")), found_turn(2, {json("1")}));
  EXPECT_TRUE(store->remove("s"));
  EXPECT_EQ(rows_of("_tail"), "0");
}

}  // namespace
}  // namespace atto::postgres
