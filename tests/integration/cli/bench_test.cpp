#include "integration/cli/command.hpp"
#include "support/test_postgres.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <optional>

namespace atto::test {
namespace {

using testing::HasSubstr;

/// Counts agree with each other; nothing is said about how fast it was.
void expect_a_run(const outcome& run) {
  ASSERT_EQ(run.status, 0) << run.err;
  EXPECT_EQ(count_lines(run.out), 1U);
  EXPECT_GT(number_in(run.out, "ops"), 0);
  EXPECT_GE(number_in(run.out, "acknowledged"), number_in(run.out, "ops"));
  EXPECT_GT(number_in(run.out, "ops_per_second"), 0);
  EXPECT_LE(number_in(run.out, "p50_us"), number_in(run.out, "p99_us"));
  EXPECT_LE(number_in(run.out, "p99_us"), number_in(run.out, "max_us"));
}

std::vector<std::string> short_run(const std::string& workload) {
  return {"bench", workload, "--ops", "200", "--sessions", "20", "--writers", "4", "--json"};
}

TEST(CliBench, MeasuresSmallInMemory) {
  expect_a_run(run_atto(on("memory:", short_run("small"))));
}

TEST(CliBench, MeasuresSmallInAFileOfItsOwnAndRemovesIt) {
  const temp_dir dir;
  const std::string file = dir.file("bench.db");
  expect_a_run(run_atto(on("sqlite:" + file, short_run("small"))));
  EXPECT_FALSE(std::filesystem::exists(file));
}

TEST(CliBench, EveryWorkloadRuns) {
  for (const std::string workload : {"small", "conversations", "long"}) {
    for (const std::string mode : {"save", "append"}) {
      std::vector<std::string> arguments = short_run(workload);
      arguments.insert(arguments.end(), {"--mode", mode, "--file", sample_file(), "--events", "30"});
      SCOPED_TRACE(workload + " " + mode);
      expect_a_run(run_atto(on("memory:", arguments)));
    }
  }
  for (const std::string how : {"--last", "--events"}) {
    std::vector<std::string> arguments = short_run("load");
    arguments.insert(arguments.end(), {how, "20"});
    ASSERT_EQ(run_atto(on("memory:", arguments)).status, 0);
  }
  ASSERT_EQ(run_atto(on("memory:", {"bench", "list", "--sessions", "300", "--ops", "10", "--middle"})).status, 0);
  ASSERT_EQ(run_atto(on("memory:", {"bench", "idle", "--sessions", "3", "--ops", "10", "--store-thread"})).status, 0);
  ASSERT_EQ(run_atto(on("memory:", {"bench", "waiting", "--sessions", "50"})).status, 0);
  for (const std::string way : {"runtime", "store", "lock", "coroutine", "parts"}) {
    std::vector<std::string> arguments = short_run("turns");
    arguments.insert(arguments.end(), {"--by", way, "--pause", "1"});
    const outcome run = run_atto(on("memory:", arguments));
    SCOPED_TRACE(way);
    ASSERT_EQ(run.status, 0) << run.err;
    EXPECT_EQ(number_in(run.out, "ops"), 200);
  }
  for (const std::string way : {"runtime", "store"}) {
    for (const bool claims : {false, true}) {
      std::vector<std::string> arguments{"bench", "hydrate", "--by", way, "--sessions", "50", "--ops", "1", "--json"};
      if (claims) arguments.emplace_back("--claims");
      const outcome run = run_atto(on("memory:", arguments));
      ASSERT_EQ(run.status, 0) << run.err;
      EXPECT_EQ(number_in(run.out, "ops"), 50);
    }
  }
  const outcome live = run_atto(on("memory:", {"bench", "live", "--sessions", "50", "--json"}));
  ASSERT_EQ(live.status, 0) << live.err;
  EXPECT_EQ(number_in(live.out, "ops"), 50);
}

TEST(CliBench, LeavesAFileThatIsThereAlone) {
  const sqlite_fixture f;
  ASSERT_EQ(f.run({"put", "a"}, R"({"version":1,"state":{},"history":[]})").status, 0);
  const outcome refused = f.run(short_run("small"));
  EXPECT_EQ(refused.status, 2);
  EXPECT_THAT(refused.err, HasSubstr("exists"));
  EXPECT_EQ(f.run({"get", "a"}).status, 0);
}

class CliBenchPostgres : public testing::Test {
 protected:
  void SetUp() override {
    ATTO_REQUIRE_POSTGRES_SERVER();
    server_.emplace();
    table_.emplace("bench");
  }
  outcome run() const {
    std::vector<std::string> arguments = short_run("small");
    arguments.insert(arguments.end(), {"--table", table_->name()});
    return run_atto(on(test_postgres::dsn(), arguments));
  }
  std::string ids() {
    return server_->value("SELECT coalesce(string_agg(session_id, ','), '') FROM " + table_->name());
  }

  std::optional<test_connection> server_;
  std::optional<test_table> table_;
};

TEST_F(CliBenchPostgres, LeavesItsTableEmptyAndTakesItAgain) {
  expect_a_run(run());
  EXPECT_EQ(ids(), "");
  expect_a_run(run());
}

TEST_F(CliBenchPostgres, RefusesATableWithSessionsOfOthers) {
  expect_a_run(run());
  server_->run("INSERT INTO " + table_->name() + " VALUES ('a', 1, '{}', '[]', 1, 0, 0, 0, NULL, now(), now())");
  for (const std::string id : {"a", "zz"}) {
    server_->run("UPDATE " + table_->name() + " SET session_id = '" + id + "'");
    const outcome refused = run();
    EXPECT_EQ(refused.status, 1);
    EXPECT_THAT(refused.err, HasSubstr("foreign_sessions"));
    EXPECT_EQ(ids(), id);
  }
}

}  // namespace
}  // namespace atto::test
