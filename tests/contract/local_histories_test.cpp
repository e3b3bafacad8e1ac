// Recorded histories of the stores that need no server: versions never go back, each has one winner, and state, history
// and version belong together.

#include <atto/memory_store.hpp>
#include <atto/sqlite_store.hpp>

#include "contract/histories.hpp"
#include "support/io_thread.hpp"
#include "support/temp_dir.hpp"

#include <gtest/gtest.h>

#include <memory>

namespace atto::test {
namespace {

class MemoryHistories : public ::testing::Test {
 protected:
  void expect_legal(const history_workload& work, std::size_t histories) {
    expect_legal_histories({store_.get()}, work, histories);
  }

 private:
  io_thread io_;
  std::unique_ptr<session_store> store_ = memory::open(io_.executor());
};

TEST_F(MemoryHistories, OfRacingSavesAndAppendsAreLegal) {
  expect_legal({.seed = 1}, histories_to_run(400));
}

TEST_F(MemoryHistories, OfRacingSavesAppendsAndRemovesAreLegal) {
  expect_legal({.seed = 2, .habits = {.removes = true}}, histories_to_run(400));
}

TEST_F(MemoryHistories, OfManyOperationsAreLegal) {
  expect_legal({.seed = 3, .sessions = 2, .steps = 250}, histories_to_run(400) / 50);
}

/// Two stores on one file.
class SqliteHistories : public ::testing::Test {
 protected:
  void expect_legal(const history_workload& work, std::size_t histories) {
    expect_legal_histories({first_.get(), second_.get()}, work, histories);
  }

 private:
  io_thread io_;
  temp_dir dir_;
  std::unique_ptr<session_store> first_ = open();
  std::unique_ptr<session_store> second_ = open();

  std::unique_ptr<session_store> open() {
    auto store = sqlite::open(io_.executor(), dir_.file("sessions.db"));
    blocking_store(*store).ensure_schema();
    return store;
  }
};

TEST_F(SqliteHistories, OfRacingSavesAndAppendsAreLegal) {
  expect_legal({.seed = 4}, histories_to_run(100));
}

TEST_F(SqliteHistories, OfRacingSavesAppendsAndRemovesAreLegal) {
  expect_legal({.seed = 5, .habits = {.removes = true}}, histories_to_run(100));
}

TEST_F(SqliteHistories, OfManyOperationsAreLegal) {
  expect_legal({.seed = 6, .sessions = 2, .steps = 150}, histories_to_run(100) / 50);
}

TEST_F(SqliteHistories, OfCallersWhoHardlyWaitAreLegal) {
  expect_legal({.seed = 7, .habits = {.removes = true, .impatient_percent = 40}}, histories_to_run(100));
}

}  // namespace
}  // namespace atto::test
