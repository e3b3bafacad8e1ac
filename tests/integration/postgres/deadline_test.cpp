#include "integration/postgres/postgres_store_test.hpp"
#include "support/failure_of.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_future.hpp>

#include <gmock/gmock.h>

#include <chrono>
#include <future>
#include <memory>

namespace atto::postgres {
namespace {

using boost::asio::cancellation_type;
using std::chrono::milliseconds;
using test::failure_of;
using test::test_postgres;

/// A store of one connection, and a foreign transaction that holds its table.
class PostgresDeadline : public postgres_store_test {
 protected:
  void prepare() override {
    use(open_store({.size = 1, .lock_timeout = no_giving_way}));
    store->ensure_schema();
    store->save("s", snapshot(1, {}, {}));
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

  boost::asio::cancellation_signal signal;
};

TEST_F(PostgresDeadline, AReadThatWasSentTimesOutAndItsConnectionIsReplaced) {
  hold_table();
  const auto start = std::chrono::steady_clock::now();
  const failure_of f([&] { static_cast<void>(store->load("s", {.timeout = milliseconds(200)})); });
  EXPECT_EQ(f.code, errc::timed_out);
  EXPECT_EQ(f.diag.message(), "the deadline passed; nothing was read");
  EXPECT_LT(std::chrono::steady_clock::now() - start, milliseconds(200 + 250));
  let_go();
  EXPECT_EQ(store->load("s")->version, 1);
}

TEST_F(PostgresDeadline, AWriteThatWasSentIsOutcomeUnknown) {
  hold_table();
  EXPECT_EQ(failure_of([&] { store->save("s", snapshot(2, {}, {}), {.timeout = milliseconds(200)}); }).code,
            errc::outcome_unknown);
  let_go();
}

TEST_F(PostgresDeadline, AWriteThatStillWaitsTimesOutAndWasNotWritten) {
  hold_table();
  auto first = cancellable_save(2);
  wait_until_stuck();
  const failure_of f([&] { store->save("t", snapshot(1, {}, {}), {.timeout = milliseconds(200)}); });
  EXPECT_EQ(f.code, errc::timed_out);
  EXPECT_EQ(f.diag.message(), "the deadline passed; nothing was written");
  let_go();
  EXPECT_FALSE(first.get());
  EXPECT_EQ(store->load("t"), std::nullopt);
}

TEST_F(PostgresDeadline, ACancelledWriteThatWasSentIsOutcomeUnknownAndTheConnectionStaysInStep) {
  hold_table();
  auto save = cancellable_save(2);
  wait_until_stuck();
  emit(cancellation_type::terminal);
  EXPECT_EQ(save.get(), errc::outcome_unknown);
  let_go();
  EXPECT_EQ(store->load("s")->version, 2);  // it was only not waited for
}

TEST_F(PostgresDeadline, TotalCancellationHasNoEffectOnAWriteThatWasSent) {
  hold_table();
  auto save = cancellable_save(2);
  wait_until_stuck();
  emit(cancellation_type::total);
  boost::asio::post(io.executor(), boost::asio::use_future).get();
  EXPECT_EQ(save.wait_for(milliseconds(0)), std::future_status::timeout);
  let_go();
  EXPECT_FALSE(save.get());
}

TEST_F(PostgresDeadline, ACancelledOperationThatStillWaitsIsAbortedAndWasNotWritten) {
  hold_table();
  std::promise<error_code> first;
  made->async_save("s", snapshot(2, {}, {}), {}, [&](error_code ec, std::int64_t) { first.set_value(ec); });
  wait_until_stuck();
  auto second = cancellable_save(3);
  emit(cancellation_type::total);
  EXPECT_EQ(second.get(), errc::operation_aborted);
  let_go();
  EXPECT_FALSE(first.get_future().get());
  EXPECT_EQ(store->load("s")->version, 2);
}

TEST_F(PostgresDeadline, OneMoreThanTheQueueTakesIsUnavailableAtOnce) {
  const auto small = open_store({.size = 1, .max_waiting = 1, .lock_timeout = no_giving_way});
  blocking_store bounded(*small);
  static_cast<void>(bounded.load("s"));
  hold_table();
  std::promise<error_code> sent, queued;
  small->async_load("s", {}, [&](error_code ec, const auto&) { sent.set_value(ec); });
  wait_until_stuck();
  small->async_load("s", {}, [&](error_code ec, const auto&) { queued.set_value(ec); });
  EXPECT_EQ(failure_of([&] { static_cast<void>(bounded.load("s")); }).code, errc::unavailable);
  let_go();
  EXPECT_FALSE(sent.get_future().get());
  EXPECT_FALSE(queued.get_future().get());
}

TEST_F(PostgresDeadline, TheServerEndsAStatementThatRunsLongerThanTheStatementTimeout) {
  const auto strict = open_store({.statement_timeout = milliseconds(100), .lock_timeout = no_giving_way});
  blocking_store bounded(*strict);
  hold_table();
  const failure_of f([&] { bounded.save("s", snapshot(2, {}, {})); });
  EXPECT_EQ(f.code, errc::timed_out);
  EXPECT_EQ(f.diag.code(), "57014");
  let_go();
  EXPECT_EQ(store->load("s")->version, 1);
}

TEST_F(PostgresDeadline, DestroyingTheStoreEndsWhatIsOutstanding) {
  hold_table();
  std::promise<error_code> sent_write, waiting_write;
  made->async_save("s", snapshot(2, {}, {}), {}, [&](error_code ec, std::int64_t) { sent_write.set_value(ec); });
  wait_until_stuck();
  made->async_save("s", snapshot(3, {}, {}), {}, [&](error_code ec, std::int64_t) { waiting_write.set_value(ec); });
  made.reset();
  EXPECT_EQ(sent_write.get_future().get(), errc::outcome_unknown);
  EXPECT_EQ(waiting_write.get_future().get(), errc::closed);
  let_go();
}

TEST_F(PostgresDeadline, AWaitForACloseCanBeCancelled) {
  hold_table();
  std::promise<error_code> outstanding, closed;
  made->async_save("s", snapshot(2, {}, {}), {}, [&](error_code ec, std::int64_t) { outstanding.set_value(ec); });
  wait_until_stuck();
  boost::asio::post(io.executor(), [&] {
    made->async_close({},
                      boost::asio::bind_cancellation_slot(signal.slot(), [&](error_code ec) { closed.set_value(ec); }));
    signal.emit(cancellation_type::terminal);
  });
  EXPECT_EQ(closed.get_future().get(), errc::operation_aborted);
  let_go();
  EXPECT_FALSE(outstanding.get_future().get());
}

TEST_F(PostgresDeadline, ASecondCloseIsNotEndedByTheFirst) {
  hold_table();
  std::promise<error_code> outstanding, first, second;
  made->async_save("s", snapshot(2, {}, {}), {}, [&](error_code ec, std::int64_t) { outstanding.set_value(ec); });
  wait_until_stuck();
  made->async_close({.timeout = milliseconds(1)}, [&](error_code ec) { first.set_value(ec); });
  made->async_close({}, [&](error_code ec) { second.set_value(ec); });
  EXPECT_EQ(first.get_future().get(), errc::timed_out);
  EXPECT_EQ(outstanding.get_future().get(), errc::outcome_unknown);
  EXPECT_FALSE(second.get_future().get());
  let_go();
}

TEST_F(PostgresDeadline, AnOwnedStoreWhoseLastOperationTimedOutAfterTheCloseLetsItsIoContextEnd) {
  boost::asio::io_context context;
  const auto closing =
      open(context.get_executor(), test_postgres::dsn(), {.table = table->name()}, {.lock_timeout = no_giving_way});
  hold_table();
  error_code saved, closed = errc::closed;
  closing->async_save("s", snapshot(2, {}, {}), {.timeout = milliseconds(300)},
                      [&](error_code ec, std::int64_t) { saved = ec; });
  closing->async_close({}, [&](error_code ec) { closed = ec; });
  context.run();  // returns: nothing is left to do
  EXPECT_EQ(saved, errc::outcome_unknown);
  EXPECT_FALSE(closed);
  let_go();
}

TEST_F(PostgresDeadline, CloseWaitsForWhatIsOutstandingUntilItsTimeout) {
  hold_table();
  std::promise<error_code> outstanding;
  made->async_save("s", snapshot(2, {}, {}), {}, [&](error_code ec, std::int64_t) { outstanding.set_value(ec); });
  wait_until_stuck();
  EXPECT_EQ(failure_of([&] { store->close({.timeout = milliseconds(100)}); }).code, errc::timed_out);
  EXPECT_EQ(outstanding.get_future().get(), errc::outcome_unknown);
  let_go();
}

}  // namespace
}  // namespace atto::postgres
