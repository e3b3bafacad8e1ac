#pragma once

#include <atto/export.hpp>
#include <atto/history.hpp>
#include <atto/json.hpp>
#include <atto/state.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

namespace atto {

namespace detail {
class turn_draft;
}

/// A turn while the user's handler runs it: the message, the session as it was before, and what the turn adds.
///
/// What a handler does to it becomes the session's only when the handler has returned and the store has it; a turn that
/// throws, times out or is cancelled leaves nothing behind.
///
/// Thread-safety: none; the handler uses it from one place at a time. cancelled() may be called from any thread.
/// Object lifetimes: a reference is valid until the handler has returned.
class ATTO_EXPORT session_turn {
 public:
  explicit session_turn(std::shared_ptr<detail::turn_draft> draft) noexcept;
  session_turn(const session_turn&) = delete;
  session_turn& operator=(const session_turn&) = delete;
  ~session_turn();

  [[nodiscard]] const std::string& session_id() const noexcept;
  /// What the caller gave to async_run.
  [[nodiscard]] const json& message() const noexcept;

  /// The session's events before this turn: all, or the newest `runtime_options::hydrate_last` and those added since.
  [[nodiscard]] const atto::history& history() const noexcept;
  /// How many older events there are that history() does not hold.
  [[nodiscard]] std::int64_t events_before() const noexcept;
  /// The version before this turn; 0 when the session is new.
  [[nodiscard]] std::int64_t version() const noexcept;

  /// The state before this turn, to be changed: it is stored with the turn's events.
  [[nodiscard]] atto::state& state() noexcept;

  /// Adds an event at the end of the history, and hands it to a streaming caller at once.
  /// Errors (thrown as error_with_diagnostics): operation_aborted when the turn has ended meanwhile, that is, was
  /// cancelled or timed out.
  void emit(json event);
  /// What was emitted so far.
  [[nodiscard]] const atto::history& emitted() const noexcept;

  /// Puts other events, say a summary, in the place of the history before this turn. The turn is then stored as a whole
  /// snapshot, those events and what it emitted. history() stays what it was before the turn; called again, the last
  /// events count.
  void replace_history(atto::history events);

  /// When the turn ends with timed_out.
  [[nodiscard]] std::chrono::steady_clock::time_point deadline() const noexcept;
  /// True when the turn was cancelled or timed out: its caller no longer waits, and nothing of it will be stored. A
  /// coroutine is cancelled at its next co_await besides; a plain function looks here.
  [[nodiscard]] bool cancelled() const noexcept;

 private:
  std::shared_ptr<detail::turn_draft> draft_;
};

}  // namespace atto
