#include <atto/blocking_store.hpp>
#include <atto/sqlite_store.hpp>

#include "integration/sqlite/raw_database.hpp"
#include "support/temp_dir.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/io_context.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>

namespace atto {
namespace {

using namespace std::chrono_literals;
using boost::asio::cancellation_type;
using clock = std::chrono::steady_clock;

/// What a handler was called with.
struct result {
  std::optional<error_code> code;
  diagnostics diag;
};

class SqliteWait : public ::testing::Test {
 protected:
  void SetUp() override {
    blocking_store store("sqlite:" + path_);
    store.ensure_schema();
    store.append("a", 0, turn());
    other_ = std::make_unique<test::raw_database>(path_);
  }

  void open(sqlite::options o = {}) { store_ = sqlite::open(context_.get_executor(), path_, o); }

  /// Starts an append; its handler fills the result.
  void append(result& r, std::int64_t base, std::chrono::milliseconds timeout,
              boost::asio::cancellation_slot slot = {}) {
    store_->async_append("a", base, turn(), {.timeout = timeout, .diag = &r.diag},
                         boost::asio::bind_cancellation_slot(slot, [&r](error_code ec, std::int64_t) {
                           ASSERT_FALSE(r.code) << "called twice";
                           r.code = ec;
                         }));
  }
  void load(result& r, std::chrono::milliseconds timeout) {
    store_->async_load("a", {.timeout = timeout, .diag = &r.diag},
                       [&r](error_code ec, const std::optional<snapshot>&) { r.code = ec; });
  }
  void close(result& r, std::chrono::milliseconds timeout) {
    store_->async_close({.timeout = timeout, .diag = &r.diag}, [&r](error_code ec) { r.code = ec; });
  }

  /// Runs handlers until `r` has its own.
  void run_until(const result& r) {
    context_.restart();
    while (!r.code && context_.run_one_for(30s) != 0) {
    }
    ASSERT_TRUE(r.code);
  }

  std::string stored_version() { return other_->value("SELECT version FROM atto_sessions"); }

  test::temp_dir dir_;
  std::string path_ = dir_.file("store.db");
  std::unique_ptr<test::raw_database> other_;  // another program with the file open
  boost::asio::io_context context_;
  std::unique_ptr<session_store> store_;
};

TEST_F(SqliteWait, ALockHeldPastTheDeadlineIsATimeOutAndNothingIsWritten) {
  open();
  for (const char* begin : {"BEGIN EXCLUSIVE", "BEGIN IMMEDIATE"}) {
    other_->run(begin);
    result r;
    const auto start = clock::now();

    append(r, 1, 200ms);
    run_until(r);

    EXPECT_EQ(*r.code, errc::timed_out);
    EXPECT_GE(clock::now() - start, 200ms);
    EXPECT_LT(clock::now() - start, 200ms + 250ms);
    other_->run("COMMIT");
    EXPECT_EQ(stored_version(), "1");
  }
}

TEST_F(SqliteWait, AReadersLockHeldPastTheDeadlineIsATimeOutTooNotADoubt) {
  open();
  other_->run("BEGIN");
  EXPECT_EQ(stored_version(), "1");  // takes the reader's lock
  result r;

  append(r, 1, 200ms);
  run_until(r);

  EXPECT_EQ(*r.code, errc::timed_out);
  other_->run("COMMIT");
  EXPECT_EQ(stored_version(), "1");
}

TEST_F(SqliteWait, ALockThatIsGivenUpInTimeIsWaitedFor) {
  open();
  other_->run("BEGIN EXCLUSIVE");
  result first, second;
  append(first, 1, 30s);
  append(second, 5, 50ms);  // waits behind the first, and ends before it
  run_until(second);
  EXPECT_EQ(*second.code, errc::timed_out);
  EXPECT_FALSE(first.code);

  other_->run("COMMIT");
  run_until(first);

  EXPECT_EQ(*first.code, error_code());
  EXPECT_EQ(stored_version(), "2");
}

TEST_F(SqliteWait, ReadsEndAtTheirDeadlineAndTheStoreGoesOn) {
  open();
  other_->run("BEGIN EXCLUSIVE");
  result r;

  load(r, 100ms);
  run_until(r);

  EXPECT_EQ(*r.code, errc::timed_out);
  other_->run("COMMIT");
  result after;
  load(after, 30s);
  run_until(after);
  EXPECT_EQ(*after.code, error_code());
}

TEST_F(SqliteWait, CancellationEndsWhatRunsAndWhatWaits) {
  for (const auto type : {cancellation_type::terminal, cancellation_type::partial, cancellation_type::total}) {
    open();
    other_->run("BEGIN EXCLUSIVE");
    boost::asio::cancellation_signal signals[2];
    result running, waiting;
    append(running, 1, 30s, signals[0].slot());
    append(waiting, 1, 30s, signals[1].slot());

    signals[1].emit(type);
    run_until(waiting);
    EXPECT_FALSE(running.code);
    signals[0].emit(type);
    run_until(running);

    EXPECT_EQ(*waiting.code, errc::operation_aborted);
    EXPECT_EQ(*running.code, errc::operation_aborted);
    EXPECT_FALSE(running.diag.message().empty());
    other_->run("COMMIT");
    store_.reset();  // waits for the worker
    EXPECT_EQ(stored_version(), "1");
  }
}

TEST_F(SqliteWait, CancellationOfWhatIsDoneHasNoEffect) {
  open();
  boost::asio::cancellation_signal signal;
  result r;
  append(r, 1, 30s, signal.slot());
  run_until(r);

  signal.emit(cancellation_type::terminal);
  context_.restart();
  context_.poll();

  EXPECT_EQ(*r.code, error_code());
}

TEST_F(SqliteWait, OneMoreThanMayWaitIsUnavailableAtOnce) {
  open({.max_waiting = 2});
  other_->run("BEGIN EXCLUSIVE");
  result all[5];
  for (result& r : all) append(r, 1, 1s);

  // One runs or is about to, two wait; the last is refused whatever the worker has taken.
  run_until(all[4]);
  EXPECT_EQ(*all[4].code, errc::unavailable);
  EXPECT_FALSE(all[0].code);
  store_.reset();  // before the results it writes to
  other_->run("COMMIT");
}

TEST_F(SqliteWait, ACloseWaitsForWhatIsOutstanding) {
  open();
  result write, closed, again, late;
  append(write, 1, 30s);
  close(closed, 30s);
  load(late, 30s);
  close(again, 30s);

  run_until(closed);
  run_until(again);
  run_until(late);

  EXPECT_EQ(*write.code, error_code());
  EXPECT_EQ(*late.code, errc::closed);
  EXPECT_EQ(*closed.code, error_code());
  EXPECT_EQ(*again.code, error_code());
}

TEST_F(SqliteWait, ACloseThatTimesOutAbandonsWhatIsOutstanding) {
  open();
  other_->run("BEGIN EXCLUSIVE");
  result write, waiting, closed;
  append(write, 1, 30s);
  append(waiting, 1, 30s);
  close(closed, 100ms);

  run_until(closed);
  run_until(write);
  run_until(waiting);

  EXPECT_EQ(*closed.code, errc::timed_out);
  EXPECT_EQ(*write.code, errc::closed);
  EXPECT_EQ(*waiting.code, errc::closed);
  other_->run("COMMIT");
  store_.reset();
  EXPECT_EQ(stored_version(), "1");
}

TEST_F(SqliteWait, TheDestructorEndsWhatIsOutstandingAndDoesNotHang) {
  open();
  other_->run("BEGIN EXCLUSIVE");
  result all[10];
  for (result& r : all) append(r, 1, 30s);
  const auto start = clock::now();

  store_.reset();

  EXPECT_LT(clock::now() - start, 1s);
  context_.run();  // ends by itself: nothing is left to wait for
  for (const result& r : all) EXPECT_EQ(*r.code, errc::closed);
  other_->run("COMMIT");
  EXPECT_EQ(stored_version(), "1");
}

TEST_F(SqliteWait, AStoreMayBeDestroyedByTheHandlerOfItsOwnOperation) {
  open();
  bool called = false;
  store_->async_load("a", {}, [&](error_code, const std::optional<snapshot>&) {
    store_.reset();
    called = true;
  });
  context_.run();
  EXPECT_TRUE(called);
}

TEST_F(SqliteWait, AnIdleStoreDoesNotKeepTheExecutorBusy) {
  open();
  result r;
  append(r, 1, 30s);
  const auto start = clock::now();

  context_.run();

  EXPECT_EQ(*r.code, error_code());
  EXPECT_LT(clock::now() - start, 10s);
}

TEST_F(SqliteWait, ALongReadEndsSoonAfterItsDeadline) {
  blocking_store("sqlite:" + path_).save("long", snapshot(1, {}, {}));
  other_->run(
      "WITH RECURSIVE n (i) AS (VALUES (2) UNION ALL SELECT i + 1 FROM n WHERE i < 200000)"
      " INSERT INTO atto_sessions_tail (session_id, version, events_total, write_id, events)"
      " SELECT 'long', i, i, x'00', '[]' FROM n");
  other_->run("UPDATE atto_sessions SET events = 1000000 WHERE session_id = 'long'");
  open();
  result r;

  // Reads 200,000 rows, or is interrupted on the way; either way it ends in time.
  const auto start = clock::now();
  store_->async_load("long", {.timeout = 5ms, .diag = &r.diag},
                     [&r](error_code ec, const std::optional<snapshot>&) { r.code = ec; });
  run_until(r);

  EXPECT_LT(clock::now() - start, 255ms);
  EXPECT_TRUE(*r.code == errc::timed_out || *r.code == errc::storage_failure);
}

}  // namespace
}  // namespace atto
