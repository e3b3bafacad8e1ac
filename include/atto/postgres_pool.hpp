#pragma once

#include <atto/diagnostics.hpp>
#include <atto/error.hpp>
#include <atto/export.hpp>
#include <atto/store_observer.hpp>
#include <atto/store_options.hpp>

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/deferred.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <string_view>
#include <utility>

struct pg_conn;  // libpq's PGconn

namespace atto::postgres {

/// How the pool's statements are known to the server. Whatever it is, a pooler in between is found (the server process
/// it tells of is not the one that answers), and then nothing is set there that would outlive a transaction.
enum class statement_names {
  /// Prepared once a connection, under names of ours; sent whole each time where a pooler is in between.
  automatic,
  /// Prepared, even behind a pooler: one in session mode, or one that follows prepared statements.
  named,
  /// Sent whole each time.
  unnamed,
};

struct pool_options {
  /// Connections at most, to one server. They are opened when needed and kept. 1 … 1,000.
  std::size_t size = 4;
  /// Operations and leases that may wait for a connection; one more gets unavailable at once. At least 1.
  std::size_t max_waiting = 10'000;
  /// For one connection attempt, all hosts and addresses together. libpq's connect_timeout is not used. 1 ms to 1 day;
  /// each address, and each name that is waited for, gets an even share of what is left of it. Hosts are tried in their
  /// order, but one that needs no resolving, or is resolved, does not wait for a name that takes longer than a moment.
  /// The system's getaddrinfo cannot be interrupted: operations end by their deadlines, but leaving the executor's
  /// run(), or the process, waits for it. Name addresses, or use a local resolver, to avoid it.
  std::chrono::milliseconds connect_timeout{10'000};
  /// The server ends a statement of ours that runs longer (SET statement_timeout when a connection is made);
  /// 0 leaves the server's setting alone, and so does a pooler in between.
  std::chrono::milliseconds statement_timeout{30'000};
  /// How long a write waits for a row that another client has locked before it, and what shares its transaction, gives
  /// way. It is then tried again alone, each time for up to ten times as long, until its deadline. 1 ms to 1 h.
  std::chrono::milliseconds lock_timeout{100};
  statement_names names = statement_names::automatic;
  /// Pause after a failed attempt: doubles from the first to the last value, with jitter.
  std::chrono::milliseconds backoff_first{50};
  std::chrono::milliseconds backoff_last{1'000};
  /// Told when a host that is not this machine is used over TCP without sslmode=verify-full, and when a server does not
  /// take client_connection_check_interval (one behind a pooler is not asked): what it runs for a client that died goes
  /// on there until its statement_timeout.
  warning_hook on_warning{};
  /// Told what the pool does, for all its stores; may be null.
  std::shared_ptr<store_observer> observer{};
};

/// What a pool has in hand, and has done: pool::stats(). The numbers of all stores that share it. Leases that wait are
/// in `waiting`, too, but are no operations.
struct pool_stats : store_stats {
  // Now.
  /// Connections that serve operations, and those of them that have a group on its way.
  std::size_t connections_open = 0;
  std::size_t connections_busy = 0;
  /// Connections lent out, or on their way out or back.
  std::size_t connections_leased = 0;
};

namespace detail {
class pool_core;
struct lease_core;
struct pool_access;
}  // namespace detail

/// Exclusive use of one connection of a pool, for the application's own queries. Movable; gives the connection back
/// when it is destroyed. The connection is idle, blocking and not in pipeline mode; it must be given back idle (no open
/// transaction, no unread result), else it is dropped and replaced. What it was left with, settings, roles, temporary
/// tables, is undone by DISCARD ALL (behind a pooler this is the pooler's work).
///
/// Thread-safety: none; the destructor may run on any thread. Object lifetimes: may outlive the pool.
class ATTO_EXPORT lease {
 public:
  lease() noexcept;
  lease(lease&&) noexcept;
  lease& operator=(lease&&) noexcept;
  ~lease();

  /// libpq's connection (include <libpq-fe.h> to use it), or nullptr for an empty lease. Never PQfinish or PQreset it.
  /// statement_timeout holds for the application's statements as well; lock_timeout does not.
  [[nodiscard]] pg_conn* native_handle() const noexcept;
  [[nodiscard]] explicit operator bool() const noexcept { return core_ != nullptr; }

 private:
  friend class detail::pool_core;
  explicit lease(std::unique_ptr<detail::lease_core> core) noexcept;
  std::unique_ptr<detail::lease_core> core_;
};

/// Connections to one PostgreSQL (one primary), shared by any number of stores and by the application's own queries.
///
/// libpq in non-blocking mode on the executor; no thread per connection. libpq waits for ever where nobody tells it not
/// to: keepalives (after 10 s, 3 times, every 5 s) and tcp_user_timeout (10 s) are set where the string does not name
/// them; every operation ends by its own deadline whatever they are. The string may name several hosts and
/// target_session_attrs (read-write is used when it names none), TLS and everything else libpq 15 knows. Passwords are
/// best kept in PGPASSFILE. A connection that breaks is replaced, with back-off; an operation that waits for one fails
/// with unavailable as soon as an attempt that began after it arrived has failed on all hosts, and no other connection
/// is alive.
///
/// Thread-safety: all members may be called at once from any thread; not the destructor.
/// Object lifetimes: stores and leases may outlive the pool object; operations started after its end get closed.
class ATTO_EXPORT pool {
 public:
  /// Checks its arguments and touches no network.
  /// Errors (thrown as error_with_diagnostics): invalid_argument for a string libpq would not take, or options out of
  /// range.
  ///   The message names the fixed reason and never quotes the string.
  pool(boost::asio::any_io_executor executor, std::string_view dsn, pool_options options = {});
  pool(const pool&) = delete;
  pool& operator=(const pool&) = delete;
  /// Abandons what is left; every handler still runs.
  ~pool();

  [[nodiscard]] boost::asio::any_io_executor get_executor() const noexcept;

  /// Lends a connection. Leases never take the last one: at most pool_options::size - 1 are out at a time, so stores go
  /// on.
  ///
  /// Handler signature: void(error_code, lease).
  /// Timeout: 30 s unless the options name one.
  /// Errors: unavailable, timed_out, closed; invalid_argument for a pool of size 1 and for a negative timeout.
  /// Cancellation: terminal, partial, total; operation_aborted. Executor: posted to the handler's, never inline.
  template <class Token = boost::asio::deferred_t>
  auto async_lease(operation_options options = {}, Token&& token = {}) {
    return boost::asio::async_initiate<Token, void(error_code, lease)>(
        [](auto handler, pool* self, operation_options o) { self->start_lease(o, std::move(handler)); }, token, this,
        options);
  }

  /// Closes all connections: new operations get closed, outstanding ones end by their deadlines, then the handler runs.
  /// Leased connections are closed when they come back. A second call is harmless.
  ///
  /// Handler signature: void(error_code).
  /// Errors: none. Cancellation: none; it ends by the deadlines of what is outstanding. Executor: posted, never inline.
  template <class Token = boost::asio::deferred_t>
  auto async_close(Token&& token = {}) {
    return boost::asio::async_initiate<Token, void(error_code)>(
        [](auto handler, pool* self) { self->start_close(std::move(handler)); }, token, this);
  }

  /// What it has in hand and has done. Reads a few atomics, without waiting for anybody.
  [[nodiscard]] pool_stats stats() const noexcept;

 private:
  friend struct detail::pool_access;
  void start_lease(operation_options o, boost::asio::any_completion_handler<void(error_code, lease)> h);
  void start_close(boost::asio::any_completion_handler<void(error_code)> h);

  std::shared_ptr<detail::pool_core> core_;  // shared with the operations, stores and leases that outlive this object
};

}  // namespace atto::postgres
