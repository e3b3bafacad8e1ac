#pragma once

#include "failure.hpp"
#include "sqlite/connection.hpp"
#include "sqlite/patience.hpp"
#include "sqlite/request_queue.hpp"

#include <memory>
#include <string>
#include <utility>

namespace atto::sqlite {

/// The database file as the worker has it: opened when it is needed, dropped when it can no longer be trusted.
class database {
 public:
  /// `path` is absolute.
  explicit database(std::string path) : path_(std::move(path)) {}

  /// Opens the file unless it is open; for ensure_schema makes it first, and leaves the tables to be looked at.
  failure connect(kind what);
  void close() noexcept { connection_.reset(); }
  [[nodiscard]] bool is_open() const noexcept { return connection_ != nullptr; }
  /// Valid after connect, until close or explain.
  [[nodiscard]] connection& live() const noexcept { return *connection_; }
  /// Another process may have upgraded the schema since the file was opened: inside each transaction.
  failure check_version();
  /// What the matter is, after an operation failed with `f`. Closes the file unless it can still be trusted.
  failure explain(failure f, kind what);

  patience waits{};  // how long anything here may take

 private:
  std::string path_;
  std::unique_ptr<connection> connection_;  // its tables are there, its statements prepared
};

}  // namespace atto::sqlite
