#pragma once

#include "runtime/due.hpp"
#include "runtime/turn_ticket.hpp"

#include <algorithm>
#include <chrono>
#include <vector>

namespace atto::detail {

/// Which turns' claims are renewed next: those of turns that run for long. Decisions only: the time is an argument.
class claim_renewals {
 public:
  using times = due_list<turn_ticket, &turn_ticket::renewal_place>;
  using time_point = times::time_point;

  explicit claim_renewals(std::chrono::milliseconds ttl) noexcept : ttl_(ttl) {}

  /// The turn's handler starts. A third of the ttl later its claim is renewed, or sooner when it is nearly over; a
  /// session that was live before and whose turn ends soon costs nothing.
  void on_started(const turn_ticket_ptr& t, time_point now, time_point held_until) {
    times_.set(t, now + std::min<std::chrono::steady_clock::duration>(interval(), (held_until - now) / 2));
  }
  /// It was renewed, or could not be, by a request that was sent then.
  void on_renewed(const turn_ticket_ptr& t, time_point sent) { times_.set(t, sent + interval()); }
  void remove(turn_ticket& t) { times_.remove(t); }

  /// Those whose time has come; each is listed again by on_renewed.
  [[nodiscard]] std::vector<turn_ticket_ptr> take_due(time_point now) { return times_.take_due(now); }
  /// When the next one is due; never, when there is none.
  [[nodiscard]] time_point next() const { return times_.next(); }

 private:
  [[nodiscard]] std::chrono::milliseconds interval() const { return std::max(ttl_ / 3, std::chrono::milliseconds(1)); }

  std::chrono::milliseconds ttl_;
  times times_;
};

}  // namespace atto::detail
