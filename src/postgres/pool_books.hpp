#pragma once

#include <atto/failure.hpp>

#include "postgres/backlog.hpp"
#include "postgres/lease_queue.hpp"
#include "postgres/link_table.hpp"
#include "postgres/operation.hpp"
#include "postgres/pool_steps.hpp"
#include "postgres/reply.hpp"
#include "postgres/ticket_register.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace atto::postgres {

/// The books of a pool: which ticket gets which connection, when connections are wanted, and what a deadline, a
/// cancellation, a loss and an end mean for the tickets. It takes events, with the time, and returns what to do. It
/// knows no socket, no executor and no clock: `pool_core` carries the steps out.
/// It is made of the backlog (operations that wait), the lease_queue, the link_table (connections that serve) and the
/// ticket_register (what has not ended); what concerns more than one of them is decided here.
///
/// A ticket that was admitted ends exactly once: in `complete`, `failed`, `closed` or `lend`.
class pool_books {
 public:
  using time_point = std::chrono::steady_clock::time_point;
  using usable_test = link_table::usable_test;

  struct bounds {
    std::size_t connections = 4;  // at most; those that are lent count
    std::size_t max_waiting = 10'000;
    std::chrono::milliseconds lock_timeout{100};
    std::string hosts{};       // as errors name them
    backlog::bounds groups{};  // but slow_in_flight: one connection fewer than there are
  };
  struct counts {
    std::size_t open = 0, busy = 0, leased = 0, waiting = 0;
  };

  static constexpr std::chrono::seconds errand_timeout{30};

  explicit pool_books(bounds b);
  pool_books(const pool_books&) = delete;
  pool_books& operator=(const pool_books&) = delete;

  // --- tickets ---

  /// New to waiting, or to ended when it is refused. A close ticket refuses its client's new tickets from now on.
  [[nodiscard]] pool_steps submit(ticket_ptr t, time_point now);
  /// The caller no longer wants the result. `total_only`: it accepts nothing but the promise of no side effect.
  [[nodiscard]] pool_steps cancel(const ticket_ptr& t, bool total_only);
  /// Deadlines may have passed.
  [[nodiscard]] pool_steps expire(time_point now);
  /// The replies of these were decoded: they complete, unless they have ended meanwhile.
  [[nodiscard]] pool_steps on_decoded(std::vector<operation_ptr> decoded, time_point now);

  // --- clients and the end ---

  /// The client's object is being destroyed: its tickets end now.
  [[nodiscard]] pool_steps abandon(const std::shared_ptr<client>& c);
  /// No new ticket; finished when the last one has ended.
  [[nodiscard]] pool_steps shut_down();
  /// Ends every ticket and every connection.
  [[nodiscard]] pool_steps abandon_all();

  // --- connections that serve ---

  /// Gives the next group, or lease, a connection that is idle and usable, at most one; `dispatch` asks for the next.
  /// What is idle and not usable is closed.
  [[nodiscard]] pool_steps dispatch(const usable_test& usable, time_point now);
  /// A statement of the group in flight was answered. Nothing follows before the sync.
  void on_reply(std::size_t number, reply&& r);
  /// The group in flight has been committed, or has failed. `replicated`: see connection_events.
  [[nodiscard]] pool_steps on_sync(std::size_t number, bool replicated);
  /// `why`: what those get that cannot go on without it.
  [[nodiscard]] pool_steps on_lost(std::size_t number, const failure& why);
  /// The answer to a check; `heard`: a byte came since the round was sent, or since listen_anew.
  [[nodiscard]] pool_steps on_checked(std::size_t number, bool heard, time_point now);

  // --- connections that come and go ---

  /// `own_session`: its settings are the pool's own; see open_connection.
  [[nodiscard]] pool_steps on_opened(bool own_session);
  /// All hosts refused an attempt that began when `latest` was the latest arrival.
  [[nodiscard]] pool_steps on_refused(std::uint64_t latest, const failure& why);
  /// It is time to ask again what connections are wanted.
  [[nodiscard]] pool_steps on_attempts_due();
  [[nodiscard]] pool_steps on_prepared(std::size_t number, bool succeeded);
  /// A lease ended.
  [[nodiscard]] pool_steps on_returned();
  /// `own_session`: none when the connection is gone.
  [[nodiscard]] pool_steps on_renewed(std::optional<bool> own_session);

  // --- questions ---

  /// When expire() must be called next; time_point::max(): never.
  [[nodiscard]] time_point next_deadline() const noexcept;
  [[nodiscard]] counts count() const noexcept;

 private:
  [[nodiscard]] bool admit(const ticket_ptr& t, pool_steps& s) const;
  /// Ends a ticket wherever it is, with `why` or with outcome_unknown.
  void give_up(const ticket_ptr& t, errc why, pool_steps& s);
  void give_up_prepared(ticket& lease, pool_steps& s);
  void give_up_close(const ticket_ptr& t, errc why, pool_steps& s);
  void give_up_client(const std::shared_ptr<client>& c, bool also_closing, pool_steps& s);
  /// Takes a ticket that waits out of its queue.
  void withdraw(ticket& t);
  void fail(const ticket_ptr& t, failure why, pool_steps& s);
  void fail_waiting(std::uint64_t latest, const failure& why, pool_steps& s);
  void leave_errand(operation& op, time_point now, pool_steps& s);
  [[nodiscard]] failure failure_of_loss(const operation& op, const failure& why, const reply& last_error) const;

  void serve(std::size_t number, group g, time_point now, pool_steps& s);
  void prepare(std::size_t number, pool_steps& s);
  void send_again(const std::vector<operation_ptr>& again);
  void release(const std::vector<operation_ptr>& left);
  void lose(std::size_t number, closing how, const failure& why, pool_steps& s);
  [[nodiscard]] std::size_t waiting() const noexcept { return backlog_.size() + leases_.waiting(); }
  [[nodiscard]] pool_steps::when when_any_waits() const noexcept {
    return waiting() > 0 ? pool_steps::when::now : pool_steps::when::none;
  }
  [[nodiscard]] bool needs_connections() const noexcept { return !shut_down_ || waiting() > 0; }
  [[nodiscard]] std::optional<pool_steps::demand> demand() const noexcept;
  /// The last step of every event: a pool that was shut down ends with its last ticket.
  void conclude(pool_steps& s);

  bounds bounds_;
  backlog backlog_;
  ticket_register tickets_;
  lease_queue leases_;
  link_table links_;
  std::uint64_t arrivals_ = 0;
  bool lease_is_next_ = false;  // leases and groups alternate
  bool shut_down_ = false;
};

}  // namespace atto::postgres
