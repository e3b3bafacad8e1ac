#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <utility>
#include <vector>

namespace atto::detail {

/// Items by the time at which something is due for them and, within it, by their number.
template <class Item>
using due_entries = std::map<std::pair<std::chrono::steady_clock::time_point, std::uint64_t>, std::shared_ptr<Item>>;

/// Where an item is in a due_list; a member of the item.
template <class Item>
struct due_place {
  typename due_entries<Item>::iterator entry{};
  bool listed = false;
};

/// What is due by when: each item at most once, at one time. `Place` is the item's member for this list. Decisions
/// only: the time is an argument.
template <class Item, due_place<Item> Item::*Place>
class due_list {
 public:
  using time_point = std::chrono::steady_clock::time_point;
  using item_ptr = std::shared_ptr<Item>;

  /// Something is due for it at `when`, and at no other time. Needs `item->number`.
  void set(const item_ptr& item, time_point when) {
    due_place<Item>& place = (*item).*Place;
    if (place.listed) return move(*item, when);
    // Most are due later than all others.
    place.entry = entries_.emplace_hint(entries_.end(), std::pair(when, item->number), item);
    place.listed = true;
  }
  /// Precondition: it is listed.
  void move(Item& item, time_point when) {
    due_place<Item>& place = item.*Place;
    auto entry = entries_.extract(place.entry);
    entry.key().first = when;
    place.entry = entries_.insert(std::move(entry)).position;
  }
  /// Nothing is due for it any more; one that is not listed is left alone.
  void remove(Item& item) {
    due_place<Item>& place = item.*Place;
    if (std::exchange(place.listed, false)) entries_.erase(place.entry);
  }

  /// When the next one is due; time_point::max(): never.
  [[nodiscard]] time_point next() const { return entries_.empty() ? time_point::max() : entries_.begin()->first.first; }
  /// The next one. Precondition: there is one.
  [[nodiscard]] const item_ptr& first() const { return entries_.begin()->second; }
  /// Removes those whose time has come, and returns them in that order.
  [[nodiscard]] std::vector<item_ptr> take_due(time_point now) {
    std::vector<item_ptr> due;
    while (!entries_.empty() && next() <= now) {
      due.push_back(first());
      remove(*due.back());
    }
    return due;
  }

  [[nodiscard]] std::size_t size() const noexcept { return entries_.size(); }
  [[nodiscard]] const due_entries<Item>& all() const noexcept { return entries_; }

 private:
  due_entries<Item> entries_;
};

}  // namespace atto::detail
