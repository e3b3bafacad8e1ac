#include "integration/sqlite/raw_database.hpp"

#include <sqlite3.h>

#include <fstream>
#include <iterator>
#include <stdexcept>

namespace atto::test {

namespace {

void require(int rc, sqlite3* db) {
  if (rc != SQLITE_OK && rc != SQLITE_ROW && rc != SQLITE_DONE) throw std::runtime_error(sqlite3_errmsg(db));
}

}  // namespace

raw_database::raw_database(const std::string& path) {
  require(sqlite3_open(path.c_str(), &db_), db_);
  sqlite3_busy_timeout(db_, 10'000);
}

raw_database::~raw_database() {
  sqlite3_close(db_);
}

void raw_database::run(const std::string& sql) const {
  require(sqlite3_exec(db_, sql.c_str(), nullptr, nullptr, nullptr), db_);
}

std::string raw_database::value(const std::string& sql) const {
  sqlite3_stmt* s = nullptr;
  require(sqlite3_prepare_v2(db_, sql.c_str(), -1, &s, nullptr), db_);
  const int rc = sqlite3_step(s);
  std::string text;
  if (rc == SQLITE_ROW && sqlite3_column_type(s, 0) != SQLITE_NULL) {
    text = reinterpret_cast<const char*>(sqlite3_column_text(s, 0));
  }
  sqlite3_finalize(s);
  require(rc, db_);
  return text;
}

std::string bytes_of(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace atto::test
