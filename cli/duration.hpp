#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <string_view>

namespace atto::cli {

/// Reads `30d`, `12h`, `45m`, `10s` or `250ms`; at most 100,000 days.
/// Errors (thrown as command_error): usage, naming `option`.
[[nodiscard]] std::chrono::milliseconds parse_duration(std::string_view option, std::string_view text);

/// For CLI::Option::check: refuses, as parse_duration does, what is no such time, an empty text included.
[[nodiscard]] std::function<std::string(const std::string&)> duration_check(std::string option);

}  // namespace atto::cli
