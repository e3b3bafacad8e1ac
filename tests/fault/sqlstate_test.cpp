#include "fault/backends.hpp"
#include "fault/eventually.hpp"
#include "fault/fault_store.hpp"
#include "support/temp_dir.hpp"

#include <fmt/format.h>

#include <chrono>
#include <future>
#include <memory>
#include <string>

// What each SQLSTATE of a real server comes to. See docs/errors.md.
namespace atto::test {
namespace {

using std::chrono::milliseconds;

/// A store that logs in as a role of the test's own, which can be given settings and limits.
class RealSqlstate : public testing::Test {
 protected:
  void SetUp() override {
    ATTO_REQUIRE_POSTGRES_SERVER();
    admin = std::make_unique<test_connection>();
    role = unique_name("fault_role");
    table = std::make_unique<test_table>("sqlstate");
    admin->run(fmt::format("CREATE ROLE {} LOGIN SUPERUSER", role));
    const auto first = postgres::open(io.executor(), test_postgres::dsn(), {.table = table->name()});
    blocking_store(*first).ensure_schema();
    audit = std::make_unique<write_audit>(table->name());
    found = std::make_unique<backends>(table->name());
  }

  void TearDown() override {
    store.reset();
    made.reset();
    audit.reset();
    if (!found) return;  // skipped
    EXPECT_TRUE(found->become(0));
    admin->run("DROP ROLE IF EXISTS " + role);
  }

  void use(postgres::pool_options options = fault_store::quick_to_return()) {
    made = postgres::open(
        io.executor(),
        fmt::format("{} user={} password={} application_name={}", test_postgres::dsn(), role, canary, table->name()),
        {.table = table->name()}, options);
    store = std::make_unique<blocking_store>(*made);
  }

  void alter_role(const std::string& what) { admin->run(fmt::format("ALTER ROLE {} {}", role, what)); }
  /// Takes the row, as another client that is about to write it.
  void lock(test_connection& c, const std::string& id) {
    c.run(fmt::format("BEGIN; UPDATE {} SET version = version WHERE session_id = '{}'", table->name(), id));
  }
  std::future<failure_of> start_save(std::int64_t version, milliseconds timeout = milliseconds(0)) {
    return std::async(std::launch::async, [this, version, timeout] {
      return discreet_failure_of([&] { store->save(canary, whole(version), {.timeout = timeout}); });
    });
  }

  io_thread io;
  std::string role;
  std::unique_ptr<test_connection> admin;
  std::unique_ptr<test_table> table;
  std::unique_ptr<session_store> made;
  std::unique_ptr<blocking_store> store;
  std::unique_ptr<write_audit> audit;
  std::unique_ptr<backends> found;
};

class IsolationOfARole : public RealSqlstate, public testing::WithParamInterface<const char*> {};

INSTANTIATE_TEST_SUITE_P(By, IsolationOfARole, testing::Values("repeatable read", "serializable"),
                         [](const auto& tested) { return std::string(tested.index == 0 ? "Repeatable" : "Serial"); });

TEST_P(IsolationOfARole, RacingWritersSeeLostRacesAndNoSerializationFailures) {
  alter_role(fmt::format("SET default_transaction_isolation = '{}'", GetParam()));
  use({.size = 2});
  store->save(canary, whole(1));
  test_connection foreign;
  for (std::int64_t version = 2; version < 8; ++version) {
    lock(foreign, canary);
    auto told = start_save(version);
    ASSERT_TRUE(found->become_waiting(1));
    foreign.run("COMMIT");  // 40001 for the one that waits
    EXPECT_EQ(told.get().code, error_code());
  }
  lock(foreign, canary);
  auto told = start_save(8);
  ASSERT_TRUE(found->become_waiting(1));
  foreign.run(fmt::format("UPDATE {} SET version = 8 WHERE session_id = '{}'; COMMIT", table->name(), canary));
  EXPECT_EQ(told.get().code, errc::concurrent_write);
}

TEST_F(RealSqlstate, ADeadlockWithAForeignClientReachesNoCaller) {  // 40P01
  use();
  store->save("a", whole(1));
  store->save("b", whole(1));
  // Whoever looks for a deadlock first, when there is one, is its victim.
  alter_role("SET deadlock_timeout = '300ms'");
  use();
  store->save("gate", whole(1));
  for (std::int64_t version = 2; version < 5; ++version) {
    test_connection foreign, gate;
    foreign.run("SET deadlock_timeout = '1min'");
    lock(gate, "gate");
    auto held = std::async(std::launch::async, [&] { return store->save("gate", whole(version)); });
    ASSERT_TRUE(found->become_waiting(1));
    std::promise<error_code> a, b;
    const auto start = [&](const char* id, std::promise<error_code>& told) {
      made->async_save(id, whole(version), {}, [&](error_code ec, std::int64_t) { told.set_value(ec); });
    };
    start("a", a);
    start("b", b);
    lock(foreign, "b");
    gate.run("ROLLBACK");
    EXPECT_EQ(held.get(), version);
    ASSERT_TRUE(found->become_waiting(1));  // has a, waits for b
    foreign.run(fmt::format("UPDATE {} SET version = version WHERE session_id = 'a'", table->name()));
    foreign.run("COMMIT");
    EXPECT_EQ(a.get_future().get(), error_code());
    EXPECT_EQ(b.get_future().get(), error_code());
  }
  EXPECT_EQ(store->load("b"), whole(4));
}

TEST_F(RealSqlstate, ALockThatIsNotHadInTimeIsTriedForUntilTheDeadline) {  // 55P03
  use({.size = 1, .lock_timeout = milliseconds(10)});
  store->save(canary, whole(1));
  test_connection foreign;
  lock(foreign, canary);
  const auto f = start_save(2, milliseconds(500)).get();
  EXPECT_TRUE(f.code == errc::outcome_unknown || f.code == errc::timed_out) << f.code.message();
  auto told = start_save(3);
  ASSERT_TRUE(found->become_waiting(1));
  foreign.run("ROLLBACK");
  EXPECT_EQ(told.get().code, error_code());
}

TEST_F(RealSqlstate, AStatementThatAnOperatorCancelsIsTimedOutAndNotDone) {  // 57014
  use();
  store->save(canary, whole(1));
  test_connection foreign;
  lock(foreign, canary);
  auto told = start_save(2);
  ASSERT_TRUE(found->become_waiting(1));
  admin->rows("SELECT pg_cancel_backend($1)", {std::to_string(found->waiting().front())});
  const auto f = told.get();
  EXPECT_EQ(f.code, errc::timed_out);
  EXPECT_EQ(f.diag.code(), "57014");
  foreign.run("ROLLBACK");
  EXPECT_EQ(store->load(canary), whole(1));
}

TEST_F(RealSqlstate, AServerThatTurnsReadOnlyIsUnavailableAndTheStoreGoesOnWhenItTurnsBack) {  // 25006
  use();
  store->save(canary, whole(1));
  alter_role("SET default_transaction_read_only = on");
  found->terminate_all();
  ASSERT_TRUE(found->become(0));
  EXPECT_EQ(start_save(2).get().code, errc::unavailable);
  alter_role("RESET default_transaction_read_only");
  EXPECT_TRUE(eventually([&] { return !start_save(2).get().code; }));
  EXPECT_EQ(store->load(canary), whole(2));
}

TEST_F(RealSqlstate, AStatementWhoseTableWasChangedUnderItIsPreparedAnew) {  // 0A000
  use();
  store->save(canary, whole(1));
  EXPECT_EQ(store->load(canary), whole(1));
  EXPECT_EQ(store->list().size(), 1U);
  admin->run(fmt::format("ALTER TABLE {} ALTER COLUMN created_at TYPE timestamptz(3)", table->name()));
  EXPECT_EQ(store->list().size(), 1U);
  EXPECT_EQ(store->save(canary, whole(2)), 2);
  EXPECT_EQ(store->load(canary), whole(2));
}

TEST_F(RealSqlstate, ARoleWithoutFreeConnectionsIsUnavailableUntilThereIsOne) {  // 53300
  admin->run(fmt::format("ALTER ROLE {} NOSUPERUSER CONNECTION LIMIT 0; GRANT ALL ON {}, {}_tail, {}_audit TO {}", role,
                         table->name(), table->name(), table->name(), role));
  use();
  const auto f = start_save(1).get();
  EXPECT_EQ(f.code, errc::unavailable);
  alter_role("CONNECTION LIMIT 1");
  EXPECT_TRUE(eventually([&] { return !start_save(1).get().code; }));
  EXPECT_EQ(store->load(canary), whole(1));
  admin->run("DROP OWNED BY " + role);
}

TEST_F(RealSqlstate, AnIdleSessionThatTheServerEndsIsReplaced) {  // 57P05
  alter_role("SET idle_session_timeout = '50ms'");
  use();
  for (std::int64_t version = 1; version < 6; ++version) {
    EXPECT_EQ(store->save(canary, whole(version)), version);
    ASSERT_TRUE(found->become(0));
  }
  EXPECT_EQ(audit->repeated(), "");
}

TEST_F(RealSqlstate, ATerminatedWriteIsDoneOnce) {  // 57P01
  use();
  store->save(canary, whole(1));
  test_connection foreign;
  for (std::int64_t version = 2; version < 6; ++version) {
    lock(foreign, canary);
    auto told = start_save(version);
    ASSERT_TRUE(found->become_waiting(1));
    const pid_t first = found->waiting().front();
    found->terminate_all();
    ASSERT_TRUE(found->end_of(first));
    ASSERT_TRUE(found->become_waiting(1));
    foreign.run("ROLLBACK");
    EXPECT_EQ(told.get().code, error_code());
  }
  EXPECT_EQ(store->load(canary), whole(5));
  EXPECT_EQ(audit->repeated(), "");
}

struct raised_code {
  std::string sqlstate;
  error_code code;  // none: tried again until it is done
};

/// A real server raises each, from a trigger of ours, twice.
class RaisedSqlstate : public RealSqlstate, public testing::WithParamInterface<raised_code> {
 protected:
  void raise_twice() {
    const auto name = table->name();
    admin->run(
        fmt::format("CREATE SEQUENCE {0}_raised; CREATE FUNCTION {0}_raise() RETURNS trigger LANGUAGE plpgsql AS"
                    " $$BEGIN IF nextval('{0}_raised') <= 2 THEN RAISE EXCEPTION USING ERRCODE = '{1}';"
                    " END IF; RETURN NEW; END$$;"
                    " CREATE TRIGGER raise BEFORE UPDATE ON {0} FOR EACH ROW EXECUTE FUNCTION {0}_raise()",
                    name, GetParam().sqlstate));
  }
  void TearDown() override {
    if (table)
      admin->run(fmt::format(
          "DROP TRIGGER IF EXISTS raise ON {0}; DROP FUNCTION IF EXISTS {0}_raise; DROP SEQUENCE IF EXISTS {0}_raised",
          table->name()));
    RealSqlstate::TearDown();
  }
};

INSTANTIATE_TEST_SUITE_P(
    Of, RaisedSqlstate,
    testing::Values(raised_code{"40001", {}}, raised_code{"40P01", {}}, raised_code{"40003", errc::outcome_unknown},
                    raised_code{"53200", errc::unavailable}, raised_code{"53400", errc::unavailable},
                    raised_code{"57P02", errc::unavailable}, raised_code{"57P03", errc::unavailable},
                    raised_code{"57P04", errc::unavailable}, raised_code{"54000", errc::too_large},
                    raised_code{"22P05", errc::invalid_document}, raised_code{"42501", errc::storage_failure},
                    raised_code{"XX000", errc::storage_failure}),
    [](const auto& tested) { return tested.param.sqlstate; });

TEST_P(RaisedSqlstate, ComesToItsKindAndTheStoreGoesOn) {
  use();
  store->save(canary, whole(1));
  raise_twice();
  failure_of told = start_save(2).get();
  EXPECT_EQ(told.code, GetParam().code);
  EXPECT_EQ(told.diag.code(), told.code ? GetParam().sqlstate : "");
  EXPECT_TRUE(eventually([&] {
    told = start_save(3).get();
    return !told.code;
  })) << told.diag.message();
  EXPECT_EQ(store->load(canary), whole(3));
  EXPECT_EQ(audit->repeated(), "");
}

}  // namespace
}  // namespace atto::test
