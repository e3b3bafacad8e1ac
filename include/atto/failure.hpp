#pragma once

#include <atto/diagnostics.hpp>
#include <atto/error.hpp>

#include <string>
#include <utility>

namespace atto {

/// Why an operation failed, or that it did not: an error code with its diagnostics, as a value. Code that finds an
/// error returns it, and need not know where the caller's diagnostics live. For implementers of stores; a user of
/// stores needs nothing of it.
///
/// Thread-safety: distinct objects are independent.
struct [[nodiscard]] failure {
  /// No error.
  failure() = default;
  /// `message` becomes diagnostics::message(): one line, which names no password, document or key's value.
  failure(errc e, std::string message) : code(e) { diag.message(std::move(message)); }
  failure(errc e, diagnostics d) : code(e), diag(std::move(d)) {}

  /// True when there is an error.
  explicit operator bool() const noexcept { return static_cast<bool>(code); }

  /// Throws it as error_with_diagnostics. Precondition: there is an error.
  [[noreturn]] void raise() const { throw error_with_diagnostics(code, diag); }

  error_code code;
  diagnostics diag;
};

/// Refuses an argument, or a state in which nothing can be begun: throws error_with_diagnostics.
[[noreturn]] inline void refuse(errc code, std::string message) {
  failure(code, std::move(message)).raise();
}

}  // namespace atto
