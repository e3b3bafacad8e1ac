#pragma once

#include <atto/error.hpp>

#include <boost/system/system_error.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace atto {

/// Says more about an error than its code. An operation that was given a diagnostics clears it when it starts,
/// fills it before its completion handler is called, and leaves it empty on success.
///
/// Our words and the database's travel apart: message() is safe to show and to log; server_message() is the
/// primary message of PostgreSQL or SQLite and is to be treated as untrusted text. Neither ever holds a
/// password, a connection string, a document, or a key's value.
///
/// Thread-safety: distinct objects are independent; one object must not be read while its operation runs.
class diagnostics {
 public:
  diagnostics();

  /// One line: what happened, and what to do next. Empty when there was no error.
  [[nodiscard]] const std::string& message() const noexcept { return message_; }
  /// The database's primary message, or empty. Untrusted text.
  [[nodiscard]] const std::string& server_message() const noexcept { return server_message_; }
  /// The SQLSTATE ("42P01") or the name of the SQLite code ("SQLITE_FULL"), or empty.
  [[nodiscard]] const std::string& code() const noexcept { return code_; }
  /// concurrent_write: the version found in the store; 0 when the session was absent.
  [[nodiscard]] std::optional<std::int64_t> stored_version() const noexcept { return stored_version_; }
  /// concurrent_write: the version the caller wanted to write (save) or stood on (append, exact, remove).
  [[nodiscard]] std::optional<std::int64_t> supplied_version() const noexcept { return supplied_version_; }
  /// invalid_document, invalid_session_id: offset of the first bad byte.
  [[nodiscard]] std::optional<std::size_t> offset() const noexcept { return offset_; }
  /// invalid_document: RFC 6901 pointer to the value that was refused; "" is the document itself. Keys come from
  /// the document, so the pointer is never part of message().
  [[nodiscard]] const std::optional<std::string>& pointer() const noexcept { return pointer_; }
  /// The limit that was passed (bytes, levels or characters), and what was found.
  [[nodiscard]] std::optional<std::size_t> limit() const noexcept { return limit_; }
  [[nodiscard]] std::optional<std::size_t> size() const noexcept { return size_; }

  diagnostics& message(std::string text);
  diagnostics& server_message(std::string text);
  diagnostics& code(std::string text);
  diagnostics& versions(std::int64_t stored, std::int64_t supplied) noexcept;
  diagnostics& offset(std::size_t byte) noexcept;
  diagnostics& pointer(std::string rfc6901);
  diagnostics& limit(std::size_t limit, std::size_t size) noexcept;

 private:
  std::string message_;
  std::string server_message_;
  std::string code_;
  std::optional<std::int64_t> stored_version_;
  std::optional<std::int64_t> supplied_version_;
  std::optional<std::size_t> offset_;
  std::optional<std::string> pointer_;
  std::optional<std::size_t> limit_;
  std::optional<std::size_t> size_;
};

/// Thrown where a function cannot return a code: constructors, open functions, and blocking_store.
/// what() is the message of the diagnostics, led by the name of the code.
class error_with_diagnostics : public boost::system::system_error {
 public:
  error_with_diagnostics(error_code ec, diagnostics diag);

  [[nodiscard]] const diagnostics& get_diagnostics() const noexcept { return diag_; }
  [[nodiscard]] const char* what() const noexcept override { return what_.c_str(); }

 private:
  diagnostics diag_;
  std::string what_;
};

}  // namespace atto
