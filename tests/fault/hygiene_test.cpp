#include <atto/postgres_pool.hpp>

#include "fault/fault_store.hpp"

#include <fmt/format.h>
#include <libpq-fe.h>

#include <functional>
#include <future>
#include <memory>
#include <string>
#include <utility>
#include <vector>

// What an application may leave a lent connection in.
namespace atto::test {
namespace {

void run(const postgres::lease& l, const std::string& sql) {
  PQclear(PQexec(l.native_handle(), sql.c_str()));
}

/// What is done to a lent connection, before it is given back.
struct misuse {
  std::string name;
  std::function<void(const postgres::lease&, const std::string& table)> what;
};

std::vector<misuse> all_misuses() {
  const auto sql = [](const std::string& text) {
    return [text](const postgres::lease& l, const std::string& table) {
      run(l, fmt::format(fmt::runtime(text), fmt::arg("t", table)));
    };
  };
  return {
      {"PipelineMode", [](const auto& l, const auto&) { PQenterPipelineMode(l.native_handle()); }},
      {"ResultsUnread", [](const auto& l, const auto&) { PQsendQuery(l.native_handle(), "SELECT 1"); }},
      {"NonBlocking", [](const auto& l, const auto&) { PQsetnonblocking(l.native_handle(), 1); }},
      {"Transaction", sql("BEGIN; INSERT INTO {t} (session_id) VALUES ('x')")},
      {"FailedTransaction", sql("BEGIN; SELECT 1 / 0")},
      {"SearchPath", sql("SET search_path = pg_temp, nowhere")},
      {"TemporaryTable", sql("CREATE TEMP TABLE {t} (oops int)")},
      {"ReadOnly", sql("SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY")},
      {"Serializable", sql("SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL SERIALIZABLE")},
      {"Role", sql("SET ROLE pg_monitor")},
      {"StatementTimeout", sql("SET statement_timeout = 1")},
      {"AsynchronousCommit", sql("SET synchronous_commit = off")},
      {"ClientEncoding", sql("SET client_encoding = 'LATIN1'")},
      {"Copy", sql("COPY {t} FROM STDIN")},
      {"BrokenConnection", sql("SELECT pg_terminate_backend(pg_backend_pid())")},
      {"AdvisoryLock", sql("SELECT pg_advisory_lock(7022365739067637760)")},
  };
}

class Hygiene : public testing::TestWithParam<misuse> {
 protected:
  void SetUp() override { ATTO_REQUIRE_POSTGRES_SERVER(); }

  static postgres::lease lend(postgres::pool& p) {
    std::promise<postgres::lease> promise;
    p.async_lease({}, [&](error_code ec, postgres::lease l) {
      EXPECT_EQ(ec, error_code());
      promise.set_value(std::move(l));
    });
    return promise.get_future().get();
  }
};

INSTANTIATE_TEST_SUITE_P(LeftIn, Hygiene, testing::ValuesIn(all_misuses()),
                         [](const auto& tested) { return tested.param.name; });

TEST_P(Hygiene, AConnectionThatComesBackIsMendedOrReplacedBeforeAStoreUsesIt) {
  io_thread io;
  const test_table table("hygiene");
  postgres::pool pool(io.executor(), test_postgres::dsn(), {.size = 2});
  const auto made = postgres::with_pool(pool, {.table = table.name()});
  blocking_store store(*made);
  store.ensure_schema();
  for (std::int64_t version = 1; version < 6; ++version) {
    {
      // Both connections, one after the other: which one a store's operation meets is the pool's choice.
      const auto lent = lend(pool);
      GetParam().what(lent, table.name());
    }
    EXPECT_EQ(discreet_failure_of([&] { store.save(canary, whole(version)); }).code, error_code());
    EXPECT_EQ(store.load(canary), whole(version));
    store.ensure_schema();  // takes the advisory lock
  }
}

TEST(HygieneOfARole, ASearchPathAndAnEncodingOfTheRolesOwnDoNoHarm) {
  ATTO_REQUIRE_POSTGRES_SERVER();
  io_thread io;
  const test_table table("hygiene");
  const auto made = postgres::open(
      io.executor(),
      test_postgres::dsn() + " options='-c search_path=nowhere -c default_transaction_isolation=serializable'",
      {.table = table.name()});
  blocking_store store(*made);
  store.ensure_schema();
  for (std::int64_t version = 1; version < 4; ++version) {
    EXPECT_EQ(store.save(canary, whole(version)), version);
    EXPECT_EQ(store.load(canary), whole(version));
  }
}

}  // namespace
}  // namespace atto::test
