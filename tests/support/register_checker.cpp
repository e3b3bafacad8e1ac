#include "support/register_checker.hpp"

#include "support/linearization_search.hpp"
#include "support/version_order.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

namespace atto::test {
namespace {

/// What can have come from where, whatever the order.
struct sources {
  std::map<write_name, const recorded_operation*> writes;
  std::set<write_name> states;  // of writes that may have happened
  std::set<write_name> events;  // that such a write brought, its own or copied ones
};

bool may_have_removed(const recorded_operation& o) {
  if (!is_remove(o)) return false;
  return o.outcome == operation_outcome::unknown || (o.outcome == operation_outcome::done && o.answer != 0);
}

/// Gathers the writes' names; says which is there twice.
std::string gather(const recorded_history& h, sources& from) {
  for (const auto& o : h) {
    if (!is_write(o)) continue;
    const bool fresh = from.writes.emplace(o.name, &o).second;
    if (!fresh) return fmt::format("the history is no record: two writes have one name: {}", describe(o));
    if (o.outcome == operation_outcome::refused || o.outcome == operation_outcome::not_written) continue;
    from.states.insert(o.name);
    from.events.insert(o.events.begin(), o.events.end());
  }
  return "";
}

/// An answer that is wrong whatever the others did.
std::string wrong_answer(const recorded_operation& o) {
  if (o.returned < o.invoked) return fmt::format("the history is no record: {}", describe(o));
  if (is_write(o) && o.outcome == operation_outcome::done && o.answer != o.version) {
    return fmt::format("{}; it should have made version {}", describe(o), o.version);
  }
  if (o.outcome != operation_outcome::refused) return "";
  if (o.answer < 0) return fmt::format("{}: the conflict names no stored version", describe(o));
  if (o.kind == operation_kind::load || o.kind == operation_kind::remove) {
    return fmt::format("{}, but it has no guard", describe(o));
  }
  if (is_remove(o) && o.answer == 0) return fmt::format("{}, but an absent session is no conflict", describe(o));
  return "";
}

/// A load that shows what nobody can have written.
std::string wrong_sight(const recorded_operation& load, const sources& from) {
  const bool holds_nothing = load.name == 0 && load.events.empty();
  if (load.version < 0 || (load.version == 0 && !holds_nothing)) {
    return fmt::format("{}: a session of version {} cannot hold anything", describe(load), load.version);
  }
  const auto wrong = [&](write_name name) {
    const auto write = from.writes.find(name);
    if (write != from.writes.end()) return fmt::format("{} is seen by {}", describe(*write->second), describe(load));
    return fmt::format("{}: no write of this session is named {}", describe(load), name);
  };
  if (load.version != 0 && from.states.count(load.name) == 0) return wrong(load.name);
  for (const auto name : load.events) {
    if (from.events.count(name) == 0) return wrong(name);
  }
  return "";
}

std::string wrong_by_itself(const recorded_history& h) {
  sources from;
  if (auto why = gather(h, from); !why.empty()) return why;
  for (const auto& o : h) {
    if (auto why = wrong_answer(o); !why.empty()) return why;
    const bool saw = o.kind == operation_kind::load && o.outcome == operation_outcome::done;
    if (!saw) continue;
    if (auto why = wrong_sight(o, from); !why.empty()) return why;
  }
  return "";
}

}  // namespace

verdict check(const recorded_history& h, std::size_t max_states) {
  std::string why = wrong_by_itself(h);
  if (why.empty()) {
    why = std::any_of(h.begin(), h.end(), may_have_removed) ? linearization_search(h, max_states).violation()
                                                            : version_order(h).violation();
  }
  return {why.empty(), why};
}

}  // namespace atto::test
