#include "fuzz/sqlite_sample.hpp"

#include "sqlite/statements.hpp"

#include <fmt/format.h>
#include <sqlite3.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace atto::fuzz {

namespace {

/// One folder for all inputs of a process: making one costs more than most of them.
const test::temp_dir& folder() {
  static const test::temp_dir dir;
  return dir;
}

void write_file(const std::string& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void run(sqlite3* db, const std::string& sql) {
  if (sqlite3_exec(db, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) {
    throw std::runtime_error(sqlite3_errmsg(db));
  }
}

void add_session(sqlite3* db, const std::string& id, int turns) {
  run(db, fmt::format("INSERT INTO atto_sessions VALUES ('{}', {}, {}, {}, 1000, 2000, x'00', '{{\"at\":{}}}')", id,
                      turns, turns, 20 * turns, turns));
  for (int turn = 1; turn <= turns; ++turn) {
    run(db, fmt::format("INSERT INTO atto_sessions_tail (session_id, version, events_total, write_id, events)"
                        " VALUES ('{}', {}, {}, x'00', '[{{\"event\":\"{}\"}}]')",
                        id, turn, turn, std::string(id == "b" ? 700 : 20, 'x')));
  }
}

std::string make_sample() {
  const std::string path = folder().file("sample");
  sqlite3* db = nullptr;
  sqlite3_open(path.c_str(), &db);
  run(db, "PRAGMA page_size = 512");
  for (const auto sql : sqlite::schema_statements()) run(db, std::string(sql));
  for (const char* id : {"a", "b", "c"}) add_session(db, id, 3);
  sqlite3_close(db);
  return read_file(path);
}

std::string edited(byte_source& in) {
  std::string bytes = sample_database();
  for (std::size_t edits = in.below(32); edits > 0 && !bytes.empty(); --edits) {
    const auto high = in.byte(), low = in.byte();
    bytes[(static_cast<std::size_t>(high) << 8U | low) % bytes.size()] = static_cast<char>(in.byte());
  }
  if (in.below(4) == 3) bytes.resize(bytes.size() * in.below(256) / 256);
  return bytes;
}

}  // namespace

const std::string& sample_database() {
  static const std::string bytes = make_sample();
  return bytes;
}

sample_files::sample_files(byte_source& in) : path_(folder().file("db")) {
  byte_source copy = in;
  const auto how = copy.byte();
  if (how == 'm' || how == 'j') {
    in = copy;
    database_ = edited(in);
    if (how == 'j') journal_ = in.rest();
  } else {
    database_ = in.rest();
  }
  for (const char* suffix : {"-journal", "-wal", "-shm"}) std::filesystem::remove(path_ + suffix);
  write_file(path_, database_);
  if (!journal_.empty()) write_file(path_ + "-journal", journal_);
}

bool sample_files::database_is_as_written() const {
  return read_file(path_) == database_;
}

bool sample_files::are_as_written() const {
  return database_is_as_written() && read_file(path_ + "-journal") == journal_ &&
         !std::filesystem::exists(path_ + "-wal");
}

bool sample_files::is_quiet() const {
  const bool write_ahead = database_.size() > 20 && (database_[18] == 2 || database_[19] == 2);
  return journal_.empty() && !write_ahead;
}

bool sample_files::bears_our_stamp() const {
  return database_.size() >= 72 && database_.compare(68, 4, "atto") == 0;
}

}  // namespace atto::fuzz
