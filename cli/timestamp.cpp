#include "timestamp.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <ctime>

namespace atto::cli {

namespace {

std::tm utc(std::chrono::system_clock::time_point when) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(when);
  return fmt::gmtime(std::chrono::system_clock::to_time_t(seconds));
}

}  // namespace

std::string to_display(std::chrono::system_clock::time_point when) {
  return fmt::format("{:%Y-%m-%d %H:%M:%S}Z", utc(when));
}

std::string to_rfc3339(std::chrono::system_clock::time_point when) {
  const auto part = when - std::chrono::floor<std::chrono::seconds>(when);
  const auto micros = std::chrono::duration_cast<std::chrono::microseconds>(part).count();
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:06}Z", utc(when), micros);
}

}  // namespace atto::cli
