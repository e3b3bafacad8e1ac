#pragma once

#include <atto/completion.hpp>
#include <atto/failure.hpp>
#include <atto/postgres_pool.hpp>

#include "base/deadline_timer.hpp"

#include "postgres/connection.hpp"
#include "postgres/connection_attempts.hpp"
#include "postgres/dsn.hpp"
#include "postgres/operation.hpp"
#include "postgres/pg_handle.hpp"
#include "postgres/pool_books.hpp"
#include "postgres/pool_journal.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/strand.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string_view>
#include <vector>

namespace atto::postgres::detail {

/// A connection that is lent out.
struct lease_core {
  std::shared_ptr<pool_core> pool;
  pg_handle handle;
  bool own_session;  // see open_connection
};

using lease_call = lease_ticket<completion<lease>>;
using close_call = close_ticket<completion<>>;

/// The pool: carries out what `pool_books` decides, with a strand, a timer, connections and attempts to connect.
/// Every member but the constructor and the first three functions runs on the strand.
class pool_core final : public connection_events,
                        public attempt_events,
                        public std::enable_shared_from_this<pool_core> {
 public:
  /// Throws error_with_diagnostics(invalid_argument).
  [[nodiscard]] static std::shared_ptr<pool_core> make(boost::asio::any_io_executor executor, std::string_view where,
                                                       pool_options options);

  [[nodiscard]] const boost::asio::any_io_executor& executor() const noexcept { return executor_; }
  [[nodiscard]] const boost::asio::strand<boost::asio::any_io_executor>& strand() const noexcept { return strand_; }
  [[nodiscard]] pool_stats stats() const noexcept { return journal_.read(); }

  /// Takes a ticket, or fails it at once. A close ticket must be a close_call, one for a lease a lease_call.
  void submit(ticket_ptr t);
  /// The caller no longer wants the ticket's result. No effect on one that has ended.
  void cancel(const ticket_ptr& t, boost::asio::cancellation_type type);
  /// Ends what the client has left: its object is being destroyed.
  void abandon(const std::shared_ptr<client>& c);

  /// Closes the pool: no new ticket, and when the last has ended all connections are closed, and `done` succeeds.
  void shut_down();
  void shut_down(completion<> done);
  /// Ends every ticket and closes every connection: the pool's object is being destroyed.
  void abandon_all();

  /// A lease ended.
  void take_back(pg_handle handle, bool own_session);

  // connection_events
  void on_reply(std::size_t number, reply r) override;
  void on_sync(std::size_t number, bool replicated) override;
  void on_lost(std::size_t number, failure why) override;

  // attempt_events
  void on_opened(open_connection o) override;
  void on_refused(std::uint64_t latest, const failure& why) override;
  void on_attempts_due() override;
  void on_renewed(open_connection o) override;
  void on_prepared(std::size_t number, open_connection o) override;

 private:
  pool_core(boost::asio::any_io_executor executor, std::string_view where, pool_options options);

  void carry_out(pool_steps&& s);
  void call_handlers(const pool_steps& s);
  void dispatch();
  void dispatch_soon();
  void on_deadline();
  void check(const std::vector<std::size_t>& numbers);
  void close(const pool_steps::closed_link& l);
  /// The connection serves operations from now on, under this number; 0: it is closed.
  void adopt(std::size_t number, open_connection o);
  void send(const pool_steps::sent_round& r);
  void prepare(const pool_steps::prepared_lease& l);
  void open(const pool_steps::demand& d);
  void finish();
  void warn_of_hosts();
  void warn_of_orphans();

  boost::asio::any_io_executor executor_;
  boost::asio::strand<boost::asio::any_io_executor> strand_;
  pool_options options_;
  std::shared_ptr<const dsn> where_;
  deadline_timer timer_;
  std::shared_ptr<connection_attempts> attempts_;
  pool_books books_;
  std::map<std::size_t, std::shared_ptr<connection>> connections_;  // that serve operations
  pool_books::usable_test usable_;
  bool dispatch_is_due_ = false;
  bool warned_of_orphans_ = false;
  std::vector<completion<>> shutting_down_;
  pool_journal journal_;
};

/// Hands a ticket to the pool on its strand, and its caller's cancellations after it. It must be called where the
/// operation starts: the slot is touched only here.
void submit(const std::shared_ptr<pool_core>& core, ticket_ptr t, boost::asio::cancellation_slot slot);

/// Lets the store reach the core of a pool object.
struct pool_access {
  [[nodiscard]] static const std::shared_ptr<pool_core>& core(const pool& p) noexcept { return p.core_; }
};

}  // namespace atto::postgres::detail
