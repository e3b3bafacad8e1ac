#pragma once

#include <atto/failure.hpp>
#include <atto/store_observer.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

namespace atto {

/// Points into the failure.
[[nodiscard]] connection_failure trouble_of(const failure& f) noexcept;

/// What a store tells of itself: counts what it does, and tells the observer. Written by one thread at a time (a pool's
/// strand, SQLite's worker), read on any: each number is an atomic of its own, and since there is one writer it is
/// stored, not incremented, so that nothing is locked on a write's way. Nothing may be locked when it is written.
class store_journal {
 public:
  using clock = std::chrono::steady_clock;

  /// The operations of a group that are sent for the first time, and how long they waited for it.
  struct waits {
    std::uint64_t operations = 0;
    std::chrono::nanoseconds all{0};
    std::chrono::nanoseconds longest{0};

    /// Ends a wait that began at `since`, and clears it: the operation may be sent again. No effect on one that was
    /// cleared.
    void end(clock::time_point& since, clock::time_point now) noexcept;
  };

  /// `observer` may be null.
  explicit store_journal(std::shared_ptr<store_observer> observer = nullptr) noexcept
      : observer_(std::move(observer)) {}

  /// Whether somebody is told: else nobody need find words.
  [[nodiscard]] bool is_observed() const noexcept { return observer_ != nullptr; }

  void on_sent(std::size_t rounds, const waits& w) noexcept;
  void on_connected() noexcept;
  void on_attempt_failed(const connection_failure& why) noexcept;
  void on_lost(const connection_failure& why) noexcept;
  /// So many writes were lost with their connection, and will be sent again.
  void on_sent_again(std::size_t writes) noexcept { add(writes_sent_again_, writes); }

  /// All but what waits, which the store itself knows.
  [[nodiscard]] store_stats read() const noexcept;

 private:
  using number = std::atomic<std::uint64_t>;

  static void add(number& n, std::uint64_t more) noexcept {
    n.store(n.load(std::memory_order_relaxed) + more, std::memory_order_relaxed);
  }
  static void raise(number& n, std::uint64_t least) noexcept {
    if (n.load(std::memory_order_relaxed) < least) n.store(least, std::memory_order_relaxed);
  }

  std::shared_ptr<store_observer> observer_;
  number operations_ = 0, waited_ = 0, longest_wait_ = 0;  // the last two in nanoseconds
  number groups_ = 0, rounds_ = 0, largest_group_ = 0;
  number connections_made_ = 0, connections_lost_ = 0, failed_attempts_ = 0, writes_sent_again_ = 0;
};

}  // namespace atto
