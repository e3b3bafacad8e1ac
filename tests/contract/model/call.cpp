#include "contract/model/call.hpp"

#include <fmt/format.h>

#include <utility>

namespace atto::model {

namespace {

answer ask(blocking_store& store, const call& c) {
  answer a;
  switch (c.what) {
    case call::kind::load:
      a.loaded = store.load(c.id, {.last = c.last, .timeout = c.timeout});
      break;
    case call::kind::save:
      a.version = store.save(c.id, c.snap, {.guard = c.guard, .base = c.base, .timeout = c.timeout});
      break;
    case call::kind::append:
      a.version = store.append(c.id, c.base, {c.snap.state, c.snap.history}, {.timeout = c.timeout});
      break;
    case call::kind::remove:
      a.removed = store.remove(c.id, {.base = c.removed_base, .timeout = c.timeout});
      break;
    case call::kind::list:
      for (const session_info& s :
           store.list({.prefix = c.prefix, .after = c.after, .limit = c.limit, .timeout = c.timeout})) {
        a.page.emplace_back(s.id, s.version, s.events);
      }
  }
  return a;
}

}  // namespace

answer run(blocking_store& store, const call& c) {
  try {
    return ask(store, c);
  } catch (const error_with_diagnostics& e) {
    answer a;
    a.code = e.code();
    a.stored_version = e.get_diagnostics().stored_version();
    a.supplied_version = e.get_diagnostics().supplied_version();
    return a;
  }
}

std::string describe(const call& c) {
  const std::string id = fmt::format("{:.20} ({} bytes)", c.id, c.id.size());
  switch (c.what) {
    case call::kind::load:
      return fmt::format("load {}, last {}", id, static_cast<std::int64_t>(c.last));
    case call::kind::save:
      return fmt::format("save {}, version {}, guard {}, base {}, {} bytes\n{}", id, c.snap.version,
                         c.guard == guard::exact ? "exact" : "newer", c.base,
                         c.snap.state.size() + c.snap.history.size(), c.snap.state.stored().text());
    case call::kind::append:
      return fmt::format("append {}, base {}, {} events, {} bytes\n{}", id, c.base, c.snap.history.count(),
                         c.snap.state.size() + c.snap.history.size(), c.snap.state.stored().text());
    case call::kind::remove:
      return fmt::format("remove {}, base {}", id, c.removed_base.value_or(-1));
    case call::kind::list:
      return fmt::format("list {:.20}, after {:.20}, limit {}", c.prefix, c.after, c.limit);
  }
  return {};
}

std::string describe(const answer& a) {
  std::string text =
      fmt::format("{}, version {}, removed {}, {} in the page, stored {}, supplied {}", a.code.message(), a.version,
                  a.removed, a.page.size(), a.stored_version.value_or(-1), a.supplied_version.value_or(-1));
  if (!a.loaded) return text;
  text += fmt::format(", loaded version {} with {} events after {}\n{}", a.loaded->version, a.loaded->history.count(),
                      a.loaded->events_before, a.loaded->state.stored().text());
  for (const json& event : a.loaded->history) text += fmt::format("\n{:.200}", event.text());
  return text;
}

}  // namespace atto::model
