#pragma once

#include "command_error.hpp"
#include "printable.hpp"

#include <atto/snapshot.hpp>

#include <fmt/format.h>

#include <charconv>
#include <cstdint>
#include <functional>
#include <string>
#include <system_error>
#include <utility>

namespace atto::cli {

/// For CLI::Option::check, which itself cuts a number that is too large to the largest one: refuses what is no version,
/// `least` … max_version. Errors (thrown as command_error): usage, naming `option`.
[[nodiscard]] inline std::function<std::string(const std::string&)> version_check(std::string option,
                                                                                  std::int64_t least) {
  return [option = std::move(option), least](const std::string& text) {
    std::int64_t version = 0;
    const char* const end = text.data() + text.size();
    const auto [rest, ec] = std::from_chars(text.data(), end, version);
    if (ec == std::errc() && rest == end && version >= least && version <= max_version) return std::string();
    throw command_error(exit_status::usage, fmt::format("usage: {} {}: versions are {} to {}", option, printable(text),
                                                        least, max_version));
  };
}

}  // namespace atto::cli
