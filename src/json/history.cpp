#include <atto/failure.hpp>
#include <atto/history.hpp>

#include "json/json_access.hpp"
#include "json/scanner.hpp"

#include <algorithm>
#include <memory>
#include <utility>

namespace atto {

namespace {

std::size_t sum_of_bytes(const std::vector<json>& events) noexcept {
  std::size_t sum = 0;
  for (const json& event : events) sum += event.bytes();
  return sum;
}

}  // namespace

history::history() = default;
history::history(std::vector<json> events) : events_(std::move(events)), bytes_(sum_of_bytes(events_)) {}
history::history(std::initializer_list<json> events) : events_(events), bytes_(sum_of_bytes(events_)) {}

history history::from_array(const json& array) {
  if (!array.is_array()) {
    failure wrong(errc::invalid_document, "a history is made of a JSON array");
    wrong.diag.offset(0).pointer("");
    wrong.raise();
  }
  std::vector<json_text::part> parts;
  // Checked when the document was made; the array may be the part of one, so no limit can be passed now.
  json_text::scan_limits limits;
  limits.depth = json_text::scan_limits::deepest;
  limits.size = json_text::scan_limits::unlimited;
  static_cast<void>(json_text::scan_parts(array.text(), limits, 1, parts));
  const auto owner = std::make_shared<const json>(array);
  history made;
  made.reserve(parts.size());
  for (const json_text::part& element : parts) {
    made.push_back(detail::json_access::slice(owner, element.text, element.size));
  }
  return made;
}

history::history(history&& other) noexcept
    : events_(std::exchange(other.events_, {})), bytes_(std::exchange(other.bytes_, 0)) {}

history& history::operator=(history&& other) noexcept {
  history moved(std::move(other));
  events_.swap(moved.events_);
  std::swap(bytes_, moved.bytes_);
  return *this;
}

void history::push_back(json event) {
  const std::size_t event_bytes = event.bytes();
  events_.push_back(std::move(event));
  bytes_ += event_bytes;
}

void history::append(const history& other) {
  const std::size_t added = other.size();  // `other` may be this history, and grows then
  const std::size_t added_bytes = other.bytes();
  if (events_.capacity() - events_.size() < added) events_.reserve(std::max(2 * events_.capacity(), size() + added));
  for (std::size_t i = 0; i < added; ++i) events_.push_back(other.events_[i]);
  bytes_ += added_bytes;
}

history history::last(std::size_t n) const {
  return history(std::vector<json>(events_.end() - static_cast<std::ptrdiff_t>(std::min(n, size())), events_.end()));
}

void history::reserve(std::size_t events) {
  events_.reserve(events);
}

}  // namespace atto
