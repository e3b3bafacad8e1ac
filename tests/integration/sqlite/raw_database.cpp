#include "integration/sqlite/raw_database.hpp"

#include <sqlite3.h>

#include <array>
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

std::uint32_t raw_database::commits() const {
  // Through SQLite's own descriptor: to close another one of the file would drop this process's locks.
  sqlite3_file* file = nullptr;
  sqlite3_file_control(db_, "main", SQLITE_FCNTL_FILE_POINTER, static_cast<void*>(&file));
  std::array<unsigned char, 4> bytes{};
  require(file->pMethods->xRead(file, bytes.data(), int{bytes.size()}, 24), db_);
  std::uint32_t n = 0;
  for (const unsigned char b : bytes) n = n << 8 | b;
  return n;
}

std::string bytes_of(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace atto::test
