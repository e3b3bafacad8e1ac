#pragma once

#include "exit_status.hpp"

#include <atto/store_options.hpp>

#include <functional>
#include <string>

namespace atto::cli {

/// What all commands share: which store, and with which bounds.
struct settings {
  /// May hold a password: never print it.
  std::string store = "sqlite:atto.db";
  /// What named it, for the words of an error.
  std::string store_named_by = "--store";
  std::string timeout;

  /// Errors (thrown as command_error): usage, when --timeout is no duration.
  [[nodiscard]] store_limits limits() const;
};

/// The command that was chosen on the command line, ready to run once all of it has been parsed.
using action = std::function<exit_status()>;

}  // namespace atto::cli
