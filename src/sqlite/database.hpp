#pragma once

#include <atto/failure.hpp>

#include "contract/store_journal.hpp"
#include "sqlite/connection.hpp"
#include "sqlite/request_queue.hpp"
#include "sqlite/run_limit.hpp"

#include <memory>
#include <string>
#include <utility>

namespace atto::sqlite {

/// The database file as the worker has it: opened when it is needed, dropped when it can no longer be trusted.
class database {
 public:
  /// `path` is absolute; `j` is told when the file is opened, given up, and cannot be opened.
  database(std::string path, store_journal& j) : path_(std::move(path)), journal_(j) {}

  /// Opens the file unless it is open; for ensure_schema makes it first, and leaves the tables to be looked at.
  failure connect(kind what);
  void close() noexcept { connection_.reset(); }
  /// Closes the file, which cannot be trusted any more. No effect on one that is not open.
  void give_up(const connection_failure& why) noexcept;
  [[nodiscard]] bool is_open() const noexcept { return connection_ != nullptr; }
  /// Valid after connect, until close, give_up or explain.
  [[nodiscard]] connection& live() const noexcept { return *connection_; }
  /// Another process may have changed the journal mode since the file was opened, or upgraded the schema: inside each
  /// transaction.
  failure check_unchanged(kind what);
  /// What the matter is, after an operation failed with `f`. Closes the file unless it can still be trusted.
  failure explain(failure f, kind what);

  run_limit limit{};  // how long anything here may take

 private:
  failure open(kind what);

  std::string path_;
  store_journal& journal_;
  std::unique_ptr<connection> connection_;  // its tables are there, its statements prepared
};

}  // namespace atto::sqlite
