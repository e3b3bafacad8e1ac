#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace atto::postgres {

/// What a pool has in hand, and has done: pool::stats(). Each number was true at some moment just now; they are not all
/// of the same moment.
struct pool_stats {
  // Now.
  /// Connections that serve operations, and those of them that have a group on its way.
  std::size_t connections_open = 0;
  std::size_t connections_busy = 0;
  /// Connections lent out, or on their way back.
  std::size_t connections_leased = 0;
  /// Operations and leases that wait for a connection.
  std::size_t waiting = 0;

  // Since the pool was made.
  std::uint64_t connections_made = 0;
  /// Connections that broke, fell silent, or were given up for what the server said on them.
  std::uint64_t connections_lost = 0;
  /// Attempts to connect that all hosts refused, or that took too long.
  std::uint64_t failed_attempts = 0;

  /// Groups sent, each one transaction; the rounds of operations in all of them, and in the largest. An operation takes
  /// one round as a rule, two where a guard refused it, and one more each time it is sent again.
  std::uint64_t groups = 0;
  std::uint64_t rounds = 0;
  std::uint64_t largest_group = 0;
  /// Writes that were in flight on a connection that was lost, and wait to be sent once more.
  std::uint64_t writes_sent_again = 0;

  /// Operations that were sent, and how long they waited for that: all together, and the longest. One that gave up
  /// before does not count.
  std::uint64_t operations = 0;
  std::chrono::nanoseconds waited{0};
  std::chrono::nanoseconds longest_wait{0};

  /// 0 when there is nothing to divide by.
  [[nodiscard]] double mean_group() const noexcept {
    return groups == 0 ? 0 : static_cast<double>(rounds) / static_cast<double>(groups);
  }
  [[nodiscard]] std::chrono::nanoseconds mean_wait() const noexcept {
    return operations == 0 ? std::chrono::nanoseconds(0) : waited / static_cast<std::int64_t>(operations);
  }
};

}  // namespace atto::postgres
