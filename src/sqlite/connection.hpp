#pragma once

#include "base/result.hpp"
#include "sqlite/run_limit.hpp"
#include "sqlite/statements.hpp"

#include <array>
#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

struct sqlite3;
struct sqlite3_file;
struct sqlite3_stmt;

namespace atto::sqlite {

/// One SQLite connection and its prepared statements. Used by one thread at a time.
class connection {
 public:
  /// Opens a file that exists, after its header was found to be ours or empty; else leaves it as it is. Waits for
  /// locks, now and later, as long as `p` allows; `p` must outlive the connection.
  /// Errors: schema_mismatch, storage_failure, timed_out, unavailable.
  static result<std::unique_ptr<connection>> open(const std::string& path, const run_limit& p);

  connection(const connection&) = delete;
  connection& operator=(const connection&) = delete;
  ~connection();

  /// Prepares all statements. Errors: schema_mismatch when the tables have not the columns of ours.
  failure prepare();
  /// Runs statements that return nothing we look at.
  failure run(const char* sql);
  /// True when the path no longer names the file that is open.
  [[nodiscard]] bool moved() const;
  /// True when another program has put the file into write-ahead log mode. For certain only within a transaction.
  [[nodiscard]] bool switched_to_log() const;

  /// Whether a lock was waited for since this was asked last: another process is at work in the file.
  [[nodiscard]] bool has_waited() noexcept { return std::exchange(has_waited_, false); }

  /// The prepared statement, or null when prepare() has not succeeded.
  [[nodiscard]] sqlite3_stmt* prepared(statement_id s) const noexcept;
  /// The statement of that text, prepared when it is first asked for; null when it cannot be: see last_failure(). `sql`
  /// must be a literal: its address is what it is kept by.
  [[nodiscard]] sqlite3_stmt* prepared(std::string_view sql);
  [[nodiscard]] sqlite3* handle() const noexcept { return db_; }
  /// The failure of the last call that failed.
  failure last_failure() const;

  /// The longest time between two looks at a lock that another process holds.
  static constexpr std::chrono::microseconds longest_wait{500};

 private:
  explicit connection(const run_limit& p) noexcept : run_limit_(p) {}

  [[nodiscard]] sqlite3_file* file() const;
  failure check_file(const std::string& path) const;
  failure configure();
  failure use_rollback_journal();
  static int wait_for_lock(void* self, int tries);
  static int give_up(void* self);

  const run_limit& run_limit_;
  bool has_waited_ = false;
  sqlite3* db_ = nullptr;
  std::array<sqlite3_stmt*, statement_count> statements_{};
  std::map<const char*, sqlite3_stmt*> texts_;
};

}  // namespace atto::sqlite
