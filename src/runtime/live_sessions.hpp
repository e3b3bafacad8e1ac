#pragma once

#include "runtime/session_actor.hpp"

#include <boost/intrusive/list.hpp>
#include <boost/unordered/unordered_flat_set.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>
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

  /// A session left memory: its actor, which is no longer listed here, and the claim that it had.
  struct passivation {
    actor_ptr actor;
    session_claim claim;
  };
  /// In the order in which they left.
  using passivations = std::vector<passivation>;

  explicit live_sessions(bounds b) noexcept : bounds_(b) {}

  /// The session's actor, made when there is none.
  [[nodiscard]] actor_ptr get(std::string_view id);
  /// Null when there is none.
  [[nodiscard]] actor_ptr find(std::string_view id) const;

  /// It has a turn from now on.
  void on_busy(session_actor& a);
  /// Its snapshot has changed.
  void on_changed(session_actor& a);
  /// It has no turn left. One that is not live is forgotten: do not use it afterwards. Returns what had to go, itself
  /// perhaps, because there was no room.
  [[nodiscard]] passivations on_idle(session_actor& a, time_point now);

  /// Passivates what has been idle for long enough.
  [[nodiscard]] passivations passivate_idle(time_point now);
  [[nodiscard]] passivations passivate_all_idle();
  /// When the next one will have been; none when none is idle.
  [[nodiscard]] std::optional<time_point> next_expiry() const;

  /// Neither live nor with a turn on its way, any of them.
  [[nodiscard]] bool none() const noexcept { return actors_.empty(); }
  /// How many are live.
  [[nodiscard]] std::size_t count() const noexcept { return count_; }
  [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }

 private:
  struct id_hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view id) const noexcept { return std::hash<std::string_view>()(id); }
    std::size_t operator()(const actor_ptr& a) const noexcept { return (*this)(a->id); }
  };
  struct id_equal {
    using is_transparent = void;
    bool operator()(const actor_ptr& a, const actor_ptr& b) const noexcept { return a == b; }
    bool operator()(const actor_ptr& a, std::string_view id) const noexcept { return a->id == id; }
    bool operator()(std::string_view id, const actor_ptr& a) const noexcept { return a->id == id; }
  };

  passivation passivate(session_actor& idle);

  bounds bounds_;
  boost::unordered_flat_set<actor_ptr, id_hash, id_equal> actors_;
  boost::intrusive::list<session_actor> idle_;  // the least recently used first; all are live
  std::size_t count_ = 0;
  std::size_t bytes_ = 0;
};

}  // namespace atto::detail
