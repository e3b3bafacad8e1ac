#pragma once

#include <atto/postgres_pool_stats.hpp>

#include "postgres/backlog.hpp"
#include "postgres/ticket.hpp"

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace atto::postgres {

/// Counts what a pool does. Written on the pool's strand alone, read on any thread: each number is an atomic of its
/// own, and since there is one writer at a time it is stored, not incremented, so that nothing is locked on a write's
/// way.
class pool_counters {
 public:
  using clock = std::chrono::steady_clock;

  /// A ticket begins to wait.
  static void on_arrival(ticket& t) { t.waits_since = clock::now(); }
  /// A group is sent.
  void on_sent(const group& g, clock::time_point now) noexcept;
  void on_connected() noexcept { add(connections_made_, 1); }
  void on_refused() noexcept { add(failed_attempts_, 1); }
  /// A connection is gone, and these operations that were in flight on it will be sent again.
  void on_lost(const std::vector<operation_ptr>& again = {}) noexcept;

  /// What the pool has in hand.
  void publish(std::size_t open, std::size_t busy, std::size_t leased, std::size_t waiting) noexcept;

  [[nodiscard]] pool_stats read() const noexcept;

 private:
  using number = std::atomic<std::uint64_t>;

  static void add(number& n, std::uint64_t more) noexcept {
    n.store(n.load(std::memory_order_relaxed) + more, std::memory_order_relaxed);
  }
  static void raise(number& n, std::uint64_t least) noexcept {
    if (n.load(std::memory_order_relaxed) < least) n.store(least, std::memory_order_relaxed);
  }

  number open_ = 0, busy_ = 0, leased_ = 0, waiting_ = 0;
  number connections_made_ = 0, connections_lost_ = 0, failed_attempts_ = 0;
  number groups_ = 0, rounds_ = 0, largest_group_ = 0, writes_sent_again_ = 0;
  number operations_ = 0, waited_ = 0, longest_wait_ = 0;  // the last two in nanoseconds
};

}  // namespace atto::postgres
