// Recorded histories of the PostgreSQL store: versions never go back, each has one winner, and state, history and
// version belong together; also while connections are killed, when what is in doubt may happen or not, but nothing
// that was told may be wrong.

#include <atto/postgres_store.hpp>

#include "contract/histories.hpp"
#include "support/io_thread.hpp"
#include "support/temp_dir.hpp"
#include "support/test_postgres.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace atto::test {
namespace {

/// Two stores on one table, each with a pool of its own.
class PostgresHistories : public ::testing::Test {
 protected:
  void SetUp() override {
    ATTO_REQUIRE_POSTGRES_SERVER();
    server_ = std::make_unique<test_connection>();
    table_ = std::make_unique<test_table>("histories");
    first_ = open();
    second_ = open();
    blocking_store(*first_).ensure_schema();
  }

  void expect_legal(const history_workload& work, std::size_t histories, std::size_t faults = 0) {
    expect_legal_histories({first_.get(), second_.get()}, work, histories, faults);
  }

  /// Ends the connections of this test's stores, whatever they are at.
  void kill_backends() {
    server_->rows("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1", {application_});
  }

 private:
  std::unique_ptr<session_store> open() {
    return postgres::open(io_.executor(), test_postgres::dsn() + " application_name=" + application_,
                          {.table = table_->name()}, {.size = 2});
  }

  std::string application_ = unique_name("histories");
  io_thread io_;
  std::unique_ptr<test_connection> server_;
  std::unique_ptr<test_table> table_;
  std::unique_ptr<session_store> first_;
  std::unique_ptr<session_store> second_;
};

TEST_F(PostgresHistories, OfRacingSavesAndAppendsAreLegal) {
  expect_legal({.seed = 11}, histories_to_run(100));
}

TEST_F(PostgresHistories, OfRacingSavesAppendsAndRemovesAreLegal) {
  expect_legal({.seed = 12, .habits = {.removes = true}}, histories_to_run(100));
}

TEST_F(PostgresHistories, OfManyOperationsAreLegal) {
  expect_legal({.seed = 13, .sessions = 2, .steps = 150}, histories_to_run(100) / 50);
}

TEST_F(PostgresHistories, OfCallersWhoHardlyWaitAreLegal) {
  // Without removes: who gives up puts first writes of others in doubt, which no one can decide across a remove.
  expect_legal({.seed = 14, .habits = {.impatient_percent = 40}}, histories_to_run(100));
}

TEST_F(PostgresHistories, WhileConnectionsAreKilledAreLegal) {
  const auto kill = [this] { kill_backends(); };
  expect_legal({.seed = 15, .steps = 25, .disturb = kill}, histories_to_run(80), 1);
}

TEST_F(PostgresHistories, WithRemovesWhileConnectionsAreKilledAreLegal) {
  const auto kill = [this] { kill_backends(); };
  expect_legal({.seed = 16, .habits = {.removes = true}, .disturb = kill}, histories_to_run(80), 1);
}

}  // namespace
}  // namespace atto::test
