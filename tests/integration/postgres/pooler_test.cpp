#include "integration/postgres/postgres_store_test.hpp"

#include <boost/asio/use_future.hpp>

#include <gmock/gmock.h>

#include <future>
#include <string>
#include <vector>

namespace atto::postgres {
namespace {

using test::test_connection;
using test::test_postgres;

/// A store behind a PgBouncer in transaction mode, where each transaction may have another backend.
class PostgresPooler : public postgres_store_test {
 protected:
  void prepare() override {
    if (test_postgres::pgbouncer_dsn().empty()) GTEST_SKIP() << "no PgBouncer is installed; run script/test";
  }

  std::unique_ptr<session_store> store_with(statement_names names) {
    return open(io.executor(), test_postgres::pgbouncer_dsn(), {.table = table->name()}, {.size = 8, .names = names});
  }
};

class PostgresPoolerNames : public PostgresPooler, public testing::WithParamInterface<statement_names> {};

TEST_P(PostgresPoolerNames, AStoreWorksBehindATransactionPooler) {
  use(store_with(GetParam()));
  store->ensure_schema();
  std::vector<std::future<std::int64_t>> all;
  for (int round = 1; round <= 20; ++round) {
    for (int i = 0; i < 40; ++i) {
      all.push_back(made->async_append("s" + std::to_string(i), round - 1, turn({}, history{json("1")}), {},
                                       boost::asio::use_future));
    }
  }
  for (auto& f : all) EXPECT_NO_THROW(f.get());
  for (int i = 0; i < 40; ++i) EXPECT_EQ(store->load("s" + std::to_string(i))->history.size(), 20U);
}

INSTANTIATE_TEST_SUITE_P(Names, PostgresPoolerNames,
                         testing::Values(statement_names::automatic, statement_names::unnamed));

TEST_P(PostgresPoolerNames, LeavesNoSettingBehindForTheNextClientOfTheBackend) {
  use(store_with(GetParam()));
  store->ensure_schema();
  store->save("s", snapshot(1, {}, {}));
  test_connection next(test_postgres::pgbouncer_dsn());
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(next.value("SELECT setting FROM pg_settings WHERE name = 'statement_timeout'"), "0");
    EXPECT_EQ(next.value("SELECT setting FROM pg_settings WHERE name = 'lock_timeout'"), "0");
    EXPECT_EQ(
        next.value("SELECT count(*) FROM pg_prepared_statements WHERE strpos(statement, $1) > 0", {table->name()}),
        "0");
  }
}

TEST_F(PostgresPooler, NamedStatementsBehindItFailWithWordsThatSayWhatToSet) {
  use(store_with(statement_names::automatic));
  store->ensure_schema();
  const auto named = store_with(statement_names::named);
  std::vector<std::future<std::int64_t>> all;
  std::vector<diagnostics> words(400);
  for (std::size_t i = 0; i < words.size(); ++i) {
    all.push_back(
        named->async_save("s" + std::to_string(i), snapshot(1, {}, {}), {.diag = &words[i]}, boost::asio::use_future));
  }
  for (std::size_t i = 0; i < words.size(); ++i) {
    try {
      all[i].get();
    } catch (const boost::system::system_error& e) {
      EXPECT_EQ(e.code(), errc::storage_failure) << words[i].message() << words[i].code() << words[i].server_message();
      EXPECT_THAT(words[i].message(), testing::HasSubstr("unnamed"));
    }
  }
}

}  // namespace
}  // namespace atto::postgres
