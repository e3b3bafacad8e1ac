#pragma once

#include "command_error.hpp"

#include <atto/diagnostics.hpp>
#include <atto/error.hpp>

#include <string>

namespace atto::cli {

/// `<errc name>: <what happened; what to do next>`, with the database's code and words when there are some.
/// `where` says what the error is about ("FILE, line 3"), and may be empty.
[[nodiscard]] std::string error_text(const error_code& ec, const diagnostics& diag, const std::string& where = {});

/// True when nothing but time, or the server's return, stands between a command that can be repeated and its end.
[[nodiscard]] bool can_go_on(const error_code& ec) noexcept;

/// The exit status an operation's error stands for.
[[nodiscard]] exit_status status_of(const error_code& ec) noexcept;

}  // namespace atto::cli
