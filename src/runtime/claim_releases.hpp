#pragma once

#include "runtime/session_actor.hpp"
#include "runtime/session_claim.hpp"

#include <chrono>
#include <cstddef>
#include <deque>
#include <utility>
#include <vector>

namespace atto::detail {

/// A claim that its runtime gives back. The actor has no claim any more; its id is the session's.
struct claim_release {
  actor_ptr actor;
  session_claim claim;
};

/// Which claims are given back next: some at a time, so that the store's queue has room for others. No due_list: they
/// go in the order in which they came, not by a time. Decisions only: the time is an argument.
class claim_releases {
 public:
  static constexpr std::size_t most_at_once = 256;
  /// How long the store may take for one. The claim also ends by itself.
  static constexpr std::chrono::milliseconds timeout{1000};

  void add(claim_release r) { waiting_.push_back(std::move(r)); }
  /// What the store is asked to release now; on_answer must follow for each. Claims that have expired are left out.
  [[nodiscard]] std::vector<claim_release> next_batch(session_claim::time_point now) {
    std::vector<claim_release> next;
    for (; asked_ < most_at_once && !waiting_.empty(); waiting_.pop_front()) {
      if (!waiting_.front().claim.held(now)) continue;
      ++asked_;
      next.push_back(std::move(waiting_.front()));
    }
    return next;
  }
  void on_answer() noexcept { --asked_; }
  /// Those that the store was not asked for end when their ttl does.
  void drop_waiting() noexcept { waiting_.clear(); }
  [[nodiscard]] bool none_left() const noexcept { return asked_ == 0 && waiting_.empty(); }

 private:
  std::deque<claim_release> waiting_;
  std::size_t asked_ = 0;
};

}  // namespace atto::detail
