#pragma once

#include <chrono>
#include <cstdint>

namespace atto::detail {

/// A claim of this runtime on a session, on this process's own clock.
struct session_claim {
  using time_point = std::chrono::steady_clock::time_point;

  [[nodiscard]] bool held(time_point now) const noexcept { return epoch != 0 && now < until; }

  std::int64_t epoch = 0;  // 0: none
  time_point until{};      // counted from before it was asked for, so that the store never thinks it is over earlier
};

}  // namespace atto::detail
