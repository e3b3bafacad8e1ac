#include <atto/history.hpp>

#include <algorithm>
#include <utility>

namespace atto {

namespace {

std::size_t sum_of_sizes(const std::vector<json>& events) noexcept {
  std::size_t sum = 0;
  for (const json& event : events) sum += event.size();
  return sum;
}

}  // namespace

history::history() = default;
history::history(std::vector<json> events) : events_(std::move(events)), size_(sum_of_sizes(events_)) {}
history::history(std::initializer_list<json> events) : events_(events), size_(sum_of_sizes(events_)) {}

history::history(history&& other) noexcept
    : events_(std::exchange(other.events_, {})), size_(std::exchange(other.size_, 0)) {}

history& history::operator=(history&& other) noexcept {
  history moved(std::move(other));
  events_.swap(moved.events_);
  std::swap(size_, moved.size_);
  return *this;
}

void history::push_back(json event) {
  const std::size_t event_size = event.size();
  events_.push_back(std::move(event));
  size_ += event_size;
}

void history::append(const history& other) {
  const std::size_t added = other.count();  // `other` may be this history, and grows then
  const std::size_t added_size = other.size();
  if (events_.capacity() - events_.size() < added) events_.reserve(std::max(2 * events_.capacity(), count() + added));
  for (std::size_t i = 0; i < added; ++i) events_.push_back(other.events_[i]);
  size_ += added_size;
}

void history::reserve(std::size_t events) {
  events_.reserve(events);
}

}  // namespace atto
