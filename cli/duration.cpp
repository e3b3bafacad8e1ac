#include "duration.hpp"

#include "command_error.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cstdint>
#include <system_error>
#include <utility>

namespace atto::cli {

namespace {

constexpr std::int64_t most_milliseconds = std::int64_t{100'000} * 24 * 3600 * 1000;

/// Milliseconds in one of `unit`; 0 for an unknown one.
std::int64_t milliseconds_in(std::string_view unit) {
  if (unit == "ms") return 1;
  if (unit == "s") return 1000;
  if (unit == "m") return std::int64_t{60} * 1000;
  if (unit == "h") return std::int64_t{3600} * 1000;
  if (unit == "d") return std::int64_t{24} * 3600 * 1000;
  return 0;
}

}  // namespace

std::chrono::milliseconds parse_duration(std::string_view option, std::string_view text) {
  std::int64_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  const auto digits = static_cast<std::size_t>(end - text.data());
  const std::int64_t unit = milliseconds_in(text.substr(digits));
  if (error != std::errc() || count < 0 || unit == 0 || count > most_milliseconds / unit) {
    throw command_error(exit_status::usage,
                        fmt::format("usage: {} takes a time such as 30d, 12h, 45m, 10s or 250ms", option));
  }
  return std::chrono::milliseconds(count * unit);
}

std::function<std::string(const std::string&)> duration_check(std::string option) {
  return [option = std::move(option)](const std::string& text) {
    static_cast<void>(parse_duration(option, text));
    return std::string();
  };
}

}  // namespace atto::cli
