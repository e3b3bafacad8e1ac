#include "integration/postgres/postgres_store_test.hpp"
#include "support/failure_of.hpp"
#include "support/temp_dir.hpp"

#include <gmock/gmock.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <future>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace atto::postgres {
namespace {

using test::failure_of;
using test::io_thread;
using test::test_postgres;
using testing::HasSubstr;
using testing::Not;

constexpr std::chrono::seconds soon{20};  // far below the default deadline of 30 s, far above what is needed

failure_of load_from(const std::string& dsn) {
  io_thread io;
  const auto made = open(io.executor(), dsn);
  blocking_store store(*made);
  return failure_of([&] { static_cast<void>(store.load("s")); });
}

TEST(PostgresTrouble, AClosedPortIsUnavailableAtOnceAndNamesHostAndPort) {
  const auto start = std::chrono::steady_clock::now();
  const failure_of f = load_from("host=127.0.0.1 port=1 user=u password=canary dbname=d");
  EXPECT_EQ(f.code, errc::unavailable);
  EXPECT_THAT(f.diag.message(), HasSubstr("127.0.0.1:1"));
  EXPECT_THAT(f.diag.message() + f.diag.server_message(), Not(HasSubstr("canary")));
  EXPECT_LT(std::chrono::steady_clock::now() - start, soon);
}

TEST(PostgresTrouble, AnUnknownHostIsUnavailableAndNamed) {
  const failure_of f = load_from("postgres://u:canary@no-such-host.invalid:6543/d");
  EXPECT_EQ(f.code, errc::unavailable);
  EXPECT_THAT(f.diag.message(), HasSubstr("no-such-host.invalid:6543"));
  EXPECT_THAT(f.diag.message() + f.diag.server_message(), Not(HasSubstr("canary")));
}

TEST(PostgresTrouble, EveryHostIsTriedBeforeAnOperationFails) {
  const failure_of f = load_from("host=127.0.0.1,127.0.0.1 port=1,2 user=u dbname=d");
  EXPECT_EQ(f.code, errc::unavailable);
  EXPECT_THAT(f.diag.message(), HasSubstr("127.0.0.1:1, 127.0.0.1:2"));
}

class PostgresServerTrouble : public postgres_store_test {
 protected:
  /// Ends every connection of the stores of this test, and returns when their backends are gone. Those that the stores
  /// have opened meanwhile stay.
  void kill_backends() {
    const auto killed = watcher->rows(
        "SELECT pid, pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1", {table->name()});
    const std::string left = "SELECT count(*) FROM pg_stat_activity WHERE pid = $1";
    for (const auto& row : killed) {
      while (watcher->value(left, {row[0]}) != "0") std::this_thread::yield();
    }
  }
};

TEST_F(PostgresServerTrouble, AWrongPasswordIsAMisconfigurationAndNeverShown) {
  const char* tcp = std::getenv("ATTO_TEST_POSTGRES_TCP");
  if (tcp == nullptr) GTEST_SKIP() << "ATTO_TEST_POSTGRES_TCP names no server that asks for a password";
  const failure_of f = load_from(std::string(tcp) + " password=canary");
  EXPECT_EQ(f.code, errc::misconfigured);
  EXPECT_THAT(f.diag.message(), HasSubstr("password"));
  EXPECT_THAT(f.diag.message() + f.diag.server_message(), Not(HasSubstr("canary")));
}

TEST_F(PostgresServerTrouble, ARoleAndADatabaseThatDoNotExistAreRefusedLoginsWithTheServersSqlstate) {
  const failure_of role = load_from(test_postgres::dsn() + " user=nobody_at_all password=canary");
  EXPECT_EQ(role.code, errc::misconfigured);
  EXPECT_FALSE(is_retryable(role.code));
  EXPECT_EQ(role.diag.code(), "28000");
  EXPECT_EQ(role.diag.server_message(), "role \"nobody_at_all\" does not exist");
  EXPECT_THAT(role.diag.message(), HasSubstr("did not let us in"));
  const failure_of database = load_from(test_postgres::dsn() + " dbname=not_there");
  EXPECT_EQ(database.code, errc::misconfigured);
  EXPECT_EQ(database.diag.code(), "3D000");
  EXPECT_THAT(database.diag.message(), HasSubstr("did not let us in"));
}

TEST_F(PostgresServerTrouble, ASettingInTheConnectionStringThatTheServerDoesNotKnowIsAMisconfiguration) {
  const failure_of f = load_from(test_postgres::dsn() + " options='-c no_such_setting=1'");
  EXPECT_EQ(f.code, errc::misconfigured);
  EXPECT_EQ(f.diag.code(), "42704");
}

TEST_F(PostgresServerTrouble, ARefusedLoginIsAMisconfigurationAlsoAfterAHostThatIsDown) {
  const std::string host = watcher->value("SELECT split_part(current_setting('unix_socket_directories'), ',', 1)");
  const std::string port = watcher->value("SELECT current_setting('port')");
  const failure_of f = load_from("host=/nowhere," + host + " port=" + port + " user=nobody_at_all");
  EXPECT_EQ(f.code, errc::misconfigured);
}

TEST_F(PostgresServerTrouble, AServerThatIsFullIsNotTakenForOneThatRefusesTheLogin) {
  foreign->run("CREATE ROLE " + table->name() + " LOGIN CONNECTION LIMIT 0");
  const failure_of f = load_from(test_postgres::dsn() + " user=" + table->name());
  EXPECT_EQ(f.code, errc::unavailable);
  EXPECT_EQ(f.diag.code(), "53300");
  EXPECT_THAT(f.diag.message(), HasSubstr("try again later"));
  foreign->run("DROP ROLE " + table->name());
}

TEST_F(PostgresServerTrouble, AHostThatIsDownIsPassedOver) {
  const std::string host = watcher->value("SELECT split_part(current_setting('unix_socket_directories'), ',', 1)");
  const std::string port = watcher->value("SELECT current_setting('port')");
  use(open_store({}, "host=/nowhere," + host + " port=" + port));
  EXPECT_FALSE(failure_of([&] { store->ensure_schema(); }).code);
}

TEST_F(PostgresServerTrouble, AServerThatIsDownAtStartOrGoesAwayIsNamedAndTheStoreHealsWhenItIsBack) {
  const std::string port = watcher->value("SELECT current_setting('port')");
  const std::string there = watcher->value("SELECT split_part(current_setting('unix_socket_directories'), ',', 1)");
  // A way to the real server that the test can cut: a link to its socket in a folder of the test's own.
  const test::temp_dir folder;
  const auto way = folder.path() / (".s.PGSQL." + port);
  const auto restore = [&] { std::filesystem::create_symlink(there + "/.s.PGSQL." + port, way); };
  use(open_store({}, "host=" + folder.path().string() + " port=" + port));
  const auto down = [&] {
    const failure_of f([&] { static_cast<void>(store->load("s")); });
    EXPECT_EQ(f.code, errc::unavailable);
    EXPECT_THAT(f.diag.message(), HasSubstr(folder.path().string() + ":" + port));
  };
  down();
  restore();
  store->ensure_schema();
  store->save("s", snapshot(1, {}, {}));
  std::filesystem::remove(way);
  kill_backends();
  down();
  restore();
  EXPECT_EQ(store->load("s")->version, 1);
}

TEST_F(PostgresServerTrouble, AServerOfTheWrongKindIsNotUsed) {
  EXPECT_EQ(load_from(test_postgres::dsn() + " target_session_attrs=standby").code, errc::unavailable);
}

TEST_F(PostgresServerTrouble, AServerWithoutTlsIsNotUsedWhenTheDsnRequiresIt) {
  const char* tcp = std::getenv("ATTO_TEST_POSTGRES_TCP");
  if (tcp == nullptr) GTEST_SKIP() << "ATTO_TEST_POSTGRES_TCP names no server on TCP";
  EXPECT_EQ(load_from(std::string(tcp) + " sslmode=require").code, errc::misconfigured);
}

TEST_F(PostgresServerTrouble, TheStoreHealsAfterItsConnectionsWereKilledWhileIdle) {
  use(open_store());
  store->ensure_schema();
  store->save("s", snapshot(1, {}, {}));
  for (std::int64_t version = 2; version < 12; ++version) {
    kill_backends();
    EXPECT_EQ(store->save("s", snapshot(version, {}, {})), version);
  }
}

TEST(PostgresTrouble, AHostThatNobodyVerifiesIsWarnedOfOnceAndThePasswordIsNotNamed) {
  io_thread io;
  std::vector<std::string> lines;
  pool_options options;
  options.on_warning = [&](std::string_view line) { lines.emplace_back(line); };
  const auto made = open(io.executor(), "host=db.invalid password=canary", {}, options);
  blocking_store store(*made);
  EXPECT_EQ(failure_of([&] { static_cast<void>(store.load("s")); }).code, errc::unavailable);
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_THAT(lines[0], HasSubstr("sslmode=verify-full"));
  EXPECT_THAT(lines[0], Not(HasSubstr("canary")));
}

TEST_F(PostgresServerTrouble, AServerLooksForClientsThatDied) {
  use(open_store());
  store->ensure_schema();
  // What a connection has set for itself is seen from inside only: a trigger tells.
  foreign->run("CREATE FUNCTION " + table->name() +
               "_tell() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION '%',"
               " current_setting('client_connection_check_interval'); END $$; CREATE TRIGGER tell BEFORE INSERT ON " +
               table->name() + " FOR EACH ROW EXECUTE FUNCTION " + table->name() + "_tell()");
  const failure_of f([&] { store->save("s", snapshot(1, {}, {})); });
  EXPECT_EQ(f.diag.server_message(), "1s");
  foreign->run("DROP FUNCTION " + table->name() + "_tell CASCADE");
}

/// A table that a foreign client has locked, so that what is sent meanwhile is in flight until it is let go.
class PostgresKilledInFlight : public PostgresServerTrouble {
 protected:
  void prepare() override {
    use(open_store());
    store->ensure_schema();
    store->save("s", snapshot(1, {}, {}));
    hold_table();
  }
};

TEST_F(PostgresKilledInFlight, AWriteAndAReadGoOnWithAnotherConnection) {
  auto save = std::async(std::launch::async, [&] { return store->save("s", snapshot(2, {}, {})); });
  wait_until_stuck();
  kill_backends();
  wait_until_stuck();
  let_go();
  EXPECT_EQ(save.get(), 2);
  hold_table();
  auto load = std::async(std::launch::async, [&] { return store->load("s")->version; });
  wait_until_stuck();
  kill_backends();
  wait_until_stuck();
  let_go();
  EXPECT_EQ(load.get(), 2);
}

TEST_F(PostgresKilledInFlight, AWriteThatFindsNoAnswerByItsDeadlineIsOutcomeUnknown) {
  failure_of f([] {});
  std::thread save(
      [&] { f = failure_of([&] { store->save("s", snapshot(2, {}, {}), {.timeout = std::chrono::seconds(1)}); }); });
  wait_until_stuck();
  kill_backends();
  save.join();
  EXPECT_EQ(f.code, errc::outcome_unknown);
  let_go();
}

TEST_F(PostgresKilledInFlight, ARemoveLeavesNoTraceAndIsOutcomeUnknown) {
  failure_of f([] {});
  std::thread remove([&] { f = failure_of([&] { store->remove("s", {.base = 1}); }); });
  wait_until_stuck();
  kill_backends();
  remove.join();
  EXPECT_EQ(f.code, errc::outcome_unknown);
  EXPECT_EQ(f.diag.code(), "57P01");
  EXPECT_THAT(f.diag.message(), HasSubstr("the connection to"));
  let_go();
  EXPECT_EQ(store->load("s")->version, 1);
}

}  // namespace
}  // namespace atto::postgres
