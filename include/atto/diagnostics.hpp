#pragma once

#include <atto/error.hpp>
#include <atto/export.hpp>

#include <boost/system/system_error.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
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
class ATTO_EXPORT diagnostics {
 public:
  diagnostics() noexcept;
  diagnostics(const diagnostics& other);
  diagnostics& operator=(const diagnostics& other);
  /// A moved-from object is empty.
  diagnostics(diagnostics&& other) noexcept;
  diagnostics& operator=(diagnostics&& other) noexcept;
  ~diagnostics();

  /// One line: what happened, and what to do next. Empty when there was no error.
  [[nodiscard]] const std::string& message() const noexcept { return read().message; }
  /// The database's primary message (libpq's, without the password, when no server was reached), or what a runtime's
  /// handler threw, or empty. Untrusted text.
  [[nodiscard]] const std::string& server_message() const noexcept { return read().server_message; }
  /// The SQLSTATE ("42P01") or the name of the SQLite code ("SQLITE_FULL"), or empty.
  [[nodiscard]] const std::string& code() const noexcept { return read().code; }
  /// concurrent_write: the version found in the store; 0 when the session was absent.
  [[nodiscard]] std::optional<std::int64_t> stored_version() const noexcept { return read().stored_version; }
  /// concurrent_write: the version the caller wanted to write (save) or stood on (append, exact, remove).
  [[nodiscard]] std::optional<std::int64_t> supplied_version() const noexcept { return read().supplied_version; }
  /// invalid_document, invalid_session_id: offset of the first bad byte.
  [[nodiscard]] std::optional<std::size_t> offset() const noexcept { return read().offset; }
  /// invalid_document: RFC 6901 pointer to the value that was refused; "" is the document itself. Keys come from
  /// the document, so the pointer is never part of message().
  [[nodiscard]] const std::optional<std::string>& pointer() const noexcept { return read().pointer; }
  /// The limit that was passed (bytes, levels or characters), and what was found.
  [[nodiscard]] std::optional<std::size_t> limit() const noexcept { return read().limit; }
  [[nodiscard]] std::optional<std::size_t> size() const noexcept { return read().size; }

  /// owned_elsewhere: the address that the session's owner gave with its claim; may be empty.
  [[nodiscard]] const std::optional<std::string>& owner_address() const noexcept { return read().owner_address; }

  diagnostics& message(std::string text);
  diagnostics& server_message(std::string text);
  diagnostics& code(std::string text);
  diagnostics& versions(std::int64_t stored, std::int64_t supplied);
  diagnostics& offset(std::size_t byte);
  diagnostics& pointer(std::string rfc6901);
  diagnostics& limit(std::size_t limit, std::size_t size);
  diagnostics& owner_address(std::string text);

 private:
  struct fields {
    std::string message, server_message, code;
    std::optional<std::int64_t> stored_version, supplied_version;
    std::optional<std::size_t> offset, limit, size;
    std::optional<std::string> pointer, owner_address;
  };
  [[nodiscard]] const fields& read() const noexcept;
  [[nodiscard]] fields& write();

  std::unique_ptr<fields> fields_;  // null while empty: nearly always
};

/// Thrown where a function cannot return a code: constructors, open functions, and blocking_store.
/// what() is the message of the diagnostics, led by the name of the code.
class ATTO_EXPORT error_with_diagnostics : public boost::system::system_error {
 public:
  error_with_diagnostics(error_code ec, diagnostics diag);

  [[nodiscard]] const diagnostics& get_diagnostics() const noexcept { return diag_; }
  [[nodiscard]] const char* what() const noexcept override;

 private:
  diagnostics diag_;
  std::string what_;
};

}  // namespace atto
