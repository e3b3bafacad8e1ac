#pragma once

#include <atto/diagnostics.hpp>
#include <atto/error.hpp>

#include <string>
#include <utility>

namespace atto {

/// Why an operation failed, or that it did not: a code with its diagnostics, by value, so that whoever finds out need
/// not know where the caller's diagnostics live.
struct [[nodiscard]] failure {
  failure() = default;
  failure(errc e, std::string message) : code(e) { diag.message(std::move(message)); }
  failure(errc e, diagnostics d) : code(e), diag(std::move(d)) {}

  /// True when there is an error.
  explicit operator bool() const noexcept { return static_cast<bool>(code); }

  [[noreturn]] void raise() const { throw error_with_diagnostics(code, diag); }

  error_code code;
  diagnostics diag;
};

/// Refuses an argument, or a state in which nothing can be begun: throws error_with_diagnostics.
[[noreturn]] inline void refuse(errc code, std::string message) {
  failure(code, std::move(message)).raise();
}

}  // namespace atto
