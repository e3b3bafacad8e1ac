#pragma once

#include <atto/failure.hpp>
#include <atto/history.hpp>
#include <atto/runtime_options.hpp>
#include <atto/snapshot.hpp>

#include "runtime/claim_releases.hpp"
#include "runtime/runtime_journal.hpp"
#include "runtime/turn_ticket.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace atto::detail {

/// What the turn_books decided: the runtime carries it out with nothing locked, in the order of the members.
struct turn_steps {
  /// What a turn that has its session does next.
  enum class action {
    load,        // load its session, and claim it; then on_loaded
    find_turn,   // look for a stored turn with its message's id; then on_turn_found
    start_soon,  // the same as `start`, but not within the call that submitted the turn
    start,       // make its draft on `base`; then start()
    run,         // call its handler; then on_handled
    store,       // store its draft, under the claim `epoch`; then on_stored
  };
  struct progress {
    turn_ticket_ptr turn;
    action what;
    const snapshot* base = nullptr;  // stays as it is until on_handled or on_stored of this turn
    std::int64_t epoch = 0;
  };
  struct refusal {
    turn_ticket_ptr turn;
    failure why;
  };
  struct renewal {
    turn_ticket_ptr turn;
    std::int64_t epoch;
  };

  /// Its caller streams, and is notified that the turn runs again.
  turn_ticket_ptr restarted;
  /// For the observer.
  runtime_journal::notes notes;
  /// The turn that was found to be stored, where the store's answer came; its caller gets `events`.
  turn_ticket_ptr stored;
  history events;
  /// Turns whose callers get a failure.
  std::vector<refusal> failed;
  /// Those of `failed` whose handlers run, and must be cancelled.
  std::vector<turn_ticket_ptr> cancel;
  /// on_released must follow for each.
  std::vector<claim_release> release;
  /// on_renewed must follow for each.
  std::vector<renewal> renew;
  /// All calls of stop() end, with these turns.
  std::optional<std::vector<unfinished_turn>> stopped;
  /// Carried out also when the turn has been cut meanwhile: then it ends there, and its session goes to the next one.
  std::optional<progress> next;
  /// The turn was not taken.
  std::optional<refusal> refused;
  /// When on_time must be called, at the latest; time_point::max(): never.
  std::chrono::steady_clock::time_point next_deadline = std::chrono::steady_clock::time_point::max();

  /// Whether the caller of the stored turn can be notified as the last thing that is done.
  [[nodiscard]] bool only_stored() const noexcept {
    return failed.empty() && cancel.empty() && release.empty() && renew.empty() && !stopped && !next;
  }
};

}  // namespace atto::detail
