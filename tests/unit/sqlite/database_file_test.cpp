#include "sqlite/database_file.hpp"

#include "sqlite/statements.hpp"

#include <gtest/gtest.h>

#include <cstring>

namespace atto::sqlite::database_file {
namespace {

void put(header& h, std::size_t at, std::int32_t value) {
  for (std::size_t i = 0; i < 4; ++i) h[at + i] = static_cast<unsigned char>(value >> (24 - 8 * i));
}

header sqlite_header(std::int32_t application, std::int32_t version) {
  header h{};
  std::memcpy(h.data(), "SQLite format 3", 16);
  h[18] = h[19] = 1;
  put(h, 60, version);
  put(h, 68, application);
  return h;
}

TEST(DatabaseFile, OursIsReadWhateverItsJournal) {
  EXPECT_FALSE(check_header(sqlite_header(application_id, schema_version), 8192, false));
  EXPECT_FALSE(check_header(sqlite_header(application_id, schema_version), 8192, true));
}

TEST(DatabaseFile, AnEmptyFileIsAnEmptyDatabase) {
  EXPECT_FALSE(check_header({}, 0, false));
  EXPECT_FALSE(check_header({}, 0, true));
}

TEST(DatabaseFile, WhatIsNotSqliteIsRefused) {
  EXPECT_EQ(check_header({}, 4096, false).code, errc::schema_mismatch);
  EXPECT_EQ(check_header(sqlite_header(application_id, 1), 99, false).code, errc::schema_mismatch);
}

TEST(DatabaseFile, AnotherApplicationsAndANewerSchemaAreRefused) {
  EXPECT_EQ(check_header(sqlite_header(42, 1), 8192, false).code, errc::schema_mismatch);
  EXPECT_EQ(check_header(sqlite_header(application_id, schema_version + 1), 8192, false).code, errc::schema_mismatch);
}

TEST(DatabaseFile, AnUnstampedFileIsReadOnlyWhereReadingCannotChangeIt) {
  header write_ahead = sqlite_header(0, 0);
  write_ahead[18] = write_ahead[19] = 2;

  EXPECT_FALSE(check_header(sqlite_header(0, 0), 4096, false));
  EXPECT_EQ(check_header(sqlite_header(0, 0), 4096, true).code, errc::schema_mismatch);
  EXPECT_EQ(check_header(write_ahead, 4096, false).code, errc::schema_mismatch);
}

}  // namespace
}  // namespace atto::sqlite::database_file
