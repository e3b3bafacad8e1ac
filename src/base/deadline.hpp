#pragma once

#include <chrono>

namespace atto {

/// The moment `timeout` from `now`. A timeout of "for ever" does not overflow the clock.
[[nodiscard]] inline std::chrono::steady_clock::time_point deadline_after(
    std::chrono::milliseconds timeout, std::chrono::steady_clock::time_point now = std::chrono::steady_clock::now()) {
  using std::chrono::steady_clock;
  const auto longest = std::chrono::duration_cast<std::chrono::milliseconds>(steady_clock::time_point::max() - now);
  return timeout < longest ? now + timeout : steady_clock::time_point::max();
}

}  // namespace atto
