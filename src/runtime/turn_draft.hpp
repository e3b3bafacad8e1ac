#pragma once

#include <atto/history.hpp>
#include <atto/json.hpp>
#include <atto/runtime_options.hpp>
#include <atto/snapshot.hpp>
#include <atto/state.hpp>

#include <atomic>
#include <chrono>
#include <optional>
#include <string>

namespace atto::detail {

/// A turn before it is stored: what a session_turn shows to the handler, and what the handler has made of it.
///
/// The handler uses it without a lock, so it lies outside of the turn_books: they give out `base`, which they leave as
/// it is while the turn has its session, and get the draft back when the store has it. Only `ended` is used by others
/// meanwhile.
class turn_draft {
 public:
  turn_draft(const std::string& id, const json& m, const snapshot& b, std::chrono::steady_clock::time_point d,
             const turn_event_handler& e)
      : session_id(id), message(m), base(b), state(b.state), deadline(d), on_event(e) {}

  const std::string& session_id;
  const json& message;
  const snapshot& base;
  atto::state state;
  history emitted;
  std::optional<history> replaced;
  const std::chrono::steady_clock::time_point deadline;
  const turn_event_handler& on_event;
  std::atomic<bool> ended = false;  // no one waits for it any more
};

}  // namespace atto::detail
