// One test, at least, for each row of the seed's table: what the Go package's page promises, kept here.

#include "integration/postgres/postgres_store_test.hpp"
#include "support/failure_of.hpp"

#include <boost/asio/use_future.hpp>

#include <gmock/gmock.h>
#include <libpq-fe.h>

#include <chrono>
#include <string>
#include <thread>

namespace atto::postgres {
namespace {

using test::failure_of;
using test::test_postgres;

class PostgresSeed : public postgres_store_test {};

snapshot a_snapshot(std::int64_t version) {
  state s;
  s.set("mood", json(R"("calm")"));
  return {version, s, history{json(R"({"role":"user","content":"hello"})")}};
}

TEST_F(PostgresSeed, OpenOwnsItsPoolAndCloseClosesIt) {
  use(open_store());
  store->ensure_schema();
  const std::string mine = "SELECT count(*) FROM pg_stat_activity WHERE application_name = $1";
  EXPECT_EQ(watcher->value(mine, {table->name()}), "1");
  store->close();
  EXPECT_EQ(failure_of([&] { static_cast<void>(store->load("s")); }).code, errc::closed);
  while (watcher->value(mine, {table->name()}) != "0") std::this_thread::yield();  // or the test's time-out
}

TEST_F(PostgresSeed, NewWithPoolBorrowsAndCloseLeavesThePoolAlone) {
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
  pool shared(io.executor(), test_postgres::dsn(), {.size = 2});
  use(with_pool(shared, {.table = table->name()}));
  store->ensure_schema();
  {
    const lease mine = shared.async_lease({}, boost::asio::use_future).get();
    PGresult* result = PQexec(mine.native_handle(), "SELECT 6 * 7");
    EXPECT_STREQ(PQgetvalue(result, 0, 0), "42");
    PQclear(result);
    store->save("s", a_snapshot(1));  // a lease never takes the last connection
  }
  EXPECT_EQ(store->load("s")->version, 1);
}

TEST_F(PostgresSeed, EnsureSchemaIsIdempotent) {
  use(open_store());
  store->ensure_schema();
  store->save("s", a_snapshot(1));
  store->ensure_schema();
  EXPECT_EQ(store->load("s"), a_snapshot(1));
}

TEST_F(PostgresSeed, SaveOfAVersionNotStrictlyNewerIsAConcurrentWriteWithBothVersions) {
  use(open_store());
  store->ensure_schema();
  store->save("s", a_snapshot(5));
  for (const std::int64_t version : {4, 5}) {
    const failure_of refused([&] { store->save("s", a_snapshot(version)); });
    EXPECT_EQ(refused.code, errc::concurrent_write);
    EXPECT_EQ(refused.diag.stored_version(), 5);
    EXPECT_EQ(refused.diag.supplied_version(), version);
  }
  EXPECT_EQ(store->save("s", a_snapshot(6)), 6);
}

TEST_F(PostgresSeed, LoadAndDeleteOfAnAbsentSessionAreNoError) {
  use(open_store());
  store->ensure_schema();
  EXPECT_EQ(store->load("nobody"), std::nullopt);
  EXPECT_FALSE(store->remove("nobody"));
}

TEST_F(PostgresSeed, StateAndHistoryAreJsonbAndComeBackEqual) {
  use(open_store());
  store->ensure_schema();
  store->save("s", a_snapshot(1));
  store->append("s", 1, turn(a_snapshot(1).state, history{json("[1,2]"), json("null")}));
  EXPECT_EQ(watcher->value("SELECT pg_typeof(state)::text || pg_typeof(history)::text FROM " + table->name()),
            "jsonbjsonb");
  EXPECT_EQ(watcher->value("SELECT history::text FROM " + table->name() + "_snapshot"),
            R"([{"role": "user", "content": "hello"}, [1, 2], null])");
  const auto loaded = store->load("s");
  ASSERT_TRUE(loaded);
  EXPECT_EQ(loaded->version, 2);
  EXPECT_EQ(loaded->state, a_snapshot(1).state);
  EXPECT_EQ(loaded->history.size(), 3U);
}

TEST_F(PostgresSeed, CtxIsADeadlineOnEveryOperation) {
  use(open_store());
  store->ensure_schema();
  store->save("s", a_snapshot(1));
  hold_table();
  constexpr std::chrono::milliseconds timeout(100);
  EXPECT_EQ(failure_of([&] { static_cast<void>(store->load("s", {.timeout = timeout})); }).code, errc::timed_out);
  EXPECT_EQ(failure_of([&] { static_cast<void>(store->list({.timeout = timeout})); }).code, errc::timed_out);
  EXPECT_EQ(failure_of([&] { store->save("s", a_snapshot(2), {.timeout = timeout}); }).code, errc::outcome_unknown);
  EXPECT_EQ(failure_of([&] { store->append("s", 1, turn(), {.timeout = timeout}); }).code, errc::outcome_unknown);
  EXPECT_EQ(failure_of([&] { store->remove("s", {.timeout = timeout}); }).code, errc::timed_out);  // it looks
  let_go();
}

TEST_F(PostgresSeed, WithTableTakesASchemaAndQuotesItNeverSplices) {
  foreign->run("CREATE TABLE IF NOT EXISTS public.atto_innocent (id int)");
  const std::string hostile = R"(x"; DROP TABLE atto_innocent; --)";
  use(open(io.executor(), test_postgres::dsn(), {.table = "public." + hostile}));
  store->ensure_schema();
  store->save("s", a_snapshot(1));
  EXPECT_EQ(store->load("s"), a_snapshot(1));
  EXPECT_EQ(watcher->value("SELECT count(*) FROM pg_tables WHERE tablename = 'atto_innocent'"), "1");
  EXPECT_EQ(watcher->value("SELECT count(*) FROM pg_tables WHERE tablename = $1", {hostile}), "1");
  foreign->run(R"(DROP VIEW public."x""; DROP TABLE atto_innocent; --_snapshot")");
  foreign->run(
      R"(DROP TABLE public."x""; DROP TABLE atto_innocent; --", public."x""; DROP TABLE atto_innocent; --_tail")");
  foreign->run("DROP TABLE public.atto_innocent");
}

}  // namespace
}  // namespace atto::postgres
