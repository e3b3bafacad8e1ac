#pragma once

#include <chrono>
#include <string>

namespace atto::cli {

/// For people, in UTC: `2026-01-31 17:05:09Z`.
[[nodiscard]] std::string to_display(std::chrono::system_clock::time_point when);

/// RFC 3339 in UTC with microseconds: `2026-01-31T17:05:09.123456Z`.
[[nodiscard]] std::string to_rfc3339(std::chrono::system_clock::time_point when);

}  // namespace atto::cli
