#include "integration/postgres/postgres_store_test.hpp"
#include "support/failure_of.hpp"

#include <boost/asio/use_future.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <string>

namespace atto::postgres {
namespace {

using test::failure_of;

class PostgresClaim : public postgres_store_test {
 protected:
  void prepare() override {
    use(open_store({.size = 1, .lock_timeout = no_giving_way}));
    store->ensure_schema();
  }

  [[nodiscard]] std::string rows_of(const std::string& suffix) {
    return watcher->value("SELECT count(*) FROM " + table->name() + suffix);
  }
};

TEST_F(PostgresClaim, ThatWaitedForAnAppendLoadsWhatItAdded) {
  store->save("s", snapshot(1, {}, {json("1")}));
  begin_foreign_append("s");
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
  EXPECT_EQ(store->find_turn("s", message_id("one")), turn_record(2, {json("1")}));
  EXPECT_TRUE(store->remove("s"));
  EXPECT_EQ(rows_of("_tail"), "0");
}

}  // namespace
}  // namespace atto::postgres
