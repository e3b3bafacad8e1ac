#pragma once

#include "runtime/live_sessions.hpp"

#include <cstddef>
#include <deque>

namespace atto::detail {

/// Which claims are given back next: some at a time, so that the store's queue has room for others. Decisions only: it
/// is told what time it is.
class claim_releases {
 public:
  static constexpr std::size_t most_at_once = 256;

  void add(const live_sessions::departed_session& gone) { waiting_.push_back(gone); }
  /// What is to be asked of the store now; each is to be followed by on_answer. Claims that are over are passed over.
  [[nodiscard]] live_sessions::departed take(session_claim::time_point now) {
    live_sessions::departed next;
    for (; asked_ < most_at_once && !waiting_.empty(); waiting_.pop_front()) {
      if (!waiting_.front().claim.held(now)) continue;
      ++asked_;
      next.push_back(waiting_.front());
    }
    return next;
  }
  void on_answer() noexcept { --asked_; }
  /// Those that were not asked for end when their ttl does.
  void give_up() noexcept { waiting_.clear(); }
  [[nodiscard]] bool none_left() const noexcept { return asked_ == 0 && waiting_.empty(); }

 private:
  std::deque<live_sessions::departed_session> waiting_;
  std::size_t asked_ = 0;
};

}  // namespace atto::detail
