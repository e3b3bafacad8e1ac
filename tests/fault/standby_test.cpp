#include "fault/backends.hpp"
#include "fault/eventually.hpp"
#include "fault/fault_store.hpp"
#include "fault/write_kind.hpp"
#include "support/own_server.hpp"

#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <vector>

// Commits that wait for a synchronous standby, which is not there.
namespace atto::test {
namespace {

using std::chrono::milliseconds;

class AbsentStandby : public testing::TestWithParam<write_kind> {
 protected:
  void SetUp() override {
    ATTO_REQUIRE_OWN_SERVER();
    server = std::make_unique<own_server>(
        std::vector<std::string>{"synchronous_standby_names = 'nobody'", "synchronous_commit = local"});
    watcher = std::make_unique<test_connection>(server->dsn());
    const auto unhindered = postgres::open(io.executor(), server->dsn(), {.table = "t"});
    blocking_store(*unhindered).ensure_schema();
    blocking_store(*unhindered).save(canary, whole(1));
    made = postgres::open(io.executor(), server->dsn() + " application_name=standby options='-c synchronous_commit=on'",
                          {.table = "t"}, {.size = 1});
    store = std::make_unique<blocking_store>(*made);
  }

  void TearDown() override {
    watcher.reset();
    store.reset();
    made.reset();
  }

  std::future<failure_of> start_write(milliseconds timeout = milliseconds(0)) {
    return std::async(std::launch::async, [this, timeout] {
      return discreet_failure_of([&] {
        if (GetParam() == write_kind::save) {
          store->save(canary, whole(2), {.timeout = timeout});
        } else {
          store->append(canary, 1, one_turn(2), {.timeout = timeout});
        }
      });
    });
  }

  /// The backend whose commit waits; not `other`.
  std::string waiting_backend(const std::string& other = "0") {
    std::string pid;
    EXPECT_TRUE(eventually([&] {
      const auto all = watcher->rows(
          "SELECT pid FROM pg_stat_activity WHERE application_name = 'standby' AND wait_event = 'SyncRep'"
          " AND pid <> $1",
          {other});
      if (!all.empty()) pid = all[0][0];
      return !all.empty();
    }));
    return pid;
  }

  [[nodiscard]] std::string stored_version() { return watcher->value("SELECT version FROM t"); }

  io_thread io;
  std::unique_ptr<own_server> server;
  std::unique_ptr<session_store> made;
  std::unique_ptr<blocking_store> store;
  std::unique_ptr<test_connection> watcher;
};

INSTANTIATE_TEST_SUITE_P(Of, AbsentStandby, write_kinds, name_of);

TEST_P(AbsentStandby, AWaitThatAnOperatorBrokeOffIsToldApartAndTheRowIsThere) {
  auto told = start_write();
  watcher->rows("SELECT pg_cancel_backend($1)", {waiting_backend()});
  EXPECT_EQ(told.get().code, errc::replication_unproven);
  EXPECT_EQ(stored_version(), "2");
}

TEST_P(AbsentStandby, AWriteWhoseWaitWasTerminatedIsNoSuccessBeforeTheStandbyIsThere) {
  auto told = start_write();
  const std::string first = waiting_backend();
  watcher->rows("SELECT pg_terminate_backend($1)", {first});
  waiting_backend(first);  // the look at what became of it waits as well
  EXPECT_EQ(stored_version(), "2");
  EXPECT_EQ(told.wait_for(milliseconds(0)), std::future_status::timeout);
  server->set("synchronous_standby_names", "");
  EXPECT_EQ(told.get().code, error_code());
  EXPECT_EQ(stored_version(), "2");
}

TEST_P(AbsentStandby, AWriteWhoseWaitWasTerminatedIsUnknownWhenTheStandbyDoesNotCome) {
  auto told = start_write(milliseconds(700));
  watcher->rows("SELECT pg_terminate_backend($1)", {waiting_backend()});
  EXPECT_EQ(told.get().code, errc::outcome_unknown);
}

TEST_P(AbsentStandby, AWaitThatWasBrokenOffAfterALookIsToldApart) {
  auto told = start_write();
  const std::string first = waiting_backend();
  watcher->rows("SELECT pg_terminate_backend($1)", {first});
  watcher->rows("SELECT pg_cancel_backend($1)", {waiting_backend(first)});
  EXPECT_EQ(told.get().code, errc::replication_unproven);
  EXPECT_EQ(stored_version(), "2");
}

}  // namespace
}  // namespace atto::test
