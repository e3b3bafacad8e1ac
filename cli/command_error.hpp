#pragma once

#include "exit_status.hpp"

#include <stdexcept>
#include <string>

namespace atto::cli {

/// Ends a command with one line on stderr. `text` begins with a name such as `usage` or an errc's, says what happened
/// and what to do next, and never holds an argument that may be a connection string.
class command_error : public std::runtime_error {
 public:
  command_error(exit_status status, const std::string& text) : runtime_error(text), status_(status) {}

  [[nodiscard]] exit_status status() const noexcept { return status_; }

 private:
  exit_status status_;
};

}  // namespace atto::cli
