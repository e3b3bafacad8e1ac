#pragma once

#include "runtime/due.hpp"
#include "runtime/turn_ticket.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace atto::detail {

/// The turns that have not ended, and which of them are late. Decisions only: the time is an argument.
class turns_under_way {
 public:
  using deadlines = due_list<turn_ticket, &turn_ticket::deadline_place>;
  using time_point = deadlines::time_point;

  void add(const turn_ticket_ptr& t) {
    t->number = ++numbers_given_;
    by_deadline_.set(t, t->deadline);
  }
  void remove(turn_ticket& t) { by_deadline_.remove(t); }
  /// It is no longer being stored, and has not ended: its deadline counts again.
  void on_back(turn_ticket& t) { by_deadline_.move(t, t.deadline); }

  /// Those whose deadline has come, but for the ones that are being stored: the store has their deadline. Each is
  /// returned once; it stays under way until remove().
  [[nodiscard]] std::vector<turn_ticket_ptr> late(time_point now) {
    std::vector<turn_ticket_ptr> all;
    while (by_deadline_.next() <= now) {
      const turn_ticket_ptr t = by_deadline_.first();
      by_deadline_.move(*t, time_point::max());
      if (t->at != turn_ticket::stage::storing) all.push_back(t);
    }
    return all;
  }
  /// When the next one may be late; never, when there is none.
  [[nodiscard]] time_point next_deadline() const { return by_deadline_.next(); }

  [[nodiscard]] std::size_t count() const noexcept { return by_deadline_.size(); }
  [[nodiscard]] const due_entries<turn_ticket>& all() const noexcept { return by_deadline_.all(); }

 private:
  std::uint64_t numbers_given_ = 0;
  deadlines by_deadline_;
};

}  // namespace atto::detail
