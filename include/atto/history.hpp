#pragma once

#include <atto/export.hpp>
#include <atto/json.hpp>

#include <cstddef>
#include <initializer_list>
#include <ranges>
#include <vector>

namespace atto {

/// Events in the order in which they happened: a session's past, or what one turn adds to it.
/// Events are documents of any kind; they are never changed, only added, or replaced as a whole.
/// A random access range: `for (const atto::json& event : events | std::views::reverse | std::views::take(10))`.
/// Contiguity is not promised, and an iterator is invalidated by whatever adds an event.
///
/// Thread-safety: distinct objects are independent.
class ATTO_EXPORT history {
 public:
  using value_type = json;
  using const_iterator = std::vector<json>::const_iterator;
  using iterator = const_iterator;  // events are never changed in place

  history();
  explicit history(std::vector<json> events);
  /// GCC 12 cannot compile a list like this inside a co_await expression ("array used as initializer"): name the
  /// history first, in a statement of its own.
  history(std::initializer_list<json> events);

  /// The elements of a JSON array as events, which share its text: `from_array(json("[1,2]"))` has two events, where
  /// `history{json("[1,2]")}` has one, the array itself.
  /// Errors (thrown as error_with_diagnostics): invalid_document when `array` is not an array.
  [[nodiscard]] static history from_array(const json& array);

  history(const history&) = default;
  history& operator=(const history&) = default;
  /// A moved-from history is empty.
  history(history&& other) noexcept;
  history& operator=(history&& other) noexcept;
  ~history() = default;

  void push_back(json event);
  void append(const history& other);
  void reserve(std::size_t events);

  [[nodiscard]] bool empty() const noexcept { return events_.empty(); }
  /// The number of events. See bytes() for how much they take.
  [[nodiscard]] std::size_t size() const noexcept { return events_.size(); }
  [[nodiscard]] const json& operator[](std::size_t i) const noexcept { return events_[i]; }
  [[nodiscard]] const json& back() const noexcept { return events_.back(); }
  [[nodiscard]] const_iterator begin() const noexcept { return events_.begin(); }
  [[nodiscard]] const_iterator end() const noexcept { return events_.end(); }

  /// What the events count towards a session's size limit: the sum of json::bytes(). Complexity: constant.
  [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }

  /// The newest `n` events, in their order; all of them when there are no more.
  [[nodiscard]] history last(std::size_t n) const;

  /// Equal as values, event by event.
  [[nodiscard]] friend bool operator==(const history& a, const history& b) { return a.events_ == b.events_; }

 private:
  std::vector<json> events_;
  std::size_t bytes_ = 0;
};

static_assert(std::ranges::random_access_range<const history> && std::ranges::sized_range<const history>);

}  // namespace atto
