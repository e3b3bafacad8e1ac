// One test, at least, for each row of the seed's table: what the Go package's page promises, kept here.

#include <atto/blocking_store.hpp>
#include <atto/postgres_store.hpp>

#include "support/failure_of.hpp"
#include "support/io_thread.hpp"
#include "support/test_postgres.hpp"

#include <boost/asio/use_future.hpp>

#include <gmock/gmock.h>
#include <libpq-fe.h>

#include <chrono>
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

class PostgresSeed : public testing::Test {
 protected:
  void SetUp() override {
    ATTO_REQUIRE_POSTGRES_SERVER();
    table = std::make_unique<test_table>("seed");
  }

  std::unique_ptr<session_store> open_store(io_thread& io) {
    return open(io.executor(), test_postgres::dsn(), {.table = table->name()});
  }

  std::unique_ptr<test_table> table;
};

snapshot a_snapshot(std::int64_t version) {
  state s;
  s.set("mood", json(R"("calm")"));
  return {version, s, history{json(R"({"role":"user","content":"hello"})")}};
}

TEST_F(PostgresSeed, OpenOwnsItsPoolAndCloseClosesIt) {
  io_thread io;
  const auto owner =
      open(io.executor(), test_postgres::dsn() + " application_name=" + table->name(), {.table = table->name()});
  blocking_store store(*owner);
  store.ensure_schema();
  test_connection watcher;
  const std::string mine = "SELECT count(*) FROM pg_stat_activity WHERE application_name = $1";
  EXPECT_EQ(watcher.value(mine, {table->name()}), "1");
  store.close();
  EXPECT_EQ(failure_of([&] { static_cast<void>(store.load("s")); }).code, errc::closed);
  while (watcher.value(mine, {table->name()}) != "0") std::this_thread::yield();  // or the test's time-out
}

TEST_F(PostgresSeed, NewWithPoolBorrowsAndCloseLeavesThePoolAlone) {
  io_thread io;
  pool shared(io.executor(), test_postgres::dsn());
  const auto first = with_pool(shared, {.table = table->name()});
  const auto second = with_pool(shared, {.table = table->name()});
  blocking_store one(*first), two(*second);
  one.ensure_schema();
  one.save("s", a_snapshot(1));
  one.close();
  EXPECT_EQ(failure_of([&] { one.save("s", a_snapshot(2)); }).code, errc::closed);
  EXPECT_EQ(two.load("s")->version, 1);
  const lease own_queries = shared.async_lease({}, boost::asio::use_future).get();
  EXPECT_TRUE(own_queries);
}

TEST_F(PostgresSeed, TheApplicationsOwnQueriesShareThePool) {
  io_thread io;
  pool shared(io.executor(), test_postgres::dsn(), {.size = 2});
  const auto made = with_pool(shared, {.table = table->name()});
  blocking_store store(*made);
  store.ensure_schema();
  {
    const lease mine = shared.async_lease({}, boost::asio::use_future).get();
    PGresult* result = PQexec(mine.native_handle(), "SELECT 6 * 7");
    EXPECT_STREQ(PQgetvalue(result, 0, 0), "42");
    PQclear(result);
    store.save("s", a_snapshot(1));  // a lease never takes the last connection
  }
  EXPECT_EQ(store.load("s")->version, 1);
}

TEST_F(PostgresSeed, EnsureSchemaIsIdempotent) {
  io_thread io;
  const auto made = open_store(io);
  blocking_store store(*made);
  store.ensure_schema();
  store.save("s", a_snapshot(1));
  store.ensure_schema();
  EXPECT_EQ(store.load("s"), a_snapshot(1));
}

TEST_F(PostgresSeed, SaveOfAVersionNotStrictlyNewerIsAConcurrentWriteWithBothVersions) {
  io_thread io;
  const auto made = open_store(io);
  blocking_store store(*made);
  store.ensure_schema();
  store.save("s", a_snapshot(5));
  for (const std::int64_t version : {4, 5}) {
    const failure_of refused([&] { store.save("s", a_snapshot(version)); });
    EXPECT_EQ(refused.code, errc::concurrent_write);
    EXPECT_EQ(refused.diag.stored_version(), 5);
    EXPECT_EQ(refused.diag.supplied_version(), version);
  }
  EXPECT_EQ(store.save("s", a_snapshot(6)), 6);
}

TEST_F(PostgresSeed, LoadAndDeleteOfAnAbsentSessionAreNoError) {
  io_thread io;
  const auto made = open_store(io);
  blocking_store store(*made);
  store.ensure_schema();
  EXPECT_EQ(store.load("nobody"), std::nullopt);
  EXPECT_FALSE(store.remove("nobody"));
}

TEST_F(PostgresSeed, StateAndHistoryAreJsonbAndComeBackEqual) {
  io_thread io;
  const auto made = open_store(io);
  blocking_store store(*made);
  store.ensure_schema();
  store.save("s", a_snapshot(1));
  store.append("s", 1, turn(a_snapshot(1).state, history{json("[1,2]"), json("null")}));
  test_connection sql;
  EXPECT_EQ(sql.value("SELECT pg_typeof(state)::text || pg_typeof(history)::text FROM " + table->name()), "jsonbjsonb");
  EXPECT_EQ(sql.value("SELECT history::text FROM " + table->name() + "_snapshot"),
            R"([{"role": "user", "content": "hello"}, [1, 2], null])");
  const auto loaded = store.load("s");
  ASSERT_TRUE(loaded);
  EXPECT_EQ(loaded->version, 2);
  EXPECT_EQ(loaded->state, a_snapshot(1).state);
  EXPECT_EQ(loaded->history.count(), 3U);
}

TEST_F(PostgresSeed, CtxIsADeadlineOnEveryOperation) {
  io_thread io;
  const auto made = open_store(io);
  blocking_store store(*made);
  store.ensure_schema();
  store.save("s", a_snapshot(1));
  test_connection blocker;
  blocker.run("BEGIN; LOCK TABLE " + table->name() + " IN ACCESS EXCLUSIVE MODE");
  constexpr std::chrono::milliseconds timeout(100);
  EXPECT_EQ(failure_of([&] { static_cast<void>(store.load("s", {.timeout = timeout})); }).code, errc::timed_out);
  EXPECT_EQ(failure_of([&] { static_cast<void>(store.list({.timeout = timeout})); }).code, errc::timed_out);
  EXPECT_EQ(failure_of([&] { store.save("s", a_snapshot(2), {.timeout = timeout}); }).code, errc::outcome_unknown);
  EXPECT_EQ(failure_of([&] { store.append("s", 1, turn(), {.timeout = timeout}); }).code, errc::outcome_unknown);
  EXPECT_EQ(failure_of([&] { store.remove("s", {.timeout = timeout}); }).code, errc::timed_out);  // it looks
  blocker.run("ROLLBACK");
}

TEST_F(PostgresSeed, WithTableTakesASchemaAndQuotesItNeverSplices) {
  io_thread io;
  test_connection sql;
  sql.run("CREATE TABLE IF NOT EXISTS public.atto_innocent (id int)");
  const std::string hostile = R"(x"; DROP TABLE atto_innocent; --)";
  const auto made = open(io.executor(), test_postgres::dsn(), {.table = "public." + hostile});
  blocking_store store(*made);
  store.ensure_schema();
  store.save("s", a_snapshot(1));
  EXPECT_EQ(store.load("s"), a_snapshot(1));
  EXPECT_EQ(sql.value("SELECT count(*) FROM pg_tables WHERE tablename = 'atto_innocent'"), "1");
  EXPECT_EQ(sql.value("SELECT count(*) FROM pg_tables WHERE tablename = $1", {hostile}), "1");
  sql.run(R"(DROP VIEW public."x""; DROP TABLE atto_innocent; --_snapshot")");
  sql.run(R"(DROP TABLE public."x""; DROP TABLE atto_innocent; --", public."x""; DROP TABLE atto_innocent; --_tail")");
  sql.run("DROP TABLE public.atto_innocent");
}

}  // namespace
}  // namespace atto::postgres
