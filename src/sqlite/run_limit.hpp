#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <vector>

namespace atto::sqlite {

/// How long what runs may go on: as long as one of the operations it is done for has not ended. Used on the worker
/// thread, but for the flags.
struct run_limit {
  using clock = std::chrono::steady_clock;

  [[nodiscard]] bool over() const noexcept { return all_ended() || clock::now() >= deadline; }

  [[nodiscard]] bool all_ended() const noexcept {
    return !ended.empty() &&
           std::all_of(ended.begin(), ended.end(), [](const auto* e) { return e->load(std::memory_order_relaxed); });
  }

  clock::time_point deadline = clock::time_point::max();  // the last of theirs
  std::vector<const std::atomic<bool>*> ended{};          // each set on any thread when its operation was taken back
  bool committing = false;                                // what has begun to commit is not interrupted
};

}  // namespace atto::sqlite
