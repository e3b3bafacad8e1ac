#pragma once

#include "runtime/session_actor.hpp"

#include <chrono>
#include <cstddef>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace atto::detail {

/// The sessions in memory, and which of them go: an idle one after a time, and the least recently used when there are
/// too many or they are too large. Decisions only: it is told what time it is.
class live_sessions {
 public:
  using time_point = std::chrono::steady_clock::time_point;

  struct bounds {
    std::size_t sessions;
    std::size_t bytes;
    std::chrono::milliseconds idle;
  };

  /// What is left of a session that was passivated.
  struct departed_session {
    std::shared_ptr<const std::string> id;
    session_claim claim;
  };
  /// In that order.
  using departed = std::vector<departed_session>;

  explicit live_sessions(bounds b) noexcept : bounds_(b) {}

  /// The session's actor, made when there is none.
  [[nodiscard]] std::shared_ptr<session_actor> get(const std::string& id);
  /// Null when there is none.
  [[nodiscard]] std::shared_ptr<session_actor> find(const std::string& id) const;

  /// It has a turn from now on.
  void on_busy(session_actor& a);
  /// Its snapshot has changed.
  void on_changed(session_actor& a);
  /// It has no turn left. One that is not live is forgotten: do not use it afterwards. Returns what had to go, itself
  /// perhaps, because there was no room.
  [[nodiscard]] departed on_idle(session_actor& a, time_point now);

  /// Passivates what has been idle for long enough.
  [[nodiscard]] departed passivate_idle(time_point now);
  [[nodiscard]] departed passivate_all_idle();
  /// When the next one will have been; none when none is idle.
  [[nodiscard]] std::optional<time_point> next_expiry() const;

  /// How many are live.
  [[nodiscard]] std::size_t count() const noexcept { return count_; }
  [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }

 private:
  departed_session passivate(session_actor& idle);

  bounds bounds_;
  std::unordered_map<std::string_view, std::shared_ptr<session_actor>> actors_;  // by their ids, which they hold
  std::list<session_actor*> idle_;    // the least recently used first; all are live
  std::list<session_actor*> others_;  // in no order, so that none costs an allocation when it is idle again
  std::size_t count_ = 0;
  std::size_t bytes_ = 0;
};

}  // namespace atto::detail
