#pragma once

#include <atto/session_runtime.hpp>
#include <atto/snapshot.hpp>

#include <atomic>
#include <chrono>
#include <optional>
#include <string>

namespace atto::detail {

/// What a session_turn shows and collects. It lies in its turn's ticket. The runtime keeps the session live, and `base`
/// as it is, until the handler has returned.
class turn_core {
 public:
  turn_core(const std::string& id, const json& m, const snapshot& b, std::chrono::steady_clock::time_point d,
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
  std::atomic<bool> ended = false;  // nobody waits for it any more
};

}  // namespace atto::detail
