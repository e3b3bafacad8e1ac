#pragma once

#include <atomic>
#include <chrono>

namespace atto::sqlite {

/// How long the operation that runs may go on. Runs on the worker thread, but for the flag.
struct patience {
  using clock = std::chrono::steady_clock;

  [[nodiscard]] bool over() const noexcept {
    return (ended != nullptr && ended->load(std::memory_order_relaxed)) || clock::now() >= deadline;
  }

  clock::time_point deadline = clock::time_point::max();
  const std::atomic<bool>* ended = nullptr;  // set on any thread when the operation was taken back
  bool committing = false;                   // what has begun to commit is not interrupted
};

}  // namespace atto::sqlite
