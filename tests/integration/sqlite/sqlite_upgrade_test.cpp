#include <atto/blocking_store.hpp>

#include "integration/sqlite/raw_database.hpp"
#include "support/failure_of.hpp"
#include "support/temp_dir.hpp"

#include <gmock/gmock.h>

#include <chrono>
#include <string>

namespace atto {
namespace {

using test::failure_of;
using test::raw_database;
using testing::HasSubstr;

/// What release 0.1 made of an empty file, word for word.
constexpr const char* schema_1_ddl =
    "BEGIN;"
    "CREATE TABLE atto_sessions ("
    " session_id TEXT NOT NULL PRIMARY KEY,"
    " version INTEGER NOT NULL CHECK (version > 0),"
    " events INTEGER NOT NULL,"
    " bytes INTEGER NOT NULL,"
    " created_at INTEGER NOT NULL,"
    " updated_at INTEGER NOT NULL,"
    " write_id BLOB NOT NULL,"
    " state TEXT NOT NULL"
    ") STRICT, WITHOUT ROWID;"
    "CREATE TABLE atto_sessions_tail ("
    " session_id TEXT NOT NULL,"
    " version INTEGER NOT NULL,"
    " events_total INTEGER NOT NULL,"
    " write_id BLOB NOT NULL,"
    " events TEXT NOT NULL,"
    " PRIMARY KEY (session_id, version)"
    ") STRICT, WITHOUT ROWID;"
    "CREATE VIEW atto_sessions_snapshot AS"
    " SELECT s.session_id, s.version, s.state, (SELECT '[' || coalesce(group_concat(t.inner, ','), '') || ']'"
    " FROM (SELECT substr(events, 2, length(events) - 2) AS inner FROM atto_sessions_tail"
    " WHERE session_id = s.session_id AND events <> '[]' ORDER BY version) AS t) AS history"
    " FROM atto_sessions AS s;"
    "PRAGMA application_id = 1635021935;"
    "PRAGMA user_version = 1;"
    "COMMIT;";

/// A session of one whole save and two turns, and one of a first append.
constexpr const char* schema_1_rows =
    "INSERT INTO atto_sessions VALUES ('long', 7, 4, 4, 1000, 2000, x'0707', '{\"at\":7}');"
    "INSERT INTO atto_sessions_tail VALUES ('long', 5, 2, x'05', '[1,2]'), ('long', 6, 3, x'06', '[3]'),"
    " ('long', 7, 4, x'07', '[4]');"
    "INSERT INTO atto_sessions VALUES ('new', 1, 1, 1, 3000, 3000, x'01', '{}');"
    "INSERT INTO atto_sessions_tail VALUES ('new', 1, 1, x'01', '[9]');";

class SqliteUpgrade : public testing::Test {
 protected:
  SqliteUpgrade() {
    raw_database old(path_);
    old.run(schema_1_ddl);
    old.run(schema_1_rows);
  }

  test::temp_dir dir_;
  std::string path_ = dir_.file("store.db");
  std::string where_ = "sqlite:" + path_;
};

TEST_F(SqliteUpgrade, UntilThenEveryOperationNamesTheCommandAndTouchesNothing) {
  const std::string before = test::bytes_of(path_);
  blocking_store store(where_);
  const failure_of load([&] { static_cast<void>(store.load("long")); });
  EXPECT_EQ(load.code, errc::schema_mismatch);
  EXPECT_THAT(load.diag.message(), HasSubstr("atto init"));
  EXPECT_EQ(failure_of([&] { store.append("long", 7, turn()); }).code, errc::schema_mismatch);
  store.close();
  EXPECT_EQ(test::bytes_of(path_), before);
}

TEST_F(SqliteUpgrade, KeepsEverySessionAndGoesOnWithThem) {
  blocking_store store(where_);
  store.ensure_schema();
  store.ensure_schema();
  state at;
  at.set("at", json("7"));
  EXPECT_EQ(*store.load("long"), snapshot(7, at, {json("1"), json("2"), json("3"), json("4")}));
  EXPECT_EQ(*store.load("new"), snapshot(1, {}, {json("9")}));
  const auto page = store.list();
  ASSERT_EQ(page.size(), 2U);
  EXPECT_EQ(page[0].created.time_since_epoch(), std::chrono::microseconds(1000));
  EXPECT_EQ(store.append("long", 7, {at, {json("5")}}), 8);
  EXPECT_EQ(store.save("new", snapshot(2, {}, {json("0")})), 2);
  EXPECT_EQ(store.load("long")->history.size(), 5U);
  EXPECT_EQ(raw_database(path_).value("SELECT history FROM atto_sessions_snapshot WHERE session_id = 'long'"),
            "[1,2,3,4,5]");
  EXPECT_EQ(raw_database(path_).value("PRAGMA user_version"), "2");
  EXPECT_EQ(raw_database(path_).value("PRAGMA integrity_check"), "ok");
}

TEST_F(SqliteUpgrade, AStoreThatWasRefusedWorksAfterIt) {
  blocking_store store(where_);
  EXPECT_EQ(failure_of([&] { static_cast<void>(store.load("new")); }).code, errc::schema_mismatch);
  blocking_store(where_).ensure_schema();
  EXPECT_EQ(store.load("new")->version, 1);
}

}  // namespace
}  // namespace atto
