#include "integration/cli/command.hpp"

#include "support/test_data.hpp"
#include "support/test_postgres.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>

namespace atto::test {
namespace {

/// A database of the test's own: the command always uses the default table.
class own_database {
 public:
  own_database() : name_(unique_name("atto_cli")) { server_.run("CREATE DATABASE " + name_); }
  ~own_database() { server_.run(fmt::format("DROP DATABASE {} WITH (FORCE)", name_)); }
  own_database(const own_database&) = delete;
  own_database& operator=(const own_database&) = delete;

  /// The server's connection string with this database in it.
  [[nodiscard]] std::string dsn() const {
    const std::string server = test_postgres::dsn();
    if (server.find("://") == std::string::npos) return server + " dbname=" + name_;
    const std::size_t query = server.find('?');
    const std::string uri = server.substr(0, query);
    const std::size_t path = uri.find('/', uri.find("://") + 3);
    const std::string rest = query == std::string::npos ? "" : server.substr(query);
    return uri.substr(0, path) + "/" + name_ + rest;
  }

 private:
  test_connection server_;
  std::string name_;
};

/// The real conversations when they are there, else the sample.
std::string conversations() {
  const auto file = large_data("airline_conversations.jsonl");
  return file ? file->string() : sample_file();
}

class CliReplayPostgres : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    ATTO_REQUIRE_POSTGRES_SERVER();
    database_.emplace();
  }
  outcome replay(std::vector<std::string> more) const {
    more.insert(more.begin(), {"replay", "--json", "--mode", GetParam()});
    return run_atto(on(database_->dsn(), more));
  }

  std::optional<own_database> database_;
};

void expect_whole(const outcome& o) {
  EXPECT_EQ(o.status, 0) << o.err;
  EXPECT_EQ(number_in(o.out, "differences"), 0) << o.out;
}

TEST_P(CliReplayPostgres, ConversationsComeBack) {
  expect_whole(replay({conversations()}));
  expect_whole(replay({conversations(), "--fresh", "--writers", "64"}));
  expect_whole(replay({sample_file(), "--fresh"}));
}

TEST_P(CliReplayPostgres, TwoProcessesReplayAShardEach) {
  process first(on(database_->dsn(), {"replay", conversations(), "--mode", GetParam(), "--shard", "1/2", "--json"}));
  process second(on(database_->dsn(), {"replay", conversations(), "--mode", GetParam(), "--shard", "2/2", "--json"}));
  expect_whole(first.wait());
  expect_whole(second.wait());
  const outcome all = replay({conversations()});
  expect_whole(all);
  EXPECT_EQ(number_in(all.out, "turns"), 0);
}

TEST_P(CliReplayPostgres, ACopyFromSqliteAndBackEndsEqual) {
  const sqlite_fixture from;
  const sqlite_fixture back;
  ASSERT_EQ(from.run({"replay", conversations(), "--mode", GetParam()}).status, 0);
  const outcome there = run_atto({"copy", from.store(), database_->dsn()});
  ASSERT_EQ(there.status, 0) << there.err;
  ASSERT_EQ(run_atto({"copy", database_->dsn(), back.store()}).status, 0);
  const outcome compared = back.run({"replay", conversations(), "--json"});
  expect_whole(compared);
  EXPECT_EQ(number_in(compared.out, "turns"), 0);
}

TEST_P(CliReplayPostgres, MissingTablesNameAttoInit) {
  const outcome o = run_atto(on(database_->dsn(), {"list"}));
  EXPECT_EQ(o.status, 1);
  EXPECT_THAT(o.err, testing::StartsWith("atto: schema_missing: "));
  EXPECT_THAT(o.err, testing::HasSubstr("atto init"));
}

INSTANTIATE_TEST_SUITE_P(Modes, CliReplayPostgres, testing::Values("save", "append"),
                         [](const auto& instance) { return instance.param; });

}  // namespace
}  // namespace atto::test
