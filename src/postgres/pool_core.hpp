#pragma once

#include <atto/failure.hpp>
#include <atto/postgres_pool.hpp>

#include "postgres/backlog.hpp"
#include "postgres/connection.hpp"
#include "postgres/connection_attempts.hpp"
#include "postgres/connection_lifecycle.hpp"
#include "postgres/deadline_clock.hpp"
#include "postgres/dsn.hpp"
#include "postgres/lease.hpp"
#include "postgres/operation_of.hpp"
#include "postgres/pipeline.hpp"
#include "postgres/pool_journal.hpp"
#include "postgres/ticket.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/strand.hpp>

#include <cstdint>
#include <map>
#include <memory>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace atto::postgres::detail {

/// The pool: which ticket gets which connection, when connections are opened, and what a deadline, a cancellation, a
/// loss and an end mean for the tickets. Every member but the constructor and the first five functions runs on the
/// strand.
class pool_core final : public connection_events,
                        public attempt_events,
                        public std::enable_shared_from_this<pool_core> {
 public:
  /// Throws error_with_diagnostics(invalid_argument).
  [[nodiscard]] static std::shared_ptr<pool_core> make(boost::asio::any_io_executor executor, std::string_view where,
                                                       pool_options options);

  [[nodiscard]] const boost::asio::any_io_executor& executor() const noexcept { return executor_; }
  [[nodiscard]] const boost::asio::strand<boost::asio::any_io_executor>& strand() const noexcept { return strand_; }
  [[nodiscard]] const pool_options& options() const noexcept { return options_; }
  [[nodiscard]] pool_stats stats() const noexcept { return journal_.read(); }

  /// Takes a ticket: sends it, lets it wait, or fails it at once (closed, or the queue is full).
  void submit(operation_ptr t);
  void submit(std::shared_ptr<lease_ticket> t);
  /// Refuses the owner's new tickets, and completes `t` when the others have ended or its deadline has passed.
  void submit(const std::shared_ptr<close_ticket>& t);

  /// The caller no longer wants the ticket's result. No effect on one that has ended.
  void cancel(const std::shared_ptr<ticket>& t, boost::asio::cancellation_type type);

  /// Ends what the client has left: its object is being destroyed, or (not `ending`) a close of it has waited long
  /// enough; another close, which waits as well, then has its way.
  void abandon(const std::shared_ptr<client>& c, bool ending = true);

  /// Closes the pool: no new ticket, and when the last has ended all connections are closed and `done` is told.
  void shut_down();
  void shut_down(completion<> done);
  /// Ends every ticket and closes every connection: the pool's object is being destroyed.
  void abandon_all();

  void take_back(pg_handle handle, bool own_session);

  // connection_events
  void on_reply(std::size_t number, reply r) override;
  void on_sync(std::size_t number, bool replicated) override;
  void on_lost(std::size_t number, failure why) override;

  // attempt_events
  void on_opened(opened o) override;
  void on_refused(std::uint64_t asked, const failure& why) override;
  void on_attempts_due() override;
  void on_renewed(opened o) override;

 private:
  pool_core(boost::asio::any_io_executor executor, std::string_view where, pool_options options);

  /// A connection that serves operations.
  struct member {
    member(std::shared_ptr<connection> c, pipeline p) : link(std::move(c)), rounds(std::move(p)) {}

    std::shared_ptr<connection> link;
    pipeline rounds;
    bool doomed = false;  // to be closed at the next sync
    reply last_error;     // what the server said of the group in flight, should the connection break
    std::chrono::steady_clock::time_point sent_at{};
    // Somebody gave up on the group in flight: when it is looked at whether the server is heard at all.
    std::uint64_t watched_for = 0;  // whose arrival; 0: nobody gave up
    std::chrono::steady_clock::time_point check_at{};
  };

  [[nodiscard]] bool admit(const std::shared_ptr<ticket>& t);
  void enqueue(const std::shared_ptr<ticket>& t);
  void dispatch();
  /// Dispatches when the strand has run what is ready by now: the callers of a group that ended come back together, and
  /// the first of them shall not be sent alone.
  void dispatch_soon();
  [[nodiscard]] member* find_idle(std::size_t& number);
  void drop_idle();
  void serve(member& m, std::size_t number, group g);
  void prepare_lease(member& m, std::size_t number, std::shared_ptr<lease_ticket> t);
  void lend(std::size_t number, const std::shared_ptr<lease_ticket>& t, bool prepared);
  void stop_preparing(std::size_t number);
  [[nodiscard]] std::size_t leases_wanted() const noexcept;

  void open_connections();
  void add_member(opened o);
  void warn_of_hosts();
  void warn_of_orphans();
  void fail_waiting(std::uint64_t until, const failure& why);

  /// Takes a ticket that waits out of its queue.
  void withdraw(ticket& t);
  void expire(std::uint64_t arrival);
  void abandon_sent(ticket& t, errc why);
  void watch(member& m, const ticket& t, std::chrono::steady_clock::time_point when);
  void unwatch(member& m);
  void check(std::size_t number);
  /// Ends a ticket that waits or was sent with why, or with outcome_unknown.
  void give_up(std::shared_ptr<ticket> t, errc why);
  /// Takes a ticket off the books, after its handler was called.
  void end(ticket& t);
  void complete(const operation_ptr& op);
  /// They wait for a connection once more, in their old places.
  void send_again(const std::vector<operation_ptr>& again);
  /// Takes operations that were in flight off the backlog's books.
  void release(const std::vector<operation_ptr>& flown);
  void tell_closing(const std::shared_ptr<client>& c);
  /// Closes what is open. Precondition: shut down, and no ticket is left.
  void finish();
  [[nodiscard]] bool nobody_waits() const noexcept { return waiting_.size() == 0 && waiting_leases_.empty(); }
  void drop_if_doomed(std::size_t number);
  /// The connection is gone; `how`, for the observer. `why`: what those get that cannot go on without it.
  void lose(std::size_t number, failure why, std::string_view how);
  void publish_counts();

  boost::asio::any_io_executor executor_;
  boost::asio::strand<boost::asio::any_io_executor> strand_;
  pool_options options_;
  std::shared_ptr<const dsn> where_;
  deadline_clock deadlines_;
  std::shared_ptr<connection_attempts> attempts_;

  std::map<std::size_t, member> members_;
  backlog waiting_;
  std::map<std::uint64_t, std::shared_ptr<lease_ticket>> waiting_leases_;
  std::unordered_map<std::uint64_t, std::shared_ptr<ticket>> outstanding_;  // waiting, sent and closing
  std::unordered_map<std::uint64_t, std::size_t> watches_;                  // arrival to connection
  std::size_t preparing_ = 0;  // members that are to be lent, and are asked something before
  std::size_t leased_ = 0;     // lent out, or being renewed after it
  std::size_t numbers_given_ = 0;
  std::uint64_t arrivals_ = 0;
  bool dispatch_is_due_ = false;
  bool lease_is_next_ = false;
  bool shut_down_ = false;
  bool warned_of_orphans_ = false;
  std::vector<completion<>> shutting_down_;
  pool_journal journal_;
};

/// The hop in: hands a ticket to the pool on its strand, and its caller's cancellations after it. To be called where
/// the operation starts: the slot is touched only here.
template <class Ticket>
void submit(const std::shared_ptr<pool_core>& core, const std::shared_ptr<Ticket>& t,
            boost::asio::cancellation_slot slot) {
  if (slot.is_connected()) {
    slot.assign([weak_core = std::weak_ptr<pool_core>(core),
                 weak = std::weak_ptr<ticket>(t)](boost::asio::cancellation_type type) {
      const auto alive = weak_core.lock();
      if (alive == nullptr || weak.expired()) return;
      boost::asio::dispatch(alive->strand(), [alive, weak, type] {
        if (const auto wanted = weak.lock()) alive->cancel(wanted, type);
      });
    });
  }
  boost::asio::dispatch(core->strand(), [core, t] { core->submit(t); });
}

/// Lets the store reach the core of a pool object.
struct pool_access {
  [[nodiscard]] static const std::shared_ptr<pool_core>& core(const pool& p) noexcept { return p.core_; }
};

}  // namespace atto::postgres::detail
