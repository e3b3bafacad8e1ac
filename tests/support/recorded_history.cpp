#include "support/recorded_history.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace atto::test {
namespace {

std::string call_of(const recorded_operation& o) {
  switch (o.kind) {
    case operation_kind::load:
      return "load";
    case operation_kind::save_newer:
      return fmt::format("save {} of version {}", o.name, o.version);
    case operation_kind::save_exact:
      return fmt::format("save {} of version {} on version {}", o.name, o.version, o.base);
    case operation_kind::append:
      return fmt::format("append {} on version {}", o.name, o.base);
    case operation_kind::remove:
      return "remove";
    case operation_kind::remove_exact:
      return fmt::format("remove of version {}", o.base);
  }
  return "";
}

std::string success_of(const recorded_operation& o) {
  if (is_write(o)) return fmt::format("done: version {}", o.answer);
  if (is_remove(o)) return o.answer == 1 ? "done: removed" : "done: absent";
  if (o.version == 0) return "read: absent";
  return fmt::format("read: version {}, state of {}, events of [{}]", o.version, o.name, fmt::join(o.events, " "));
}

std::string answer_of(const recorded_operation& o) {
  switch (o.outcome) {
    case operation_outcome::done:
      return success_of(o);
    case operation_outcome::refused:
      return fmt::format("refused: version {} is stored", o.answer);
    case operation_outcome::unknown:
      return "unknown";
    case operation_outcome::not_written:
      return "failed: nothing written";
  }
  return "";
}

}  // namespace

std::string describe(const recorded_operation& o) {
  return fmt::format("{} by caller {} in [{}, {}], {}", call_of(o), o.caller, o.invoked, o.returned, answer_of(o));
}

recorded_history from_zero(recorded_history h) {
  const auto earlier = [](const auto& a, const auto& b) { return a.invoked < b.invoked; };
  const auto first = std::min_element(h.begin(), h.end(), earlier);
  const std::int64_t zero = first == h.end() ? 0 : first->invoked;
  for (auto& o : h) {
    o.invoked -= zero;
    o.returned -= zero;
  }
  return h;
}

std::string describe(recorded_history h) {
  std::stable_sort(h.begin(), h.end(), [](const auto& a, const auto& b) { return a.invoked < b.invoked; });
  std::string lines;
  for (const auto& o : h) lines += describe(o) + "\n";
  return lines;
}

}  // namespace atto::test
