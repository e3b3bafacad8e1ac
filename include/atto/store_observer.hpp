#pragma once

#include <atto/error.hpp>
#include <atto/export.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string_view>

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

/// Told of what works but should not stay so: a connection that is not verified, a server that cannot notice that its
/// client died. One line, which names neither password nor document; each kind once a pool, on a thread that runs the
/// pool's executor. It must not throw. Empty: nobody is told.
using warning_hook = std::function<void(std::string_view line)>;

/// A group of operations that is being sent, for a store_observer; see store_stats for what a group is.
struct group_sent_event {
  /// Rounds of operations in it.
  std::size_t size = 0;
  /// The longest wait of those operations that are sent for the first time; 0 when there are none.
  std::chrono::nanoseconds longest_wait{0};
};

/// Why a connection was lost, or could not be made, for a store_observer. What it points to is valid during the call.
struct connection_failure {
  /// What operations get that cannot go on without it.
  error_code ec;
  /// The SQLSTATE ("57P01") or the name of the SQLite code ("SQLITE_FULL"); empty when the database said nothing.
  std::string_view code;
  /// One line in atto's words; names the hosts, with PostgreSQL. Safe to log.
  std::string_view message;
  /// The database's words (libpq's, without the password, when no server was reached), or empty. Untrusted text.
  std::string_view server_message;
};

/// Told what happens in a store, for logs, traces and metrics: postgres::pool_options::observer,
/// sqlite::options::observer. Every member does nothing unless it is overridden. For numbers alone
/// session_store::stats() is enough, and costs less.
///
/// Called on the pool's strand (one thread of its executor at a time), or on the SQLite store's own thread; by several
/// at once when several pools or stores share it. No lock is held, and no transaction of SQLite's is open.
///
/// What it must not do: throw (the members are noexcept, so it ends the process); block (it holds up the pool, or all
/// of the SQLite store); call or destroy the store, the pool or a lease of it, but for stats(). Post to an executor
/// what takes longer.
///
/// It is never told a password, a document or a session id.
///
/// Object lifetimes: the pool or the store shares it; a pool may tell what was under way after the pool's end.
class ATTO_EXPORT store_observer {
 public:
  store_observer() = default;
  store_observer(const store_observer&) = delete;
  store_observer& operator=(const store_observer&) = delete;
  virtual ~store_observer() = default;

  virtual void on_group_sent(const group_sent_event& group) noexcept;
  /// A connection was made; with SQLite, the file was opened.
  virtual void on_connected() noexcept;
  /// A connection that served operations broke, fell silent, or was given up for what the server said on it; with
  /// SQLite, the file was given up. What was in flight on it goes on with another one where it can, so this need not be
  /// the failure of an operation.
  virtual void on_connection_lost(const connection_failure& why) noexcept;
  /// All hosts refused, or the attempt took too long; with SQLite, the file could not be opened. A pool makes another
  /// attempt after a pause while something waits, a SQLite store with the next operation.
  virtual void on_attempt_failed(const connection_failure& why) noexcept;
};

}  // namespace atto
