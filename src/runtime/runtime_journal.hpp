#pragma once

#include <atto/runtime_observer.hpp>

#include "runtime/live_sessions.hpp"
#include "runtime/turn_ticket.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace atto::detail {

/// What the runtime tells of itself: counts what happens, and notes it for the observer, who is told once the runtime's
/// mutex has been given up. Guarded by that mutex, but for the constructor and tell().
class runtime_journal {
 public:
  using notes = std::vector<std::function<void(runtime_observer&)>>;

  /// `observer` may be null: then nothing is noted, and no clock is read.
  explicit runtime_journal(std::shared_ptr<runtime_observer> observer) noexcept : observer_(std::move(observer)) {}

  void on_refused(const std::string& id, notes& out);
  /// A turn waits.
  void on_taken(turn_ticket& t);
  /// Its turn has come.
  void on_begun(const turn_ticket& t);
  void on_loading(turn_ticket& t);
  void on_loaded(const turn_ticket& t, const error_code& ec, notes& out);
  /// Its handler is to be called, perhaps once more.
  void on_running(turn_ticket& t, notes& out);
  void on_conflict(const turn_ticket& t, bool reruns, notes& out);
  void on_claim_lost(const actor_ptr& a, notes& out);
  /// To be called while `t.at` tells how far it came.
  void on_ended(const turn_ticket& t, const error_code& ec, notes& out);
  void on_passivated(const live_sessions::departed& gone, bool evicted, notes& out);

  [[nodiscard]] runtime_stats read(const live_sessions& sessions) const;

  /// Called without the mutex.
  void tell(const notes& all) const;

 private:
  using clock = std::chrono::steady_clock;

  /// Only the observer needs it.
  [[nodiscard]] clock::time_point now() const { return observer_ == nullptr ? clock::time_point() : clock::now(); }
  void count_end(const error_code& ec) noexcept;
  template <class Note>
  void add(notes& out, Note n) const {
    if (observer_ != nullptr) out.emplace_back(std::move(n));
  }

  const std::shared_ptr<runtime_observer> observer_;
  runtime_stats counted_;
};

}  // namespace atto::detail
