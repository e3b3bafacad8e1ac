#include <atto/blocking_store.hpp>
#include <atto/postgres_store.hpp>

#include "support/failure_of.hpp"
#include "support/io_thread.hpp"
#include "support/test_postgres.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_future.hpp>

#include <gmock/gmock.h>

#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <thread>

namespace atto::postgres {
namespace {

using boost::asio::cancellation_type;
using std::chrono::milliseconds;
using test::failure_of;
using test::io_thread;
using test::test_connection;
using test::test_postgres;
using test::test_table;

/// Longer than any deadline here: what waits for a lock stays sent.
constexpr milliseconds no_giving_way = std::chrono::hours(1);

/// A store of one connection, and a foreign transaction that holds its table.
class PostgresDeadline : public testing::Test {
 protected:
  void SetUp() override {
    ATTO_REQUIRE_POSTGRES_SERVER();
    table = std::make_unique<test_table>("deadline");
    made = open(io.executor(), test_postgres::dsn() + " application_name=" + table->name(), {.table = table->name()},
                {.size = 1, .lock_timeout = no_giving_way});
    store = std::make_unique<blocking_store>(*made);
    store->ensure_schema();
    store->save("s", snapshot(1, {}, {}));
    blocker = std::make_unique<test_connection>();
    watcher = std::make_unique<test_connection>();
  }

  void TearDown() override {
    blocker.reset();
    store.reset();
    made.reset();
  }

  void lock() { blocker->run("BEGIN; LOCK TABLE " + table->name() + " IN ACCESS EXCLUSIVE MODE"); }
  void unlock() { blocker->run("ROLLBACK"); }

  /// Returns when the store's operation waits for the lock at the server.
  void wait_until_sent() {
    const std::string stuck =
        "SELECT count(*) FROM pg_stat_activity WHERE application_name = $1 AND wait_event_type = 'Lock'";
    while (watcher->value(stuck, {table->name()}) == "0") std::this_thread::yield();
  }

  /// Starts a save that can be cancelled through `signal`, which is emitted on the store's thread.
  std::future<error_code> cancellable_save(std::int64_t version) {
    auto promise = std::make_shared<std::promise<error_code>>();
    boost::asio::post(io.executor(), [this, version, promise] {
      made->async_save("s", snapshot(version, {}, {}), {},
                       boost::asio::bind_cancellation_slot(
                           signal.slot(), [promise](error_code ec, std::int64_t) { promise->set_value(ec); }));
    });
    return promise->get_future();
  }

  void emit(cancellation_type type) {
    boost::asio::post(io.executor(), [this, type] { signal.emit(type); });
  }

  io_thread io;
  boost::asio::cancellation_signal signal;
  std::unique_ptr<test_table> table;
  std::unique_ptr<session_store> made;
  std::unique_ptr<blocking_store> store;
  std::unique_ptr<test_connection> blocker, watcher;
};

TEST_F(PostgresDeadline, AReadThatWasSentTimesOutAndItsConnectionIsReplaced) {
  lock();
  const auto start = std::chrono::steady_clock::now();
  const failure_of f([&] { static_cast<void>(store->load("s", {.timeout = milliseconds(200)})); });
  EXPECT_EQ(f.code, errc::timed_out);
  EXPECT_EQ(f.diag.message(), "the deadline passed; nothing was read");
  EXPECT_LT(std::chrono::steady_clock::now() - start, milliseconds(200 + 250));
  unlock();
  EXPECT_EQ(store->load("s")->version, 1);
}

TEST_F(PostgresDeadline, AWriteThatWasSentIsOutcomeUnknown) {
  lock();
  EXPECT_EQ(failure_of([&] { store->save("s", snapshot(2, {}, {}), {.timeout = milliseconds(200)}); }).code,
            errc::outcome_unknown);
  unlock();
}

TEST_F(PostgresDeadline, AWriteThatStillWaitsTimesOutAndWasNotWritten) {
  lock();
  auto first = cancellable_save(2);
  wait_until_sent();
  const failure_of f([&] { store->save("t", snapshot(1, {}, {}), {.timeout = milliseconds(200)}); });
  EXPECT_EQ(f.code, errc::timed_out);
  EXPECT_EQ(f.diag.message(), "the deadline passed; nothing was written");
  unlock();
  EXPECT_FALSE(first.get());
  EXPECT_EQ(store->load("t"), std::nullopt);
}

TEST_F(PostgresDeadline, ACancelledWriteThatWasSentIsOutcomeUnknownAndTheConnectionStaysInStep) {
  lock();
  auto save = cancellable_save(2);
  wait_until_sent();
  emit(cancellation_type::terminal);
  EXPECT_EQ(save.get(), errc::outcome_unknown);
  unlock();
  EXPECT_EQ(store->load("s")->version, 2);  // it was only not waited for
}

TEST_F(PostgresDeadline, TotalCancellationHasNoEffectOnAWriteThatWasSent) {
  lock();
  auto save = cancellable_save(2);
  wait_until_sent();
  emit(cancellation_type::total);
  boost::asio::post(io.executor(), boost::asio::use_future).get();
  EXPECT_EQ(save.wait_for(milliseconds(0)), std::future_status::timeout);
  unlock();
  EXPECT_FALSE(save.get());
}

TEST_F(PostgresDeadline, ACancelledOperationThatStillWaitsIsAbortedAndWasNotWritten) {
  lock();
  std::promise<error_code> first;
  made->async_save("s", snapshot(2, {}, {}), {}, [&](error_code ec, std::int64_t) { first.set_value(ec); });
  wait_until_sent();
  auto second = cancellable_save(3);
  emit(cancellation_type::total);
  EXPECT_EQ(second.get(), errc::operation_aborted);
  unlock();
  EXPECT_FALSE(first.get_future().get());
  EXPECT_EQ(store->load("s")->version, 2);
}

TEST_F(PostgresDeadline, OneMoreThanTheQueueTakesIsUnavailableAtOnce) {
  const auto small = open(io.executor(), test_postgres::dsn() + " application_name=" + table->name(),
                          {.table = table->name()}, {.size = 1, .max_waiting = 1, .lock_timeout = no_giving_way});
  blocking_store bounded(*small);
  static_cast<void>(bounded.load("s"));
  lock();
  std::promise<error_code> sent, queued;
  small->async_load("s", {}, [&](error_code ec, const auto&) { sent.set_value(ec); });
  wait_until_sent();
  small->async_load("s", {}, [&](error_code ec, const auto&) { queued.set_value(ec); });
  EXPECT_EQ(failure_of([&] { static_cast<void>(bounded.load("s")); }).code, errc::unavailable);
  unlock();
  EXPECT_FALSE(sent.get_future().get());
  EXPECT_FALSE(queued.get_future().get());
}

TEST_F(PostgresDeadline, TheServerEndsAStatementThatRunsLongerThanTheStatementTimeout) {
  const auto strict = open(io.executor(), test_postgres::dsn(), {.table = table->name()},
                           {.statement_timeout = milliseconds(100), .lock_timeout = no_giving_way});
  blocking_store bounded(*strict);
  lock();
  const failure_of f([&] { bounded.save("s", snapshot(2, {}, {})); });
  EXPECT_EQ(f.code, errc::timed_out);
  EXPECT_EQ(f.diag.code(), "57014");
  unlock();
  EXPECT_EQ(store->load("s")->version, 1);
}

TEST_F(PostgresDeadline, DestroyingTheStoreEndsWhatIsOutstanding) {
  lock();
  std::promise<error_code> sent_write, waiting_write;
  made->async_save("s", snapshot(2, {}, {}), {}, [&](error_code ec, std::int64_t) { sent_write.set_value(ec); });
  wait_until_sent();
  made->async_save("s", snapshot(3, {}, {}), {}, [&](error_code ec, std::int64_t) { waiting_write.set_value(ec); });
  made.reset();
  EXPECT_EQ(sent_write.get_future().get(), errc::outcome_unknown);
  EXPECT_EQ(waiting_write.get_future().get(), errc::closed);
  unlock();
}

TEST_F(PostgresDeadline, AWaitForACloseCanBeCancelled) {
  lock();
  std::promise<error_code> outstanding, closed;
  made->async_save("s", snapshot(2, {}, {}), {}, [&](error_code ec, std::int64_t) { outstanding.set_value(ec); });
  wait_until_sent();
  boost::asio::post(io.executor(), [&] {
    made->async_close({},
                      boost::asio::bind_cancellation_slot(signal.slot(), [&](error_code ec) { closed.set_value(ec); }));
    signal.emit(cancellation_type::terminal);
  });
  EXPECT_EQ(closed.get_future().get(), errc::operation_aborted);
  unlock();
  EXPECT_FALSE(outstanding.get_future().get());
}

TEST_F(PostgresDeadline, ASecondCloseIsNotEndedByTheFirst) {
  lock();
  std::promise<error_code> outstanding, first, second;
  made->async_save("s", snapshot(2, {}, {}), {}, [&](error_code ec, std::int64_t) { outstanding.set_value(ec); });
  wait_until_sent();
  made->async_close({.timeout = milliseconds(1)}, [&](error_code ec) { first.set_value(ec); });
  made->async_close({}, [&](error_code ec) { second.set_value(ec); });
  EXPECT_EQ(first.get_future().get(), errc::timed_out);
  EXPECT_EQ(outstanding.get_future().get(), errc::outcome_unknown);
  EXPECT_FALSE(second.get_future().get());
  unlock();
}

TEST_F(PostgresDeadline, AnOwnedStoreWhoseLastOperationTimedOutAfterTheCloseLetsItsIoContextEnd) {
  boost::asio::io_context context;
  const auto closing = open(context.get_executor(), test_postgres::dsn() + " application_name=" + table->name(),
                            {.table = table->name()}, {.lock_timeout = no_giving_way});
  lock();
  error_code saved, closed = errc::closed;
  closing->async_save("s", snapshot(2, {}, {}), {.timeout = milliseconds(300)},
                      [&](error_code ec, std::int64_t) { saved = ec; });
  closing->async_close({}, [&](error_code ec) { closed = ec; });
  context.run();  // returns: nothing is left to do
  EXPECT_EQ(saved, errc::outcome_unknown);
  EXPECT_FALSE(closed);
  unlock();
}

TEST_F(PostgresDeadline, CloseWaitsForWhatIsOutstandingUntilItsTimeout) {
  lock();
  std::promise<error_code> outstanding;
  made->async_save("s", snapshot(2, {}, {}), {}, [&](error_code ec, std::int64_t) { outstanding.set_value(ec); });
  wait_until_sent();
  EXPECT_EQ(failure_of([&] { store->close({.timeout = milliseconds(100)}); }).code, errc::timed_out);
  EXPECT_EQ(outstanding.get_future().get(), errc::outcome_unknown);
  unlock();
}

}  // namespace
}  // namespace atto::postgres
