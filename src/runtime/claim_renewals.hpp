#pragma once

#include "runtime/turn_ticket.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <utility>
#include <vector>

namespace atto::detail {

/// Which turns' claims are to be renewed next: of those that run for long. Decisions only: it is told what time it is.
class claim_renewals {
 public:
  using time_point = std::chrono::steady_clock::time_point;

  explicit claim_renewals(std::chrono::milliseconds ttl) noexcept : ttl_(ttl) {}

  /// The turn's handler starts. A third of the ttl later its claim is renewed, or sooner when it is nearly over; one
  /// that was live before and ends soon costs nothing.
  void on_started(const ticket_ptr& t, time_point now, time_point held_until) {
    add(t, now + std::min<std::chrono::steady_clock::duration>(interval(), (held_until - now) / 2));
  }
  /// It was renewed, or could not be, by a request that was sent then.
  void on_renewed(const ticket_ptr& t, time_point sent) { add(t, sent + interval()); }
  void remove(const turn_ticket& t) { by_time_.erase({t.renew_at, t.number}); }

  /// Those whose time has come; each is added again by on_renewed.
  [[nodiscard]] std::vector<ticket_ptr> take_due(time_point now) {
    std::vector<ticket_ptr> due;
    while (!by_time_.empty() && by_time_.begin()->first.first <= now) {
      due.push_back(by_time_.extract(by_time_.begin()).mapped());
    }
    return due;
  }
  [[nodiscard]] std::optional<time_point> next() const {
    if (by_time_.empty()) return std::nullopt;
    return by_time_.begin()->first.first;
  }

 private:
  [[nodiscard]] std::chrono::milliseconds interval() const { return std::max(ttl_ / 3, std::chrono::milliseconds(1)); }
  void add(const ticket_ptr& t, time_point when) {
    remove(*t);
    t->renew_at = when;
    by_time_.emplace(std::pair(when, t->number), t);
  }

  std::chrono::milliseconds ttl_;
  std::map<std::pair<time_point, std::uint64_t>, ticket_ptr> by_time_;
};

}  // namespace atto::detail
