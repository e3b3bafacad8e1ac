#pragma once

#include <atto/failure.hpp>
#include <atto/runtime_options.hpp>
#include <atto/snapshot.hpp>
#include <atto/store_requests.hpp>

#include "runtime/claim_releases.hpp"
#include "runtime/claim_renewals.hpp"
#include "runtime/live_sessions.hpp"
#include "runtime/runtime_journal.hpp"
#include "runtime/turn_draft.hpp"
#include "runtime/turn_steps.hpp"
#include "runtime/turn_ticket.hpp"
#include "runtime/turns_under_way.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace atto::detail {

/// What the session runtime knows of its turns and decides about them: mailboxes, stages, deadlines, cancellation,
/// claims, stop. Each event returns the steps that follow from it. Decisions only: the time is an argument, and
/// neither the store, nor a handler, nor an executor is known here. The stages of a turn are drawn in
/// docs/architecture.md.
///
/// Thread-safety: none; it lies in a guarded value. Threads read the clock before they get the lock, so `now` may be
/// earlier than that of the event before; it then counts as the same time.
class turn_books {
 public:
  using time_point = std::chrono::steady_clock::time_point;

  explicit turn_books(const runtime_options& o);

  /// Takes a turn for the session, or refuses it. `caller` is the data() of the id, in its actor, of the session in
  /// whose turn the caller runs; null when it runs in none. Precondition: the id is valid.
  [[nodiscard]] turn_steps submit(const std::string& id, const turn_ticket_ptr& t, const char* caller, time_point now);
  /// The session was loaded, and claimed, or could not be. Nothing: it is absent.
  [[nodiscard]] turn_steps on_loaded(const turn_ticket_ptr& t, failure why, std::optional<snapshot> s, session_claim c,
                                     time_point now);
  [[nodiscard]] turn_steps on_turn_found(const turn_ticket_ptr& t, failure why, std::optional<turn_record> found,
                                         time_point now);
  /// Its draft is made, and its handler can be cancelled from now on.
  [[nodiscard]] turn_steps start(const turn_ticket_ptr& t, time_point now);
  /// Its handler has returned, or failed.
  [[nodiscard]] turn_steps on_handled(const turn_ticket_ptr& t, failure thrown, time_point now);
  /// What the store said of a draft.
  struct write_answer {
    failure why{};             // none: it is stored
    std::int64_t version = 0;  // as this version
    time_point sent{};         // a time before the store was asked
  };
  [[nodiscard]] turn_steps on_stored(const turn_ticket_ptr& t, turn_draft& draft, write_answer w, time_point now);

  /// The caller of the turn cancels it.
  [[nodiscard]] turn_steps cancel(const turn_ticket_ptr& t, time_point now);
  /// The time of turn_steps::next_deadline has come.
  [[nodiscard]] turn_steps on_time(time_point now);
  [[nodiscard]] turn_steps on_renewed(const turn_ticket_ptr& t, std::int64_t epoch, error_code ec, time_point sent,
                                      time_point now);
  /// The store has answered a release; how does not matter: the claim ends when its ttl does.
  [[nodiscard]] turn_steps on_released(time_point now);
  [[nodiscard]] turn_steps stop(time_point deadline, time_point now);
  /// The runtime's object is being destroyed.
  [[nodiscard]] turn_steps abandon(time_point now);

  /// The snapshot in memory, if it is certainly what the store has; an absent session is nothing.
  [[nodiscard]] std::optional<snapshot> live_snapshot(std::string_view id, time_point now) const;
  [[nodiscard]] std::size_t live_count() const noexcept { return sessions_.count(); }
  [[nodiscard]] runtime_stats stats() const { return journal_.read(sessions_); }

 private:
  /// Of a stop; the phases follow each other: none, waiting for the turns, cut, ended.
  struct stop_state {
    bool requested = false;
    bool cut = false;  // its time is over, or all turns have ended
    std::size_t calls = 0;
    time_point cut_at = time_point::max();
    time_point release_until{};
    time_point handlers_until{};  // handlers may return that late once their turns were cut
    bool waits_for_handlers = false;
    std::vector<unfinished_turn> cut_turns;
  };

  [[nodiscard]] failure take(const std::string& id, const turn_ticket_ptr& t, const char* caller, turn_steps& then);
  [[nodiscard]] failure backlog_full(const std::string& id, std::size_t bound, std::string_view whose,
                                     turn_steps& then);
  void begin(const turn_ticket_ptr& t, turn_steps& then);
  void begin_next(const actor_ptr& a, turn_steps& then);
  void hydrate(const turn_ticket_ptr& t, turn_steps& then);
  void go_on_with_live(const turn_ticket_ptr& t, bool just_loaded, turn_steps& then);
  void go_on_to_start(const turn_ticket_ptr& t, turn_steps& then);
  void end_unloaded(const turn_ticket_ptr& t, const failure& why, turn_steps& then);
  void apply(session_actor& a, turn_draft& draft, std::int64_t version);
  void on_write_failed(const turn_ticket_ptr& t, failure why, turn_steps& then);
  void cut(const turn_ticket_ptr& t, failure why, turn_steps& then);
  void end(const turn_ticket_ptr& t, failure why, turn_steps& then);
  void end_stored(const turn_ticket_ptr& t, history events, turn_steps& then);
  void retire(const turn_ticket_ptr& t, const error_code& ec, turn_steps& then);

  [[nodiscard]] bool is_current(const session_actor& a) const;
  void extend_claim(session_actor& a, time_point sent);
  void lose_claim(const actor_ptr& a, turn_steps& then);
  void let_go(const live_sessions::passivations& gone, bool evicted, turn_steps& then);
  void give_back(const actor_ptr& a, const session_claim& c, turn_steps& then);
  void release_next(turn_steps& then);

  void advance_stop(turn_steps& then);
  void cut_turns(turn_steps& then);
  void conclude(turn_steps& then);
  [[nodiscard]] time_point next_deadline();

  void see(time_point now) noexcept { now_ = now_ < now ? now : now_; }
  [[nodiscard]] bool claims() const noexcept { return options_.claims.has_value(); }

  const runtime_options options_;
  time_point now_{};  // of the latest event
  live_sessions sessions_;
  runtime_journal journal_;
  turns_under_way turns_;
  claim_renewals renewals_;
  claim_releases releases_;
  stop_state stop_;
  time_point check_idle_at_ = time_point::max();  // covers all sessions that are idle, and those that become so later
};

}  // namespace atto::detail
