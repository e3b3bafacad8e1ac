#include <atto/blocking_store.hpp>
#include <atto/sqlite_store.hpp>

#include "integration/sqlite/raw_database.hpp"
#include "support/temp_dir.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/io_context.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace atto {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t neighbours = 64;

/// What a handler was called with.
struct group_answer {
  std::optional<error_code> code;
  std::int64_t version = 0;
};

std::string id_of(std::size_t i) {
  return "session-" + std::to_string(i);
}

/// A write, `plug`, waits for a lock that another program holds. What is started then is in its group, or gathers
/// behind it in the next: in two groups at most.
class SqliteGroup : public ::testing::Test {
 protected:
  void SetUp() override {
    blocking_store("sqlite:" + path_).ensure_schema();
    other_ = std::make_unique<test::raw_database>(path_);
    store_ = sqlite::open(context_.get_executor(), path_);
  }
  void TearDown() override { store_.reset(); }

  void append(group_answer& r, const std::string& id, std::int64_t base = 0, std::chrono::milliseconds timeout = 30s,
              boost::asio::cancellation_slot slot = {}) {
    store_->async_append(id, base, turn(), {.timeout = timeout},
                         boost::asio::bind_cancellation_slot(slot, [&r](error_code ec, std::int64_t v) {
                           ASSERT_FALSE(r.code) << "called twice";
                           r = {ec, v};
                         }));
  }

  void hold_the_lock() {
    other_->run("BEGIN EXCLUSIVE");
    append(plug_, "plug");
  }
  void give_up_the_lock() { other_->run("COMMIT"); }

  void run() {
    context_.restart();
    context_.run_for(60s);
  }
  void run_until(const group_answer& r) {
    context_.restart();
    while (!r.code && context_.run_one_for(30s) != 0) {
    }
    ASSERT_TRUE(r.code);
  }

  std::string stored(const std::string& id) {
    return other_->value("SELECT version FROM atto_sessions WHERE session_id = '" + id + "'");
  }

  test::temp_dir dir_;
  std::string path_ = dir_.file("store.db");
  std::unique_ptr<test::raw_database> other_;  // another program with the file open
  boost::asio::io_context context_;
  group_answer plug_;
  std::vector<group_answer> all_ = std::vector<group_answer>(neighbours);
  std::unique_ptr<session_store> store_;
};

TEST_F(SqliteGroup, WritesThatWaitCommitTogether) {
  hold_the_lock();
  for (std::size_t i = 0; i < neighbours; ++i) append(all_[i], id_of(i));
  const std::uint32_t before = other_->commits();

  give_up_the_lock();
  run();

  for (const group_answer& r : all_) EXPECT_EQ(r.code, error_code());
  // The plug, with whatever the worker had taken along, and the rest.
  const std::uint32_t commits = other_->commits() - before;
  EXPECT_GE(commits, 1U);
  EXPECT_LE(commits, 2U);
}

TEST_F(SqliteGroup, ARefusedWriteDoesNotDisturbItsNeighbours) {
  hold_the_lock();
  for (std::size_t i = 0; i < neighbours; ++i) append(all_[i], id_of(i), i % 2 == 0 ? 0 : 7);
  const std::uint32_t before = other_->commits();

  give_up_the_lock();
  run();

  for (std::size_t i = 0; i < neighbours; ++i) {
    EXPECT_EQ(all_[i].code, i % 2 == 0 ? error_code() : errc::concurrent_write) << i;
    EXPECT_EQ(stored(id_of(i)), i % 2 == 0 ? "1" : "") << i;
  }
  EXPECT_LE(other_->commits() - before, 2U);
}

TEST_F(SqliteGroup, WritesAndReadsOnOneSessionTakeEffectInTheirOrder) {
  hold_the_lock();
  for (std::size_t i = 0; i < 4; ++i) append(all_[i], "a", static_cast<std::int64_t>(i));
  std::int64_t seen = 0;
  store_->async_load("a", {}, [&](error_code, const std::optional<snapshot>& s) { seen = s ? s->version : -1; });
  append(all_[4], "a", 4);

  give_up_the_lock();
  run();

  for (std::size_t i = 0; i < 5; ++i) EXPECT_EQ(all_[i].version, static_cast<std::int64_t>(i) + 1);
  EXPECT_EQ(seen, 4);
}

TEST_F(SqliteGroup, AWriteThatTheDatabaseRefusesFailsAlone) {
  for (const char* raise : {"ABORT", "FAIL", "ROLLBACK"}) {
    SCOPED_TRACE(raise);
    const std::string poison = std::string("poison-") + raise;
    // In the second of the two rows of a write, so that the first is to be undone.
    other_->run("CREATE TRIGGER t AFTER INSERT ON atto_sessions_tail WHEN new.session_id = '" + poison +
                "' BEGIN SELECT RAISE(" + raise + ", 'no'); END");
    all_.assign(neighbours, {});
    plug_ = {};
    other_->run("BEGIN EXCLUSIVE");
    append(plug_, std::string("plug-") + raise);
    for (std::size_t i = 0; i < neighbours; ++i) append(all_[i], i == 40 ? poison : raise + id_of(i));

    give_up_the_lock();
    run();

    for (std::size_t i = 0; i < neighbours; ++i) {
      EXPECT_EQ(all_[i].code, i == 40 ? errc::storage_failure : error_code()) << i;
    }
    EXPECT_EQ(stored(poison), "");
    EXPECT_EQ(other_->value("SELECT count(*) FROM atto_sessions WHERE session_id LIKE '" + std::string(raise) + "%'"),
              "63");
    other_->run("DROP TRIGGER t");
  }
}

TEST_F(SqliteGroup, WhatTheDatabaseWouldRefuseOneByOneEachGetsItsError) {
  other_->run(
      "CREATE TRIGGER t AFTER INSERT ON atto_sessions_tail WHEN new.session_id <> 'plug'"
      " BEGIN SELECT RAISE(ABORT, 'no'); END");
  hold_the_lock();
  for (std::size_t i = 0; i < neighbours; ++i) append(all_[i], id_of(i));

  give_up_the_lock();
  run();

  EXPECT_EQ(plug_.code, error_code());
  for (const group_answer& r : all_) EXPECT_EQ(r.code, errc::storage_failure);
  EXPECT_EQ(other_->value("SELECT count(*) FROM atto_sessions"), "1");
}

TEST_F(SqliteGroup, AMemberCancelledWhileItsGroupWaitsForTheLockEndsAlone) {
  hold_the_lock();
  boost::asio::cancellation_signal signal;
  for (std::size_t i = 0; i < 3; ++i) {
    append(all_[i], id_of(i), 0, 30s, i == 1 ? signal.slot() : boost::asio::cancellation_slot());
  }

  signal.emit(boost::asio::cancellation_type::total);
  run_until(all_[1]);
  EXPECT_EQ(all_[1].code, errc::operation_aborted);
  EXPECT_FALSE(plug_.code || all_[0].code || all_[2].code);
  give_up_the_lock();
  run();

  EXPECT_EQ(all_[0].code, error_code());
  EXPECT_EQ(all_[2].code, error_code());
  EXPECT_EQ(stored(id_of(1)), "");
}

TEST_F(SqliteGroup, AMemberWhoseDeadlinePassesWhileItsGroupWaitsForTheLockEndsAlone) {
  hold_the_lock();
  for (std::size_t i = 0; i < 3; ++i) append(all_[i], id_of(i), 0, i == 1 ? 50ms : 30'000ms);

  run_until(all_[1]);
  EXPECT_EQ(all_[1].code, errc::timed_out);
  EXPECT_FALSE(plug_.code || all_[0].code || all_[2].code);
  give_up_the_lock();
  run();

  EXPECT_EQ(all_[0].code, error_code());
  EXPECT_EQ(all_[2].code, error_code());
  EXPECT_EQ(stored(id_of(1)), "");
}

}  // namespace
}  // namespace atto
