#pragma once

#include <atto/runtime_observer.hpp>

#include "runtime/live_sessions.hpp"
#include "runtime/turn_ticket.hpp"

#include <chrono>
#include <functional>
#include <string>
#include <vector>

namespace atto::detail {

/// Counts what happens in the runtime, and writes notes for its observer, which is called with them later, without a
/// lock. Decisions only: the time is an argument.
class runtime_journal {
 public:
  using time_point = std::chrono::steady_clock::time_point;
  using notes = std::vector<std::function<void(runtime_observer&)>>;

  /// Without an observer nothing is noted.
  explicit runtime_journal(bool has_observer) noexcept : has_observer_(has_observer) {}

  void on_refused(const std::string& id, notes& out);
  /// A turn waits.
  void on_taken(turn_ticket& t, time_point now);
  /// Its turn has come.
  void on_begun();
  void on_loading(turn_ticket& t, time_point now);
  void on_loaded(const turn_ticket& t, time_point now, const error_code& ec, notes& out);
  /// Its handler will be called, perhaps once more.
  void on_running(turn_ticket& t, time_point now, notes& out);
  void on_conflict(const turn_ticket& t, bool reruns, notes& out);
  void on_claim_lost(const actor_ptr& a, notes& out);
  /// Must be called while `t.at` still is the stage in which it ended.
  void on_ended(const turn_ticket& t, time_point now, const error_code& ec, notes& out);
  void on_passivated(const live_sessions::passivations& gone, bool evicted, notes& out);

  [[nodiscard]] runtime_stats read(const live_sessions& sessions) const;

 private:
  void count_end(const error_code& ec) noexcept;
  template <class Note>
  void add(notes& out, Note n) const {
    if (has_observer_) out.emplace_back(std::move(n));
  }

  const bool has_observer_;
  runtime_stats counted_;
};

}  // namespace atto::detail
