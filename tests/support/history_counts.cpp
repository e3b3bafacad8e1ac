#include "support/history_counts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <string_view>

namespace atto::test {
namespace {

std::size_t overlapping_in(recorded_history h) {
  std::sort(h.begin(), h.end(), [](const auto& a, const auto& b) { return a.invoked < b.invoked; });
  auto busy_until = std::numeric_limits<std::int64_t>::min();
  std::size_t overlapping = 0;
  for (const auto& o : h) {
    if (o.invoked < busy_until) ++overlapping;  // a caller's own operations come one after the other
    busy_until = std::max(busy_until, o.returned);
  }
  return overlapping;
}

}  // namespace

void history_counts::add(const recorded_history& h) {
  ++histories;
  operations += h.size();
  overlapping += overlapping_in(h);
  for (const auto& o : h) {
    if (o.outcome == operation_outcome::refused) ++refused;
    if (o.outcome == operation_outcome::unknown) ++unknown;
    if (o.outcome == operation_outcome::unknown || o.outcome == operation_outcome::not_written) ++faults;
  }
}

std::string shortfall(const history_counts& had, const history_minimum& needed) {
  const auto too_few = [&had](std::string_view what, std::size_t found, std::size_t least) {
    if (found >= least) return std::string();
    return fmt::format("only {} {} in {} operations, {} needed: this run proves nothing", found, what, had.operations,
                       least);
  };
  if (auto why = too_few("conflicts", had.refused, needed.refused); !why.empty()) return why;
  if (auto why = too_few("overlapping operations", had.overlapping, needed.overlapping); !why.empty()) return why;
  return too_few("faults", had.faults, needed.faults);
}

}  // namespace atto::test
