#pragma once

#include "base/failure.hpp"

#include "postgres/backlog.hpp"
#include "postgres/operation.hpp"
#include "postgres/pipeline.hpp"
#include "postgres/pool_steps.hpp"
#include "postgres/reply.hpp"

#include <boost/intrusive/list.hpp>
#include <boost/intrusive/set.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace atto::postgres {

/// The books of a pool: which ticket gets which connection, when connections are wanted, and what a deadline, a
/// cancellation, a loss and an end mean for the tickets. It takes events, with the time, and returns what to do. It
/// knows no socket, no executor and no clock: `pool_core` carries the steps out.
///
/// A ticket that was admitted ends exactly once: in `complete`, `failed`, `closed` or `lend`.
/// A connection is known by its number, which is never used twice.
class pool_books {
 public:
  using time_point = std::chrono::steady_clock::time_point;
  using usable_test = std::function<bool(std::size_t number)>;

  struct bounds {
    std::size_t connections = 4;  // at most; those that are lent count
    std::size_t max_waiting = 10'000;
    std::chrono::milliseconds lock_timeout{100};
    std::string hosts{};  // as errors name them
  };
  struct counts {
    std::size_t open = 0, busy = 0, leased = 0, waiting = 0;
  };

  /// How long a group, one of whose callers gave up, may take without a byte from the server.
  static constexpr std::chrono::seconds patience{1};
  static constexpr std::chrono::seconds errand_timeout{30};

  explicit pool_books(bounds b);
  ~pool_books();
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
  void on_reply(std::size_t number, reply r);
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
  /// A connection that serves operations.
  struct link {
    explicit link(pipeline p) : rounds(std::move(p)) {}

    pipeline rounds;
    bool doomed = false;                     // to be closed at the next sync
    reply last_error;                        // what the server said of the group in flight
    time_point sent_at{};                    // the group in flight
    time_point check_at = time_point::max();  // a caller gave up on the group in flight; max: none did
  };
  using links = std::map<std::size_t, link>;

  template <class Hook>
  using list_of = boost::intrusive::list<books_entry, boost::intrusive::base_hook<Hook>,
                                         boost::intrusive::constant_time_size<false>>;
  struct by_deadline {
    bool operator()(const books_entry& a, const books_entry& b) const noexcept;
  };

  [[nodiscard]] bool admit(const ticket_ptr& t, pool_steps& s) const;
  void enqueue(ticket_ptr t, time_point now);
  void put_lease(ticket& t);
  /// Ends a ticket wherever it is, with `why` or with outcome_unknown.
  void give_up(const ticket_ptr& t, errc why, pool_steps& s);
  void give_up_sent(operation& op);
  void give_up_prepared(ticket& lease, pool_steps& s);
  void give_up_close(const ticket_ptr& t, errc why, pool_steps& s);
  void give_up_client(const std::shared_ptr<client>& c, bool also_closing, pool_steps& s);
  /// Takes a ticket that waits out of its queue.
  void withdraw(ticket& t);
  void fail(const ticket_ptr& t, failure why, pool_steps& s);
  /// Takes a ticket off the books. Its close tickets may end with it.
  void end(ticket& t, pool_steps& s);
  void end_closing(client& c, pool_steps& s);
  void fail_waiting(std::uint64_t latest, const failure& why, pool_steps& s);
  void leave_errand(operation& op, time_point now, pool_steps& s);
  [[nodiscard]] failure failure_of_loss(const operation& op, const failure& why, const reply& last_error) const;

  [[nodiscard]] links::iterator find_idle(const usable_test& usable, pool_steps& s);
  void serve(links::iterator at, group g, time_point now, pool_steps& s);
  void prepare(links::iterator at, pool_steps& s);
  void send_again(const std::vector<operation_ptr>& again);
  void release(const std::vector<operation_ptr>& left);
  void lose(std::size_t number, closing how, const failure& why, pool_steps& s);
  void unwatch(link& l) noexcept;
  void close_idle(closing why, pool_steps& s);
  [[nodiscard]] std::size_t adopt(bool own_session);

  [[nodiscard]] std::size_t leases_wanted() const noexcept;
  [[nodiscard]] std::size_t waiting() const noexcept { return backlog_.size() + leases_waiting_; }
  [[nodiscard]] bool needs_connections() const noexcept { return !shut_down_ || waiting() > 0; }
  [[nodiscard]] std::optional<pool_steps::demand> demand() const noexcept;
  /// The last step of every event: a pool that was shut down ends with its last ticket.
  void conclude(pool_steps& s);

  bounds bounds_;
  backlog backlog_;
  links links_;
  list_of<boost::intrusive::list_base_hook<boost::intrusive::tag<outstanding_tag>>> outstanding_;  // by arrival
  list_of<boost::intrusive::list_base_hook<boost::intrusive::tag<lease_tag>>> waiting_leases_;     // by arrival
  list_of<boost::intrusive::list_base_hook<boost::intrusive::tag<lease_tag>>> prepared_leases_;
  boost::intrusive::set<books_entry,
                        boost::intrusive::base_hook<boost::intrusive::set_base_hook<boost::intrusive::tag<deadline_tag>>>,
                        boost::intrusive::compare<by_deadline>, boost::intrusive::constant_time_size<false>>
      deadlines_;
  std::size_t leases_waiting_ = 0;
  std::size_t leased_ = 0;  // lent, or on their way out or back
  std::size_t busy_ = 0;
  std::size_t watched_ = 0;  // links with a check_at
  std::size_t links_numbered_ = 0;
  std::uint64_t arrivals_ = 0;
  bool lease_is_next_ = false;
  bool shut_down_ = false;
};

}  // namespace atto::postgres
