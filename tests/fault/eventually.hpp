#pragma once

#include <chrono>
#include <thread>

namespace atto::test {

/// Asks again and again until `condition` holds; false when it did not within the limit.
template <class Condition>
[[nodiscard]] bool eventually(const Condition& condition, std::chrono::seconds limit = std::chrono::seconds(20)) {
  const auto end = std::chrono::steady_clock::now() + limit;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::yield();
  }
  return true;
}

}  // namespace atto::test
