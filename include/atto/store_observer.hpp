#pragma once

#include <atto/error.hpp>

#include <chrono>
#include <cstddef>
#include <string_view>

namespace atto {

/// A group of operations that is being sent, for a store_observer; see store_stats for what a group is.
struct sent_group {
  /// Rounds of operations in it.
  std::size_t size = 0;
  /// The longest wait of those operations that are sent for the first time; 0 when there are none.
  std::chrono::nanoseconds longest_wait{0};
};

/// Why a connection was lost, or could not be made, for a store_observer. What it points to is valid during the call.
struct connection_trouble {
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
class store_observer {
 public:
  store_observer() = default;
  store_observer(const store_observer&) = delete;
  store_observer& operator=(const store_observer&) = delete;
  virtual ~store_observer() = default;

  virtual void on_group_sent(const sent_group& group) noexcept;
  /// A connection was made; with SQLite, the file was opened.
  virtual void on_connected() noexcept;
  /// A connection that served operations broke, fell silent, or was given up for what the server said on it; with
  /// SQLite, the file was given up. What was in flight on it goes on with another one where it can, so this need not be
  /// the failure of an operation.
  virtual void on_connection_lost(const connection_trouble& why) noexcept;
  /// All hosts refused, or the attempt took too long; with SQLite, the file could not be opened. A pool makes another
  /// attempt after a pause while something waits, a SQLite store with the next operation.
  virtual void on_attempt_failed(const connection_trouble& why) noexcept;
};

}  // namespace atto
