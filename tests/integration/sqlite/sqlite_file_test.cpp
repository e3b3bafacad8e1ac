#include <atto/blocking_store.hpp>
#include <atto/sqlite_store.hpp>

#include "integration/sqlite/child_process.hpp"
#include "integration/sqlite/raw_database.hpp"
#include "support/temp_dir.hpp"

#include <boost/asio/io_context.hpp>

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace atto {
namespace {

namespace fs = std::filesystem;

/// The error of a call, with its diagnostics; none when it throws none.
struct outcome {
  error_code code;
  diagnostics diag;
};

outcome outcome_of(const std::function<void()>& call) {
  try {
    call();
  } catch (const error_with_diagnostics& e) {
    EXPECT_FALSE(e.get_diagnostics().message().empty());
    EXPECT_EQ(e.get_diagnostics().message().find('\n'), std::string::npos);
    return {e.code(), e.get_diagnostics()};
  }
  return {};
}

class SqliteFile : public ::testing::Test {
 protected:
  outcome load() {
    return outcome_of([&] { (void)blocking_store(where_).load("a"); });
  }
  outcome append(std::int64_t base = 0) {
    return outcome_of([&] { blocking_store(where_).append("a", base, turn()); });
  }
  outcome ensure_schema() {
    return outcome_of([&] { blocking_store(where_).ensure_schema(); });
  }

  /// Every operation is refused, and the file and its directory stay as they are.
  void expect_refused_untouched() {
    const std::string before = bytes(), names = names_in_dir();
    EXPECT_EQ(load().code, errc::schema_mismatch);
    EXPECT_EQ(append().code, errc::schema_mismatch);
    EXPECT_EQ(ensure_schema().code, errc::schema_mismatch);
    EXPECT_EQ(bytes(), before);
    EXPECT_EQ(names_in_dir(), names);
  }

  std::string bytes() const {
    return test::bytes_of(path_) + '|' + test::bytes_of(path_ + "-journal") + '|' + test::bytes_of(path_ + "-wal");
  }
  std::string names_in_dir() const {
    std::vector<std::string> names;
    for (const auto& e : fs::directory_iterator(dir_.path())) names.push_back(e.path().filename().string());
    std::sort(names.begin(), names.end());
    std::string all;
    for (const auto& n : names) all += n + ' ';
    return all;
  }

  test::temp_dir dir_;
  std::string path_ = dir_.file("store.db");
  std::string where_ = "sqlite:" + path_;
};

TEST_F(SqliteFile, ArgumentsAreCheckedAndNoFileIsTouched) {
  boost::asio::io_context context;
  const auto refused = [&](std::string path, sqlite::options o = {}) {
    return outcome_of([&] { (void)sqlite::open(context.get_executor(), std::move(path), o); }).code;
  };
  EXPECT_EQ(refused(""), errc::invalid_argument);
  EXPECT_EQ(refused(":memory:"), errc::invalid_argument);
  EXPECT_EQ(refused(std::string("a\0b", 3)), errc::invalid_argument);
  EXPECT_EQ(refused(path_, {.max_waiting = 0}), errc::invalid_argument);
  EXPECT_EQ(refused(path_, {.limits = {.max_session_bytes = 0}}), errc::invalid_argument);
  EXPECT_EQ(refused(path_), error_code());
  EXPECT_EQ(names_in_dir(), "");
}

TEST_F(SqliteFile, AMissingFileIsMissingSchemaAndStaysMissing) {
  const outcome o = load();

  EXPECT_EQ(o.code, errc::schema_missing);
  EXPECT_NE(o.diag.message().find("atto init"), std::string::npos);
  EXPECT_EQ(append().code, errc::schema_missing);
  EXPECT_EQ(names_in_dir(), "");
}

TEST_F(SqliteFile, AnEmptyFileIsMissingSchemaToo) {
  std::ofstream(path_).flush();

  EXPECT_EQ(append().code, errc::schema_missing);
  EXPECT_EQ(bytes(), "||");
  EXPECT_EQ(ensure_schema().code, error_code());
  EXPECT_EQ(append().code, error_code());
}

TEST_F(SqliteFile, TheFileIsForItsOwnerOnly) {
  ::umask(0);
  ASSERT_EQ(ensure_schema().code, error_code());
  ASSERT_EQ(append().code, error_code());

  for (const auto& e : fs::directory_iterator(dir_.path())) {
    EXPECT_EQ(fs::status(e).permissions(), fs::perms::owner_read | fs::perms::owner_write) << e.path();
  }
}

TEST_F(SqliteFile, ADirectoryThatIsMissingIsAStorageFailure) {
  where_ = "sqlite:" + dir_.file("none/store.db");

  EXPECT_EQ(ensure_schema().code, errc::storage_failure);
  EXPECT_EQ(load().code, errc::schema_missing);
}

TEST_F(SqliteFile, WhatIsNoRegularFileIsRefused) {
  fs::create_directory(path_);
  EXPECT_EQ(load().code, errc::storage_failure);
  EXPECT_EQ(ensure_schema().code, errc::storage_failure);
  fs::remove(path_);
  fs::create_symlink(dir_.file("target"), path_);
  EXPECT_EQ(load().code, errc::storage_failure);
  EXPECT_EQ(ensure_schema().code, errc::storage_failure);
  EXPECT_FALSE(fs::exists(dir_.file("target")));
}

TEST_F(SqliteFile, AFileThatIsNotSqliteIsRefused) {
  std::ofstream(path_) << std::string(5000, 'x');

  expect_refused_untouched();
  EXPECT_EQ(load().diag.code(), "SQLITE_NOTADB");
}

TEST_F(SqliteFile, AShortFileThatIsNotSqliteIsRefused) {
  std::ofstream(path_) << "SQLite format 3";
  expect_refused_untouched();
}

TEST_F(SqliteFile, AnotherApplicationsFileIsRefused) {
  test::raw_database(path_).run("PRAGMA application_id = 7; CREATE TABLE atto_sessions (x)");
  expect_refused_untouched();
}

TEST_F(SqliteFile, AnUnstampedFileWithTablesIsRefused) {
  test::raw_database(path_).run("CREATE TABLE t (x); INSERT INTO t VALUES (1)");
  expect_refused_untouched();
}

TEST_F(SqliteFile, AnUnstampedEmptyDatabaseIsTaken) {
  test::raw_database(path_).run("CREATE TABLE t (x); DROP TABLE t");

  EXPECT_EQ(load().code, errc::schema_missing);
  EXPECT_EQ(ensure_schema().code, error_code());
  EXPECT_EQ(append().code, error_code());
}

TEST_F(SqliteFile, ANewerSchemaIsRefused) {
  ASSERT_EQ(ensure_schema().code, error_code());
  test::raw_database(path_).run("PRAGMA user_version = 3");
  expect_refused_untouched();
}

TEST_F(SqliteFile, AnotherApplicationsInterruptedWriteIsNotRolledBack) {
  // The other one dies in the middle of a transaction that has spilled to the file: its journal is hot.
  for (const char* stamp : {"PRAGMA application_id = 7", "SELECT 1"}) {
    fs::remove(path_);
    test::child_process([&] {
      auto* raw = new test::raw_database(path_);
      raw->run(std::string(stamp) + "; PRAGMA cache_size = 1; CREATE TABLE t (x)");
      raw->run("INSERT INTO t VALUES (1); BEGIN; UPDATE t SET x = 2");
      raw->run(
          "INSERT INTO t WITH RECURSIVE n (i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 500)"
          " SELECT randomblob(1000) FROM n");
      return 0;
    }).wait();
    ASSERT_GT(fs::file_size(path_ + "-journal"), 512U);
    expect_refused_untouched();
  }
}

TEST_F(SqliteFile, AnotherApplicationsLogIsNotRecovered) {
  test::child_process([&] {
    auto* raw = new test::raw_database(path_);
    raw->run("PRAGMA journal_mode = WAL; CREATE TABLE t (x)");
    return 0;
  }).wait();
  ASSERT_GT(fs::file_size(path_ + "-wal"), 0U);
  expect_refused_untouched();
}

TEST_F(SqliteFile, ATableThatWasDroppedIsMissingAndCanBeMadeAgain) {
  blocking_store store(where_);
  store.ensure_schema();
  store.append("a", 0, turn());
  test::raw_database(path_).run("DROP TABLE atto_sessions_tail");

  EXPECT_EQ(outcome_of([&] { store.append("a", 1, turn()); }).code, errc::schema_missing);
  EXPECT_EQ(load().code, errc::schema_missing);
  store.ensure_schema();
  store.append("a", 1, turn());
}

TEST_F(SqliteFile, ATableOfAnotherShapeUnderOurStampIsRefused) {
  ASSERT_EQ(ensure_schema().code, error_code());
  test::raw_database(path_).run(
      "DROP VIEW atto_sessions_snapshot; DROP TABLE atto_sessions;"
      "CREATE TABLE atto_sessions (x); CREATE VIEW atto_sessions_snapshot AS SELECT 1");
  expect_refused_untouched();
}

TEST_F(SqliteFile, ATableThatHasLostAColumnIsRefusedAndTheColumnIsNamed) {
  ASSERT_EQ(ensure_schema().code, error_code());
  const std::vector<std::pair<std::string, std::string>> columns{{"atto_sessions", "bytes"},
                                                                 {"atto_sessions_tail", "message_id"},
                                                                 {"atto_sessions_messages", "events"},
                                                                 {"atto_sessions_claims", "owner_address"}};
  for (const auto& [table, column] : columns) {
    test::raw_database(path_).run("ALTER TABLE " + table + " RENAME COLUMN " + column + " TO lost");
    EXPECT_NE(ensure_schema().diag.server_message().find(column), std::string::npos) << table;
    expect_refused_untouched();
    test::raw_database(path_).run("ALTER TABLE " + table + " RENAME COLUMN lost TO " + column);
  }
  EXPECT_EQ(ensure_schema().code, error_code());
}

TEST_F(SqliteFile, AnUpgradeByANewerReleaseStopsAStoreThatIsOpen) {
  blocking_store store(where_);
  store.ensure_schema();
  store.append("a", 0, turn());
  test::raw_database(path_).run("PRAGMA user_version = 3");

  EXPECT_EQ(outcome_of([&] { store.append("a", 1, turn()); }).code, errc::schema_mismatch);
  EXPECT_EQ(outcome_of([&] { (void)store.load("a"); }).code, errc::schema_mismatch);
}

TEST_F(SqliteFile, AStoreThatIsOpenSwitchesAFileBackThatWasPutIntoLogMode) {
  blocking_store store(where_);
  store.ensure_schema();
  store.append("a", 0, turn());
  test::raw_database(path_).run("PRAGMA journal_mode = WAL; CREATE TABLE t (x)");
  ASSERT_EQ(test::bytes_of(path_)[19], 2);

  EXPECT_EQ(store.append("a", 1, turn()), 2);
  EXPECT_EQ(test::bytes_of(path_)[19], 1);
  EXPECT_FALSE(fs::exists(path_ + "-wal"));

  {
    const test::raw_database other(path_);
    other.run("PRAGMA journal_mode = WAL; INSERT INTO t VALUES (1)");
    const outcome o = outcome_of([&] { store.append("a", 2, turn(), {.timeout = std::chrono::milliseconds(200)}); });
    EXPECT_TRUE(o.code == errc::unavailable || o.code == errc::timed_out) << o.code.message();
    EXPECT_EQ(other.value("SELECT version FROM atto_sessions"), "2");
  }
  EXPECT_EQ(store.append("a", 2, turn()), 3);
  EXPECT_EQ(test::bytes_of(path_)[19], 1);
}

TEST_F(SqliteFile, AFileThatWasRemovedOrReplacedIsNoticed) {
  blocking_store store(where_);
  store.ensure_schema();
  store.append("a", 0, turn());
  fs::remove(path_);
  EXPECT_EQ(outcome_of([&] { store.append("a", 1, turn()); }).code, errc::schema_missing);

  blocking_store("sqlite:" + path_).ensure_schema();
  EXPECT_FALSE(store.load("a"));
  EXPECT_EQ(store.append("a", 0, turn()), 1);
}

TEST_F(SqliteFile, SixteenProcessesMakeTheSchemaAtOnce) {
  for (int round = 0; round < 5; ++round) {
    fs::remove(path_);
    test::message_pipe gate;
    std::vector<test::child_process> all;
    for (int i = 0; i < 16; ++i) {
      all.emplace_back([&] {
        gate.close_writing();
        char end = 0;
        (void)gate.read(&end, 1);  // until the parent opens the gate for all
        blocking_store store(where_);
        store.ensure_schema();
        store.append("child-" + std::to_string(i), 0, turn());
        return 0;
      });
    }
    gate.close_writing();
    for (auto& child : all) EXPECT_EQ(child.wait(), 0);
    EXPECT_EQ(blocking_store(where_).list().size(), 16U);
  }
}

TEST_F(SqliteFile, TwoStoresOfOneProcessShareAFile) {
  // Were any descriptor of the file closed by the second, the first would lose its POSIX locks.
  blocking_store first(where_);
  first.ensure_schema();
  for (int i = 0; i < 20; ++i) {
    blocking_store second(where_);
    second.append("a", 2 * i, turn());
    first.append("a", 2 * i + 1, turn());
  }
  EXPECT_EQ(first.load("a")->version, 40);
}

/// Runs `body` in a child that has no right to anything but what its mode says, and owns the directory and the file.
bool passes_unprivileged(const test::temp_dir& dir, const std::function<void()>& body) {
  constexpr unsigned nobody = 65534;
  return test::passes_in_child([&] {
    if (::geteuid() == 0) {
      for (const auto& e : fs::directory_iterator(dir.path())) ASSERT_EQ(::chown(e.path().c_str(), nobody, nobody), 0);
      ASSERT_EQ(::chown(dir.path().c_str(), nobody, nobody), 0);
      ASSERT_EQ(::setgid(nobody) | ::setuid(nobody), 0);
    }
    body();
  });
}

TEST_F(SqliteFile, AReadOnlyFileIsReadAndNotWritten) {
  ASSERT_EQ(ensure_schema().code, error_code());
  ASSERT_EQ(append().code, error_code());
  fs::permissions(path_, fs::perms::owner_read);
  const std::string before = test::bytes_of(path_);

  EXPECT_TRUE(passes_unprivileged(dir_, [&] {
    EXPECT_EQ(load().code, error_code());
    EXPECT_EQ(ensure_schema().code, error_code());  // looks first, and nothing is missing
    const outcome o = append(1);
    EXPECT_EQ(o.code, errc::storage_failure);
    EXPECT_EQ(o.diag.code(), "SQLITE_READONLY");
    EXPECT_NE(o.diag.message().find("read-only"), std::string::npos);
  }));
  EXPECT_EQ(test::bytes_of(path_), before);
}

TEST_F(SqliteFile, AReadOnlyDirectoryIsAStorageFailure) {
  ASSERT_EQ(ensure_schema().code, error_code());
  ASSERT_EQ(append().code, error_code());
  fs::remove(path_ + "-journal");
  fs::permissions(dir_.path(), fs::perms::owner_read | fs::perms::owner_exec);
  const std::string before = test::bytes_of(path_);

  EXPECT_TRUE(passes_unprivileged(dir_, [&] {
    EXPECT_EQ(load().code, error_code());
    const outcome o = append(1);
    EXPECT_EQ(o.code, errc::storage_failure);
    EXPECT_EQ(o.diag.code().substr(0, 10), "SQLITE_REA") << o.diag.code();
    where_ = "sqlite:" + dir_.file("new.db");
    EXPECT_EQ(ensure_schema().code, errc::storage_failure);
  }));
  fs::permissions(dir_.path(), fs::perms::owner_all);
  EXPECT_EQ(test::bytes_of(path_), before);
}

TEST_F(SqliteFile, AnUnreadableFileIsAStorageFailure) {
  ASSERT_EQ(ensure_schema().code, error_code());
  fs::permissions(path_, fs::perms::none);

  EXPECT_TRUE(passes_unprivileged(dir_, [&] {
    const outcome o = load();
    EXPECT_EQ(o.code, errc::storage_failure);
    EXPECT_EQ(o.diag.code(), "SQLITE_CANTOPEN");
  }));
}

TEST_F(SqliteFile, ADamagedFileIsAStorageFailure) {
  ASSERT_EQ(ensure_schema().code, error_code());
  {
    blocking_store store(where_);
    for (int i = 0; i < 50; ++i)
      store.append("s" + std::to_string(i), 0, turn({}, history{json::string(std::string(3000, 'x'))}));
  }
  {
    std::fstream f(path_, std::ios::in | std::ios::out | std::ios::binary);
    f.seekp(4096);
    f << std::string(fs::file_size(path_) - 4096, '\xA5');
  }

  const outcome o = load();
  EXPECT_EQ(o.code, errc::storage_failure);
  EXPECT_EQ(o.diag.code(), "SQLITE_CORRUPT");
  EXPECT_EQ(append().code, errc::storage_failure);
}

TEST_F(SqliteFile, ACommitThatFindsTheFileDamagedHasWrittenNothing) {
  ASSERT_EQ(ensure_schema().code, error_code());
  ASSERT_EQ(append().code, error_code());
  {
    // A header that speaks of auto-vacuum and of more free pages than there are: COMMIT is the first to look.
    std::fstream f(path_, std::ios::in | std::ios::out | std::ios::binary);
    f.seekp(39).put('\xFF');
    f.seekp(53).put('\xC8');
  }
  const std::string before = test::bytes_of(path_);

  const outcome o = append(1);

  EXPECT_EQ(o.code, errc::storage_failure);
  EXPECT_EQ(o.diag.code(), "SQLITE_CORRUPT");
  EXPECT_EQ(test::bytes_of(path_), before);
}

}  // namespace
}  // namespace atto
