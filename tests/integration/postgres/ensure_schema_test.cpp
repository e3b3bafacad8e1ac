#include "integration/postgres/postgres_store_test.hpp"
#include "support/failure_of.hpp"

#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>
#include <vector>

namespace atto::postgres {
namespace {

using test::failure_of;
using test::io_thread;
using test::test_postgres;
using test::test_table;
using testing::HasSubstr;

/// A process of its own that ensures the schema once `go` can be read; its exit status is 0 on success.
pid_t ensure_in_a_process(const std::string& dsn, const std::string& table, int go) {
  const pid_t child = fork();
  if (child != 0) return child;
  char byte = 0;
  if (read(go, &byte, 1) < 0) _exit(2);
  try {
    io_thread io;
    const auto made = open(io.executor(), dsn, {.table = table});
    blocking_store(*made).ensure_schema();
  } catch (const std::exception& e) {
    static_cast<void>(fprintf(stderr, "%s\n", e.what()));
    _exit(1);
  }
  _exit(0);
}

// Not of the fixture below: this process may have no other thread when it forks.
TEST(PostgresEnsureSchemaInProcesses, IsSafeWhen32ProcessesRunItAtTheSameMoment) {
  ATTO_REQUIRE_POSTGRES_SERVER();
  test_table table("schema");
  for (int round = 0; round < 3; ++round) {
    table.drop();
    int go[2];
    ASSERT_EQ(pipe(go), 0);
    std::vector<pid_t> children;
    for (int i = 0; i < 32; ++i) children.push_back(ensure_in_a_process(test_postgres::dsn(), table.name(), go[0]));
    ASSERT_EQ(write(go[1], std::string(32, '!').data(), 32), 32);
    for (const pid_t child : children) {
      int status = -1;
      ASSERT_EQ(waitpid(child, &status, 0), child);
      EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    }
    close(go[0]);
    close(go[1]);
  }
}

class PostgresEnsureSchema : public postgres_store_test {
 protected:
  failure_of ensure(const std::string& dsn, const std::string& name) {
    const auto opened = open(io.executor(), dsn, {.table = name});
    return failure_of([&] { blocking_store(*opened).ensure_schema(); });
  }
};

TEST_F(PostgresEnsureSchema, NeedsNoCreatePrivilegeWhenNothingIsMissing) {
  ASSERT_FALSE(ensure(test_postgres::dsn(), table->name()).code);
  const std::string role = table->name() + "_reader";
  foreign->run("CREATE ROLE " + role + " LOGIN");
  foreign->run("REVOKE CREATE ON SCHEMA public FROM PUBLIC");
  foreign->run("GRANT SELECT, INSERT, UPDATE, DELETE ON " + table->name() + ", " + table->name() + "_tail TO " + role);
  const std::string as_role = test_postgres::dsn() + " user=" + role;
  EXPECT_FALSE(ensure(as_role, table->name()).code);
  const failure_of refused = ensure(as_role, table->name() + "x");
  EXPECT_EQ(refused.code, errc::storage_failure);
  EXPECT_EQ(refused.diag.code(), "42501");
  foreign->run("DROP OWNED BY " + role + "; DROP ROLE " + role);
}

TEST_F(PostgresEnsureSchema, LeavesAForeignTableOfThatNameAlone) {
  foreign->run("CREATE TABLE " + table->name() + " (mine text); INSERT INTO " + table->name() + " VALUES ('kept')");
  EXPECT_EQ(ensure(test_postgres::dsn(), table->name()).code, errc::schema_mismatch);
  EXPECT_EQ(foreign->value("SELECT mine FROM " + table->name()), "kept");
  EXPECT_EQ(foreign->value("SELECT count(*) FROM pg_class WHERE relname LIKE '" + table->name() + "\\_%'"), "0");
  EXPECT_EQ(foreign->value("SELECT obj_description('" + table->name() + "'::regclass) IS NULL"), "t");
}

TEST_F(PostgresEnsureSchema, RefusesANewerSchemaAndDoesNotTouchIt) {
  ASSERT_FALSE(ensure(test_postgres::dsn(), table->name()).code);
  foreign->run("COMMENT ON TABLE " + table->name() + " IS 'atto session store, schema 3'");
  EXPECT_EQ(ensure(test_postgres::dsn(), table->name()).code, errc::schema_mismatch);
  EXPECT_EQ(foreign->value("SELECT obj_description('" + table->name() + "'::regclass)"),
            "atto session store, schema 3");
}

TEST_F(PostgresEnsureSchema, ATableOfANewerSchemaIsNeitherReadNorWritten) {
  ASSERT_FALSE(ensure(test_postgres::dsn(), table->name()).code);
  foreign->run("COMMENT ON TABLE " + table->name() + " IS 'atto session store, schema 3'");
  use(open_store());
  EXPECT_EQ(failure_of([&] { static_cast<void>(store->load("s")); }).code, errc::schema_mismatch);
  EXPECT_EQ(failure_of([&] { store->save("s", snapshot(1, {}, {})); }).code, errc::schema_mismatch);
  EXPECT_EQ(failure_of([&] { static_cast<void>(store->list()); }).code, errc::schema_mismatch);
  EXPECT_EQ(foreign->value("SELECT count(*) FROM " + table->name()), "0");
}

TEST_F(PostgresEnsureSchema, OfAMissingSchemaSaysWhatToDo) {
  const failure_of refused = ensure(test_postgres::dsn(), "no_such_schema.t");
  EXPECT_EQ(refused.code, errc::schema_missing);
  EXPECT_THAT(refused.diag.message(), HasSubstr("create it"));
}

TEST_F(PostgresEnsureSchema, UntilThenEveryOperationIsSchemaMissingAndNamesTheCommand) {
  use(open_store());
  const std::vector<failure_of> refusals{failure_of([&] { static_cast<void>(store->load("s")); }),
                                         failure_of([&] { store->save("s", snapshot(1, {}, {})); }),
                                         failure_of([&] { store->append("s", 0, turn()); }),
                                         failure_of([&] { store->append("s", 1, turn()); }),
                                         failure_of([&] { store->remove("s"); }),
                                         failure_of([&] { static_cast<void>(store->list()); })};
  for (const failure_of& f : refusals) {
    EXPECT_EQ(f.code, errc::schema_missing);
    EXPECT_THAT(f.diag.message(), HasSubstr("atto init"));
    EXPECT_EQ(f.diag.code(), "42P01");
  }
}

TEST_F(PostgresEnsureSchema, ATableOfAnotherShapeUnderOurNameIsASchemaMismatch) {
  foreign->run("CREATE TABLE " + table->name() + " (session_id text, version text)");
  use(open_store());
  EXPECT_EQ(failure_of([&] { store->save("s", snapshot(1, {}, {})); }).code, errc::schema_mismatch);
}

TEST_F(PostgresEnsureSchema, NamesTheColumnThatATableHasLost) {
  ASSERT_FALSE(ensure(test_postgres::dsn(), table->name()).code);
  const auto columns = watcher->rows(
      "SELECT c.relname, a.attname FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid"
      " WHERE c.relname::text IN ($1, $1 || '_tail') AND a.attnum > 0",
      {table->name()});
  ASSERT_EQ(columns.size(), 21U);
  for (const auto& column : columns) {
    const std::string alter = "ALTER TABLE " + column[0] + " RENAME COLUMN ";
    foreign->run(alter + column[1] + " TO lost");
    const failure_of refused = ensure(test_postgres::dsn(), table->name());
    EXPECT_EQ(refused.code, errc::schema_mismatch) << column[0] << " " << column[1];
    EXPECT_THAT(refused.diag.message(), HasSubstr("has no column `" + column[1] + " "));
    foreign->run(alter + "lost TO " + column[1]);
  }
  EXPECT_FALSE(ensure(test_postgres::dsn(), table->name()).code);
}

TEST_F(PostgresEnsureSchema, AColumnOfAnotherTypeOrThatMayBeNullIsAsGoodAsLost) {
  ASSERT_FALSE(ensure(test_postgres::dsn(), table->name()).code);
  const std::string alter = "ALTER TABLE " + table->name() + " ALTER COLUMN ";
  foreign->run(alter + "bytes TYPE int4");
  EXPECT_THAT(ensure(test_postgres::dsn(), table->name()).diag.message(), HasSubstr("`bytes int8 NOT NULL`"));
  foreign->run(alter + "bytes TYPE int8");
  foreign->run(alter + "epoch DROP NOT NULL");
  EXPECT_THAT(ensure(test_postgres::dsn(), table->name()).diag.message(), HasSubstr("`epoch int8 NOT NULL`"));
}

TEST_F(PostgresEnsureSchema, ATableThatHasLostAColumnIsNeitherReadNorWrittenNorMendedWithoutItsData) {
  ASSERT_FALSE(ensure(test_postgres::dsn(), table->name()).code);
  foreign->run("SET client_min_messages = warning; ALTER TABLE " + table->name() +
               " DROP COLUMN history CASCADE");  // and the view with it
  use(open_store());
  EXPECT_EQ(failure_of([&] { store->ensure_schema(); }).code, errc::schema_mismatch);
  EXPECT_EQ(failure_of([&] { static_cast<void>(store->list()); }).code, errc::schema_mismatch);
  EXPECT_EQ(failure_of([&] { store->save("s", snapshot(1, {}, {})); }).code, errc::schema_mismatch);
  EXPECT_EQ(watcher->value("SELECT to_regclass($1) IS NULL", {table->name() + "_snapshot"}), "t");
}

TEST_F(PostgresEnsureSchema, AColumnOfAnOperatorsOwnDoesNoHarm) {
  ASSERT_FALSE(ensure(test_postgres::dsn(), table->name()).code);
  foreign->run("ALTER TABLE " + table->name() + " ADD COLUMN note text");
  use(open_store());
  store->ensure_schema();
  EXPECT_EQ(store->save("s", snapshot(1, {}, {})), 1);
}

TEST_F(PostgresEnsureSchema, FindsItsTablesWhateverTheSearchPathAndATempTableSay) {
  ASSERT_FALSE(ensure(test_postgres::dsn(), table->name()).code);
  use(open_store({}, "options='-c search_path=pg_temp'"));
  EXPECT_EQ(store->save("s", snapshot(1, {}, {})), 1);
  EXPECT_EQ(watcher->value("SELECT count(*) FROM public." + table->name()), "1");
}

}  // namespace
}  // namespace atto::postgres
