#include <atto/blocking_store.hpp>
#include <atto/postgres_pool.hpp>
#include <atto/postgres_store.hpp>

#include "support/failure_of.hpp"
#include "support/io_thread.hpp"
#include "support/test_postgres.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_future.hpp>

#include <gmock/gmock.h>
#include <libpq-fe.h>
#include <signal.h>

#include <chrono>
#include <cstdlib>
#include <future>
#include <memory>
#include <string>
#include <utility>

namespace atto::postgres {
namespace {

using std::chrono::milliseconds;
using test::failure_of;
using test::io_thread;
using test::test_postgres;
using test::test_table;

class PostgresPool : public testing::Test {
 protected:
  void SetUp() override { ATTO_REQUIRE_POSTGRES_SERVER(); }

  static std::string query(const lease& l, const char* sql) {
    PGresult* result = PQexec(l.native_handle(), sql);
    std::string value = PQntuples(result) > 0 ? PQgetvalue(result, 0, 0) : "";
    PQclear(result);
    return value;
  }

  static std::pair<error_code, lease> lend(pool& p, operation_options o = {}) {
    std::promise<std::pair<error_code, lease>> promise;
    p.async_lease(o, [&](error_code ec, lease l) { promise.set_value({ec, std::move(l)}); });
    return promise.get_future().get();
  }

  static constexpr int most_tries = 1000;

  /// A lease of that backend, which may not have come back yet: another connection is lent then, and tried again.
  static lease lend_again(pool& p, const std::string& backend) {
    lease l = lend(p).second;
    for (int i = 0; i < most_tries && query(l, "SELECT pg_backend_pid()") != backend; ++i) {
      l = lease();
      l = lend(p).second;
    }
    return l;
  }

  io_thread io;
};

TEST_F(PostgresPool, LendsAnIdleBlockingConnection) {
  pool p(io.executor(), test_postgres::dsn());
  const auto [ec, l] = lend(p);
  ASSERT_FALSE(ec);
  EXPECT_EQ(PQpipelineStatus(l.native_handle()), PQ_PIPELINE_OFF);
  EXPECT_EQ(PQisnonblocking(l.native_handle()), 0);
  EXPECT_EQ(query(l, "SHOW lock_timeout"), "0");
  EXPECT_EQ(query(l, "SELECT 1"), "1");
}

TEST_F(PostgresPool, LendsTheSameConnectionAgainAfterItCameBackIdle) {
  pool p(io.executor(), test_postgres::dsn(), {.size = 2});
  const std::string first = query(lend(p).second, "SELECT pg_backend_pid()");
  EXPECT_EQ(query(lend_again(p, first), "SELECT pg_backend_pid()"), first);
}

TEST_F(PostgresPool, DropsAConnectionThatComesBackInATransaction) {
  pool p(io.executor(), test_postgres::dsn(), {.size = 2});
  std::string first;
  {
    const lease l = lend(p).second;
    first = query(l, "SELECT pg_backend_pid()");
    query(l, "BEGIN");
  }
  EXPECT_NE(query(lend(p).second, "SELECT pg_backend_pid()"), first);
}

TEST_F(PostgresPool, UndoesWhatALeaseLeftBehind) {
  const test_table table("lease");
  pool p(io.executor(), test_postgres::dsn(), {.size = 2});
  const auto store = with_pool(p, {.table = table.name()});
  blocking_store blocking(*store);
  blocking.ensure_schema();
  std::string first;
  {
    const lease l = lend(p).second;
    first = query(l, "SELECT pg_backend_pid()");
    query(l, "SET ROLE pg_monitor");
    query(l, "SET statement_timeout = 54321");
    query(l, "DEALLOCATE ALL");
    query(l, ("CREATE TEMP TABLE " + table.name() + " (oops int)").c_str());
  }
  for (int i = 1; i < 9; ++i) blocking.save("s", snapshot(i, {}, {}));
  const lease again = lend_again(p, first);
  EXPECT_EQ(query(again, "SELECT pg_backend_pid()"), first);
  EXPECT_EQ(query(again, "SELECT current_user"), query(again, "SELECT session_user"));
  EXPECT_EQ(query(again, "SHOW statement_timeout"), "30s");
}

TEST_F(PostgresPool, AConnectionThatFallsSilentWhileItIsPreparedForALeaseIsReplaced) {
  pool p(io.executor(), test_postgres::dsn(), {.size = 2});
  const pid_t backend = std::stoi(query(lend(p).second, "SELECT pg_backend_pid()"));
  static_cast<void>(lend_again(p, std::to_string(backend)));
  ASSERT_EQ(::kill(backend, SIGSTOP), 0);
  error_code silent;
  for (int i = 0; i < most_tries && !silent; ++i) silent = lend(p, {.timeout = milliseconds(500)}).first;
  EXPECT_EQ(silent, errc::timed_out);
  const auto [ec, l] = lend(p);
  EXPECT_FALSE(ec);
  EXPECT_NE(query(l, "SELECT pg_backend_pid()"), std::to_string(backend));
  ASSERT_EQ(::kill(backend, SIGCONT), 0);
}

TEST_F(PostgresPool, NeverLendsItsLastConnection) {
  pool p(io.executor(), test_postgres::dsn(), {.size = 2});
  lease first = lend(p).second;
  EXPECT_EQ(lend(p, {.timeout = milliseconds(100)}).first, errc::timed_out);
  first = lease();
  EXPECT_FALSE(lend(p).first);
}

TEST_F(PostgresPool, OfOneConnectionHasNoneToLend) {
  pool p(io.executor(), test_postgres::dsn(), {.size = 1});
  EXPECT_EQ(lend(p).first, errc::invalid_argument);
}

TEST_F(PostgresPool, ALeaseThatTimesOutSaysThatNothingWasLent) {
  pool p(io.executor(), test_postgres::dsn(), {.size = 2});
  const lease taken = lend(p).second;
  diagnostics diag;
  EXPECT_EQ(lend(p, {.timeout = milliseconds(1), .diag = &diag}).first, errc::timed_out);
  EXPECT_EQ(diag.message(), "the deadline passed; no connection was lent");
}

TEST_F(PostgresPool, AWaitingLeaseCanBeCancelled) {
  pool p(io.executor(), test_postgres::dsn(), {.size = 2});
  const lease taken = lend(p).second;
  boost::asio::cancellation_signal signal;
  std::promise<error_code> promise;
  boost::asio::post(io.executor(), [&] {
    p.async_lease({}, boost::asio::bind_cancellation_slot(signal.slot(),
                                                          [&](error_code ec, const lease&) { promise.set_value(ec); }));
    signal.emit(boost::asio::cancellation_type::total);
  });
  EXPECT_EQ(promise.get_future().get(), errc::operation_aborted);
}

TEST_F(PostgresPool, ALeaseMayOutliveItsPool) {
  lease left;
  {
    pool p(io.executor(), test_postgres::dsn());
    left = lend(p).second;
  }
  EXPECT_EQ(query(left, "SELECT 2"), "2");
}

TEST_F(PostgresPool, CloseRefusesNewWorkAndASecondCloseIsHarmless) {
  pool p(io.executor(), test_postgres::dsn());
  const auto store = with_pool(p, {.table = "whatever"});
  static_cast<void>(lend(p));
  p.async_close(boost::asio::use_future).get();
  p.async_close(boost::asio::use_future).get();
  EXPECT_EQ(lend(p).first, errc::closed);
  blocking_store blocking(*store);
  EXPECT_EQ(failure_of([&] { static_cast<void>(blocking.load("s")); }).code, errc::closed);
}

TEST_F(PostgresPool, ALargeWriteMayBeTheFirstThingOnAConnection) {
  const test_table table("large");
  const auto first = open(io.executor(), test_postgres::dsn(), {.table = table.name()});
  blocking_store(*first).ensure_schema();
  const snapshot large(1, {}, history{json::string(std::string(8 << 20, 'x'))});
  for (int i = 0; i < 3; ++i) {
    const auto fresh = open(io.executor(), test_postgres::dsn(), {.table = table.name()});
    EXPECT_EQ(blocking_store(*fresh).save("s" + std::to_string(i), large), 1);
    EXPECT_EQ(blocking_store(*first).load("s" + std::to_string(i)), large);
  }
}

TEST_F(PostgresPool, ASilentHostDoesNotUseUpTheTimeOfTheNext) {
  boost::asio::io_context context;  // listens, and never says a word
  boost::asio::ip::tcp::acceptor silent(context, {boost::asio::ip::address_v4::loopback(), 0});
  const char* tcp = std::getenv("ATTO_TEST_POSTGRES_TCP");
  if (tcp == nullptr) GTEST_SKIP() << "ATTO_TEST_POSTGRES_TCP names no server on TCP";
  const lease probe = lend(*std::make_unique<pool>(io.executor(), tcp)).second;
  const std::string port = query(probe, "SELECT current_setting('port')");
  const std::string both = std::string(tcp) +
                           " host=127.0.0.1,127.0.0.1 port=" + std::to_string(silent.local_endpoint().port()) + "," +
                           port;
  pool p(io.executor(), both, {.connect_timeout = milliseconds(2000)});
  EXPECT_FALSE(lend(p).first);
}

TEST_F(PostgresPool, ALeaseThatWaitsWhenThePoolIsClosedIsStillServed) {
  pool p(io.executor(), test_postgres::dsn(), {.size = 2});
  lease first = lend(p).second;
  std::promise<error_code> waiting, closed;
  p.async_lease({}, [&](error_code ec, const lease&) { waiting.set_value(ec); });
  p.async_close([&](error_code ec) { closed.set_value(ec); });
  first = lease();
  EXPECT_FALSE(waiting.get_future().get());
  EXPECT_FALSE(closed.get_future().get());
}

TEST_F(PostgresPool, ALeaseTakesTimeoutsAsEveryOperationDoes) {
  pool p(io.executor(), test_postgres::dsn());
  EXPECT_EQ(lend(p, {.timeout = milliseconds(-1)}).first, errc::invalid_argument);
  EXPECT_FALSE(lend(p, {.timeout = milliseconds::max()}).first);
}

TEST_F(PostgresPool, AnIdleStoreDoesNotKeepAnIoContextFromEnding) {
  const test_table table("idle");
  boost::asio::io_context context;
  const auto store = open(context.get_executor(), test_postgres::dsn(), {.table = table.name()});
  error_code ensured = errc::closed;
  store->async_ensure_schema({}, [&](error_code ec) { ensured = ec; });
  context.run();  // returns when there is nothing left to do
  EXPECT_FALSE(ensured);
}

TEST(PostgresPoolOptions, OutOfRangeAreRefused) {
  boost::asio::io_context context;
  const auto refused = [&](pool_options o) {
    return failure_of([&] { pool(context.get_executor(), "host=a", o); }).code == errc::invalid_argument;
  };
  EXPECT_TRUE(refused({.size = 0}));
  EXPECT_TRUE(refused({.size = 1001}));
  EXPECT_TRUE(refused({.max_waiting = 0}));
  EXPECT_TRUE(refused({.connect_timeout = milliseconds(0)}));
  EXPECT_TRUE(refused({.statement_timeout = milliseconds(-1)}));
  EXPECT_TRUE(refused({.lock_timeout = milliseconds(0)}));
  EXPECT_TRUE(refused({.lock_timeout = milliseconds::max()}));
  EXPECT_TRUE(refused({.connect_timeout = milliseconds::max()}));
  EXPECT_TRUE(refused({.statement_timeout = milliseconds::max()}));
  EXPECT_TRUE(refused({.backoff_first = milliseconds(0)}));
  EXPECT_TRUE(refused({.backoff_first = milliseconds(10), .backoff_last = milliseconds(5)}));
}

}  // namespace
}  // namespace atto::postgres
