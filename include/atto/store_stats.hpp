#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace atto {

/// What a store has in hand, and has done: session_store::stats(). Each number was true at some moment just now; they
/// are not all of the same moment. What a store does not have, connections in memory for instance, stays 0.
///
/// A connection is one to the PostgreSQL server; with SQLite it is the file, while the store has it open. A group is
/// what goes into one transaction together: what had waited for one connection, or for SQLite's writer thread.
struct store_stats {
  // Now.
  /// Operations that wait to be sent.
  std::size_t waiting = 0;

  // Since the store, or the pool it shares, was made.
  /// Operations that were sent, and how long they waited for that: all together, and the longest. One that gave up
  /// before does not count.
  std::uint64_t operations = 0;
  std::chrono::nanoseconds waited{0};
  std::chrono::nanoseconds longest_wait{0};

  /// Groups sent; the rounds of operations in all of them, and in the largest. An operation takes one round as a rule,
  /// with PostgreSQL two where a guard refused it, and one more each time it is sent again.
  std::uint64_t groups = 0;
  std::uint64_t rounds = 0;
  std::uint64_t largest_group = 0;

  /// Connections made; with SQLite, how often the file was opened.
  std::uint64_t connections_made = 0;
  /// Connections that broke, fell silent, or were given up for what the server said on them. With SQLite, how often the
  /// file was given up: after an error that leaves it in doubt, or since the path no longer leads to it. What
  /// async_close closes is not lost.
  std::uint64_t connections_lost = 0;
  /// Attempts to connect that all hosts refused, or that took too long. With SQLite, how often the file could not be
  /// opened, was not there, or was not ours.
  std::uint64_t failed_attempts = 0;
  /// Writes that were in flight on a connection that was lost, and wait to be sent once more.
  std::uint64_t writes_sent_again = 0;

  /// 0 when there is nothing to divide by.
  [[nodiscard]] double mean_group() const noexcept {
    return groups == 0 ? 0 : static_cast<double>(rounds) / static_cast<double>(groups);
  }
  [[nodiscard]] std::chrono::nanoseconds mean_wait() const noexcept {
    return operations == 0 ? std::chrono::nanoseconds(0) : waited / static_cast<std::int64_t>(operations);
  }
};

}  // namespace atto
