#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace atto {

/// The moment so many microseconds after `epoch`. What lies beyond the clock's range, as PostgreSQL's infinity does,
/// becomes the nearest moment that it can tell.
[[nodiscard]] constexpr std::chrono::system_clock::time_point moment(
    std::int64_t microseconds, std::chrono::sys_time<std::chrono::microseconds> epoch = {}) {
  using std::chrono::system_clock;
  constexpr auto first = std::chrono::ceil<std::chrono::microseconds>(system_clock::time_point::min());
  constexpr auto last = std::chrono::floor<std::chrono::microseconds>(system_clock::time_point::max());
  const std::chrono::microseconds since(microseconds);
  return epoch + std::clamp(since, first - epoch, last - epoch);
}

}  // namespace atto
