#include "support/linearization_search.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <numeric>

namespace atto::test {
namespace {

/// An operation that may change what is stored, as opposed to one that only tells of it.
bool is_change(const recorded_operation& o) {
  if (o.outcome == operation_outcome::unknown) return true;
  return o.outcome == operation_outcome::done && (is_write(o) || (is_remove(o) && o.answer != 0));
}

bool has_part(const recorded_operation& o) {
  if (o.outcome == operation_outcome::not_written) return false;
  return o.kind != operation_kind::load || o.outcome == operation_outcome::done;
}

}  // namespace

linearization_search::linearization_search(const recorded_history& h, std::size_t max_states)
    : max_states_(max_states) {
  for (const auto& o : h) {
    if (has_part(o)) operations_.push_back(&o);
  }
}

std::string linearization_search::violation() {
  if (explains(progress(operations_.size(), 0), {})) return "";
  if (tried_.size() >= max_states_) return fmt::format("no order found in {} states; shorten the history", max_states_);
  return longest_ends_;
}

std::uint8_t linearization_search::steps_of(const recorded_operation& o) {
  return o.outcome == operation_outcome::refused ? 2 : 1;
}

std::int64_t linearization_search::horizon(const progress& p) const {
  auto first_return = std::numeric_limits<std::int64_t>::max();
  for (std::size_t i = 0; i < p.size(); ++i) {
    if (pending(p, i)) first_return = std::min(first_return, latest_effect(*operations_[i]));
  }
  return first_return;
}

bool linearization_search::explains(progress p, const stored_session& stored) {
  while (observe(p, stored)) {
  }
  const auto must_start_by = horizon(p);
  if (must_start_by == std::numeric_limits<std::int64_t>::max()) return true;  // only unknown ones are left
  note_longest(p, stored);
  if (!remember(p, stored)) return false;
  for (std::size_t i = 0; i < p.size(); ++i) {
    const auto& o = *operations_[i];
    if (!pending(p, i) || !is_change(o) || o.invoked > must_start_by || !changes(o, stored.version)) continue;
    ++p[i];
    if (explains(p, changed(o, stored))) return true;
    --p[i];
  }
  return false;
}

/// Gives what the stored session explains its moment at once: it changes nothing, so no order is lost by that.
bool linearization_search::observe(progress& p, const stored_session& stored) const {
  const auto must_start_by = horizon(p);
  bool moved = false;
  for (std::size_t i = 0; i < p.size(); ++i) {
    const auto& o = *operations_[i];
    if (!pending(p, i) || is_change(o) || o.invoked > must_start_by) continue;
    const bool refused = o.outcome == operation_outcome::refused;
    const bool named = p[i] == 1 ? o.answer == stored.version : refuses(o, stored.version);
    if (refused ? !named : !shows(o, stored)) continue;
    ++p[i];
    moved = true;
  }
  return moved;
}

bool linearization_search::remember(const progress& p, const stored_session& stored) {
  if (tried_.size() >= max_states_) return false;
  const auto number = known_.emplace(stored, static_cast<int>(known_.size())).first->second;
  return tried_.emplace(p, number).second;
}

void linearization_search::note_longest(const progress& p, const stored_session& stored) {
  const auto length = std::accumulate(p.begin(), p.end(), std::size_t{1});
  if (length <= longest_) return;
  longest_ = length;
  const auto must_start_by = horizon(p);
  for (std::size_t i = 0; i < p.size(); ++i) {
    const auto& o = *operations_[i];
    if (!pending(p, i) || latest_effect(o) != must_start_by) continue;
    longest_ends_ = fmt::format("no order explains {}; the longest comes to version {} of write {} before it",
                                describe(o), stored.version, stored.name);
  }
}

}  // namespace atto::test
