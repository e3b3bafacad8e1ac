#pragma once

#include "runtime/turn_ticket.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace atto::detail {

/// The turns that have not ended, and which of them are late. Decisions only: it is told what time it is.
class turns_under_way {
 public:
  using time_point = std::chrono::steady_clock::time_point;

  void add(const ticket_ptr& t) {
    t->number = ++numbers_given_;
    // Most have the latest deadline of all.
    t->place = by_deadline_.emplace_hint(by_deadline_.end(), std::pair(t->deadline, t->number), t);
  }
  void remove(const turn_ticket& t) { by_deadline_.erase(t.place); }
  /// It is not being stored any more, and has not ended: its deadline counts again.
  void on_back(turn_ticket& t) { move(t, t.deadline); }

  /// Those whose deadline has come, but for the ones that are being stored: the store has their deadline.
  [[nodiscard]] std::vector<ticket_ptr> late(time_point now) {
    std::vector<ticket_ptr> all;
    while (next_deadline() <= now) {
      const ticket_ptr t = by_deadline_.begin()->second;
      move(*t, time_point::max());
      if (t->at != turn_ticket::stage::storing) all.push_back(t);
    }
    return all;
  }
  /// When the next one may be late; never, when there is none.
  [[nodiscard]] time_point next_deadline() const {
    return by_deadline_.empty() ? time_point::max() : by_deadline_.begin()->first.first;
  }

  [[nodiscard]] std::size_t count() const noexcept { return by_deadline_.size(); }
  [[nodiscard]] const turns_by_deadline& all() const noexcept { return by_deadline_; }

 private:
  void move(turn_ticket& t, time_point when) {
    auto entry = by_deadline_.extract(t.place);
    entry.key().first = when;
    t.place = by_deadline_.insert(std::move(entry)).position;
  }

  std::uint64_t numbers_given_ = 0;
  turns_by_deadline by_deadline_;
};

}  // namespace atto::detail
