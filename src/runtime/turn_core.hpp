#pragma once

#include <atto/session_runtime.hpp>
#include <atto/snapshot.hpp>

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace atto::detail {

/// What a session_turn shows and collects. The runtime keeps the session live, and `base` as it is, until the handler
/// has returned.
class turn_core {
 public:
  turn_core(std::shared_ptr<const std::string> id, json m, const snapshot& b, std::chrono::steady_clock::time_point d,
            turn_event_handler e)
      : session_id(std::move(id)),
        message(std::move(m)),
        base(b),
        state(b.state),
        deadline(d),
        on_event(std::move(e)) {}

  const std::shared_ptr<const std::string> session_id;
  const json message;
  const snapshot& base;
  atto::state state;
  history emitted;
  std::optional<history> replaced;
  const std::chrono::steady_clock::time_point deadline;
  const turn_event_handler on_event;
  std::atomic<bool> ended = false;  // nobody waits for it any more
};

}  // namespace atto::detail
