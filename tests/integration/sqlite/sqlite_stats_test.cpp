// What a store in SQLite tells of itself: another program holds the file's lock, so that what is started meanwhile
// waits for as long as a test needs.

#include <atto/blocking_store.hpp>
#include <atto/sqlite_store.hpp>

#include "integration/sqlite/raw_database.hpp"
#include "support/failure_of.hpp"
#include "support/io_thread.hpp"
#include "support/noting_store_observer.hpp"
#include "support/temp_dir.hpp"

#include <boost/asio/use_future.hpp>

#include <gmock/gmock.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace atto::sqlite {
namespace {

using boost::asio::use_future;
using test::failure_of;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class SqliteStats : public ::testing::Test {
 protected:
  void TearDown() override {
    store.reset();
    made.reset();
  }

  void use(options o = {}) {
    made = open(io.executor(), path, std::move(o));
    store.emplace(*made);
  }
  /// With tables, and the file open.
  void use_open_file(options o = {}) {
    use(std::move(o));
    store->ensure_schema();
    before = made->stats();
  }
  /// Returns when a write waits for the lock that another program holds. The next ones gather behind it.
  std::future<std::int64_t> hold_the_lock() {
    other.emplace(path);
    other->run("BEGIN EXCLUSIVE");
    auto plug = append("plug");
    wait_until([&](const store_stats& s) { return s.groups == before.groups + 1; });
    return plug;
  }
  void give_up_the_lock() { other->run("COMMIT"); }

  std::future<std::int64_t> append(const std::string& id) { return made->async_append(id, 0, turn(), {}, use_future); }
  void wait_until(const std::function<bool(const store_stats&)>& condition) const {
    while (!condition(made->stats())) std::this_thread::yield();
  }

  test::io_thread io;
  test::temp_dir dir;
  std::string path = dir.file("store.db");
  std::optional<test::raw_database> other;
  std::unique_ptr<session_store> made;
  std::optional<blocking_store> store;  // of `made`
  store_stats before;
};

TEST_F(SqliteStats, TheyTellWhatWaitsAndHowLargeTheGroupsAreAndHowLongTheyWaited) {
  use_open_file();
  auto plug = hold_the_lock();
  std::vector<std::future<std::int64_t>> gathered;
  for (int i = 0; i < 20; ++i) gathered.push_back(append("s" + std::to_string(i)));
  const store_stats stuck = made->stats();
  EXPECT_EQ(stuck.waiting, 20U);
  EXPECT_EQ(stuck.operations, before.operations + 1);
  give_up_the_lock();
  plug.get();
  for (auto& f : gathered) f.get();
  const store_stats after = made->stats();
  EXPECT_EQ(after.waiting, 0U);
  EXPECT_EQ(after.groups, before.groups + 2);
  EXPECT_EQ(after.rounds, before.rounds + 21);
  EXPECT_EQ(after.largest_group, 20U);
  EXPECT_EQ(after.operations, before.operations + 21);
  EXPECT_GT(after.longest_wait.count(), 0);
  EXPECT_GE(after.waited, after.longest_wait);
  EXPECT_GT(after.waited, before.waited);
  EXPECT_EQ(after.connections_made, 1U);
  EXPECT_EQ(after.writes_sent_again, 0U);
}

TEST_F(SqliteStats, WhatGivesUpWhileItWaitsWasNotSent) {
  use_open_file();
  auto plug = hold_the_lock();
  auto late = made->async_append("late", 0, turn(), {.timeout = std::chrono::milliseconds(1)}, use_future);
  EXPECT_THROW(late.get(), boost::system::system_error);
  give_up_the_lock();
  plug.get();
  EXPECT_EQ(made->stats().operations, before.operations + 1);
  EXPECT_EQ(made->stats().waiting, 0U);
}

TEST_F(SqliteStats, TheyCountHowOftenTheFileIsOpenedGivenUpAndCannotBeOpened) {
  use();
  EXPECT_EQ(failure_of([&] { static_cast<void>(store->load("s")); }).code, errc::schema_missing);
  EXPECT_EQ(made->stats().failed_attempts, 1U);
  EXPECT_EQ(made->stats().connections_made + made->stats().operations + made->stats().groups, 0U);
  store->ensure_schema();
  store->append("s", 0, turn());
  EXPECT_EQ(made->stats().connections_made, 1U);
  EXPECT_EQ(made->stats().connections_lost, 0U);
  std::filesystem::remove(path);
  EXPECT_EQ(failure_of([&] { static_cast<void>(store->load("s")); }).code, errc::schema_missing);
  EXPECT_EQ(made->stats().connections_lost, 1U);
  EXPECT_EQ(made->stats().failed_attempts, 2U);
  store->ensure_schema();
  EXPECT_EQ(made->stats().connections_made, 2U);
  store->close();
  EXPECT_EQ(made->stats().connections_lost, 1U);
}

TEST_F(SqliteStats, TheyCountTheWritesOfAGroupThatIsTriedAgainSinceTheFileWasGivenUp) {
  use_open_file();
  test::raw_database(path).run(
      "CREATE TRIGGER t AFTER INSERT ON atto_sessions_tail WHEN new.session_id = 'poison'"
      " BEGIN SELECT RAISE(ABORT, 'no'); END");
  auto plug = hold_the_lock();
  auto neighbour = append("neighbour"), poison = append("poison");
  give_up_the_lock();
  EXPECT_EQ(plug.get(), 1);
  EXPECT_EQ(neighbour.get(), 1);
  EXPECT_THROW(poison.get(), boost::system::system_error);
  const store_stats after = made->stats();
  EXPECT_EQ(after.writes_sent_again, 2U);
  EXPECT_EQ(after.connections_lost, 2U);  // with the group, and with the one that was to blame
  EXPECT_EQ(after.operations, before.operations + 3);
  EXPECT_EQ(after.rounds, before.rounds + 5);
}

class SqliteStoreObserver : public SqliteStats {
 protected:
  std::shared_ptr<test::noting_store_observer> observer = std::make_shared<test::noting_store_observer>();
};

TEST_F(SqliteStoreObserver, ItIsToldOfTheGroupsAndTheLongestWaitInThem) {
  use_open_file({.observer = observer});
  observer->forget();
  auto plug = hold_the_lock();
  std::vector<std::future<std::int64_t>> gathered;
  for (int i = 0; i < 20; ++i) gathered.push_back(append("s" + std::to_string(i)));
  give_up_the_lock();
  plug.get();
  for (auto& f : gathered) f.get();
  EXPECT_THAT(observer->told(), ElementsAre("sent: 1", "sent: 20"));
  EXPECT_GT(observer->longest_wait().count(), 0);
  EXPECT_LE(observer->longest_wait(), made->stats().longest_wait);
}

TEST_F(SqliteStoreObserver, ItIsToldOfTheFileThatIsOpenedGivenUpAndCannotBeOpened) {
  use({.observer = observer});
  EXPECT_EQ(failure_of([&] { static_cast<void>(store->load("canary")); }).code, errc::schema_missing);
  ASSERT_EQ(observer->told().size(), 1U);
  EXPECT_THAT(observer->told()[0], AllOf(StartsWith("failed: "), HasSubstr("atto init"), Not(HasSubstr("canary"))));
  store->ensure_schema();
  std::filesystem::remove(path);
  EXPECT_EQ(failure_of([&] { static_cast<void>(store->load("s")); }).code, errc::schema_missing);
  EXPECT_THAT(observer->told(), ElementsAre(StartsWith("failed: "), "connected", "sent: 1",
                                            AllOf(StartsWith("lost: "), HasSubstr("removed")), StartsWith("failed: ")));
}

TEST_F(SqliteStoreObserver, ItIsToldTheCodeOfAnErrorThatTheFileIsGivenUpFor) {
  use_open_file({.observer = observer});
  test::raw_database(path).run(
      "CREATE TRIGGER t AFTER INSERT ON atto_sessions_tail BEGIN SELECT RAISE(ABORT, 'no'); END");
  observer->forget();
  EXPECT_THROW(append("s").get(), boost::system::system_error);
  EXPECT_THAT(observer->told(), ElementsAre("sent: 1", AllOf(StartsWith("lost: "), HasSubstr("SQLITE_CONSTRAINT"))));
}

/// Asks for the numbers of the store it watches.
class asking_observer final : public store_observer {
 public:
  void on_group_sent(const group_sent_event&) noexcept override { seen = watched.load()->stats().groups; }
  std::atomic<const session_store*> watched = nullptr;
  std::atomic<std::uint64_t> seen = 0;
};

TEST_F(SqliteStats, TheObserverMayAskForTheNumbers) {
  const auto asking = std::make_shared<asking_observer>();
  use({.observer = asking});
  asking->watched = made.get();
  store->ensure_schema();
  EXPECT_EQ(asking->seen, 1U);
}

}  // namespace
}  // namespace atto::sqlite
