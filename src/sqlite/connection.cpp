#include "sqlite/connection.hpp"

#include "sqlite/database_file.hpp"
#include "sqlite/sqlite_error.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <chrono>
#include <string_view>
#include <thread>
#include <utility>

namespace atto::sqlite {

namespace {

/// Instructions of SQLite's virtual machine between two looks at the clock: some tens of microseconds.
constexpr int instructions_between_looks = 1000;
/// A row longer than any session within the limits: what counts 200 MiB may be spelled somewhat longer.
constexpr int max_row_bytes = 768 << 20;

}  // namespace

result<std::unique_ptr<connection>> connection::open(const std::string& path, const run_limit& p) {
  std::unique_ptr<connection> c(new connection(p));
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  const int rc = sqlite3_open_v2(path.c_str(), &c->db_, flags, nullptr);
  if (c->db_ == nullptr) return to_failure(SQLITE_NOMEM, {});
  if (rc != SQLITE_OK) return c->last_failure();
  if (failure f = c->check_file(path)) return f;
  if (failure f = c->configure()) return f;
  return c;
}

connection::~connection() {
  for (sqlite3_stmt* s : statements_) sqlite3_finalize(s);
  for (const auto& [text, s] : texts_) sqlite3_finalize(s);
  sqlite3_close(db_);
}

/// SQLite's own descriptor of the database; null when it has none.
sqlite3_file* connection::file() const {
  sqlite3_file* opened = nullptr;
  sqlite3_file_control(db_, "main", SQLITE_FCNTL_FILE_POINTER, static_cast<void*>(&opened));
  return opened == nullptr || opened->pMethods == nullptr ? nullptr : opened;
}

/// Reads the header without a lock, before SQLite itself has read anything.
failure connection::check_file(const std::string& path) const {
  sqlite3_file* const opened = file();
  if (opened == nullptr) return to_failure(SQLITE_CANTOPEN, {});
  sqlite3_int64 size = 0;
  if (const int rc = opened->pMethods->xFileSize(opened, &size); rc != SQLITE_OK) return to_failure(rc, {});
  database_file::header header{};
  const int rc =
      size == 0 ? SQLITE_OK : opened->pMethods->xRead(opened, header.data(), int{database_file::header_size}, 0);
  if (rc != SQLITE_OK && rc != SQLITE_IOERR_SHORT_READ) return to_failure(rc, {});
  return database_file::check_header(header, size, database_file::has_journal(path));
}

failure connection::configure() {
  sqlite3_busy_handler(db_, &connection::wait_for_lock, this);
  sqlite3_progress_handler(db_, instructions_between_looks, &connection::give_up, this);
  sqlite3_limit(db_, SQLITE_LIMIT_LENGTH, max_row_bytes);
  sqlite3_limit(db_, SQLITE_LIMIT_ATTACHED, 0);
  for (const int option : {SQLITE_DBCONFIG_DQS_DML, SQLITE_DBCONFIG_DQS_DDL, SQLITE_DBCONFIG_TRUSTED_SCHEMA}) {
    sqlite3_db_config(db_, option, 0, nullptr);
  }
  sqlite3_db_config(db_, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  if (failure f = run("PRAGMA cell_size_check = ON; PRAGMA mmap_size = 0")) return f;
  if (failure f = use_rollback_journal()) return f;
  // The limit bounds what a long transaction leaves of its journal; it must not be 0, which would truncate each time.
  return run("PRAGMA synchronous = FULL; PRAGMA journal_size_limit = 4194304");
}

/// See docs/decisions/0002.
failure connection::use_rollback_journal() {
  sqlite3_stmt* s = nullptr;
  int rc = sqlite3_prepare_v2(db_, "PRAGMA main.journal_mode = PERSIST", -1, &s, nullptr);
  if (rc == SQLITE_OK) rc = sqlite3_step(s);
  bool done = false;
  if (rc == SQLITE_ROW) {
    const auto* mode = sqlite3_column_text(s, 0);
    done = mode != nullptr && std::string_view(reinterpret_cast<const char*>(mode)) == "persist";
  }
  failure f = rc == SQLITE_ROW ? failure() : last_failure();
  sqlite3_finalize(s);
  if (!f && !done) {
    f = failure(errc::unavailable,
                "another program has the database in write-ahead log mode; close that program and try again");
  }
  return f;
}

failure connection::prepare() {
  for (std::size_t i = 0; i < statement_count; ++i) {
    if (statements_[i] != nullptr) continue;
    const std::string_view text = sql(static_cast<statement_id>(i));
    const int rc = sqlite3_prepare_v3(db_, text.data(), static_cast<int>(text.size()), SQLITE_PREPARE_PERSISTENT,
                                      &statements_[i], nullptr);
    if (rc == SQLITE_OK) continue;
    failure f = last_failure();
    if (rc == SQLITE_ERROR) {
      f.code = errc::schema_mismatch;
      f.diag.message("the tables are stamped as ours but have another shape; restore the file from a copy");
    }
    return f;
  }
  return {};
}

failure connection::run(const char* sql) {
  return sqlite3_exec(db_, sql, nullptr, nullptr, nullptr) == SQLITE_OK ? failure() : last_failure();
}

bool connection::moved() const {
  int has_moved = 0;
  sqlite3_file_control(db_, "main", SQLITE_FCNTL_HAS_MOVED, &has_moved);
  return has_moved != 0;
}

bool connection::switched_to_log() const {
  sqlite3_file* const opened = file();
  unsigned char version = 0;
  return opened != nullptr &&
         opened->pMethods->xRead(opened, &version, 1, database_file::read_version_at) == SQLITE_OK &&
         version == database_file::log_mode;
}

sqlite3_stmt* connection::prepared(statement_id s) const noexcept {
  return statements_[static_cast<std::size_t>(s)];
}

sqlite3_stmt* connection::prepared(std::string_view sql) {
  sqlite3_stmt*& found = texts_[sql.data()];
  if (found != nullptr) return found;
  sqlite3_prepare_v3(db_, sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT, &found, nullptr);
  return found;
}

failure connection::last_failure() const {
  return to_failure(sqlite3_extended_errcode(db_), sqlite3_errmsg(db_));
}

int connection::wait_for_lock(void* self, int tries) {
  using namespace std::chrono;
  auto& c = *static_cast<connection*>(self);
  const run_limit& p = c.run_limit_;
  c.has_waited_ = true;
  if (p.over()) return 0;
  // Short, since SQLite's lock is nobody's in turn: who sleeps long finds it taken again by a process that writes
  // without pause. Never past the deadline.
  constexpr std::array<microseconds, 3> waits = {microseconds(100), microseconds(300), longest_wait};
  const auto wait = waits[std::min(static_cast<std::size_t>(tries), waits.size() - 1)];
  std::this_thread::sleep_for(std::min<steady_clock::duration>(wait, p.deadline - steady_clock::now()));
  return 1;
}

int connection::give_up(void* self) {
  const run_limit& p = static_cast<connection*>(self)->run_limit_;
  return !p.committing && p.over() ? 1 : 0;
}

}  // namespace atto::sqlite
