#include "sqlite/sqlite_error.hpp"

#include <gtest/gtest.h>
#include <sqlite3.h>

namespace atto::sqlite {
namespace {

TEST(SqliteError, EachCodeHasOneMeaningForTheCaller) {
  EXPECT_EQ(to_failure(SQLITE_FULL, {}).code, errc::storage_failure);
  EXPECT_EQ(to_failure(SQLITE_READONLY_DIRECTORY, {}).code, errc::storage_failure);
  EXPECT_EQ(to_failure(SQLITE_CORRUPT, {}).code, errc::storage_failure);
  EXPECT_EQ(to_failure(SQLITE_IOERR_WRITE, {}).code, errc::storage_failure);
  EXPECT_EQ(to_failure(SQLITE_NOTADB, {}).code, errc::schema_mismatch);
  EXPECT_EQ(to_failure(SQLITE_TOOBIG, {}).code, errc::too_large);
  EXPECT_EQ(to_failure(SQLITE_BUSY, {}).code, errc::timed_out);
  EXPECT_EQ(to_failure(SQLITE_INTERRUPT, {}).code, errc::timed_out);
}

TEST(SqliteError, TheNameIsTheExtendedOneWhereThereIsOne) {
  EXPECT_EQ(code_name(SQLITE_FULL), "SQLITE_FULL");
  EXPECT_EQ(code_name(SQLITE_IOERR_FSYNC), "SQLITE_IOERR_FSYNC");
  EXPECT_EQ(code_name(SQLITE_IOERR | (99 << 8)), "SQLITE_IOERR");
  EXPECT_EQ(code_name(251), "SQLITE_UNKNOWN");
}

TEST(SqliteError, OurWordsAndSqlitesTravelApart) {
  const failure f = to_failure(SQLITE_FULL, "database or disk is full");

  EXPECT_EQ(f.diag.message(), "the disk is full; free space and try again");
  EXPECT_EQ(f.diag.server_message(), "database or disk is full");
  EXPECT_EQ(f.diag.code(), "SQLITE_FULL");
}

TEST(SqliteError, AnInputOutputErrorInACommitIsUnknownAndAFullDiskOrADamagedFileIsNot) {
  EXPECT_EQ(commit_failure(SQLITE_IOERR_FSYNC, {}).code, errc::outcome_unknown);
  EXPECT_EQ(commit_failure(SQLITE_IOERR_TRUNCATE, {}).code, errc::outcome_unknown);
  EXPECT_EQ(commit_failure(SQLITE_NOMEM, {}).code, errc::outcome_unknown);
  EXPECT_EQ(commit_failure(SQLITE_FULL, {}).code, errc::storage_failure);
  EXPECT_EQ(commit_failure(SQLITE_CORRUPT, {}).code, errc::storage_failure);
  EXPECT_EQ(commit_failure(SQLITE_BUSY, {}).code, errc::timed_out);
}

}  // namespace
}  // namespace atto::sqlite
