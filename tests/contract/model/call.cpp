#include "contract/model/call.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <utility>

namespace atto::model {

answer asked_store::run(const call& c) {
  try {
    return ask(c);
  } catch (const error_with_diagnostics& e) {
    answer a;
    a.code = e.code();
    a.stored_version = e.get_diagnostics().stored_version();
    a.supplied_version = e.get_diagnostics().supplied_version();
    a.owner_address = e.get_diagnostics().owner_address();
    return a;
  }
}

answer asked_store::ask(const call& c) {
  answer a;
  switch (c.what) {
    case call::kind::load:
      a.loaded = store_.load(c.id, {.last = c.last, .timeout = c.timeout});
      break;
    case call::kind::save:
      a.version = store_.save(c.id, c.snap,
                              {.guard = c.guard,
                               .base = c.base,
                               .epoch = epoch_of(c),
                               .message_id = c.message,
                               .turn_events = c.turn_events,
                               .timeout = c.timeout});
      break;
    case call::kind::append:
      a.version = store_.append(c.id, c.base, {c.snap.state, c.snap.history},
                                {.epoch = epoch_of(c), .ttl = c.ttl, .message_id = c.message, .timeout = c.timeout});
      break;
    case call::kind::remove:
      a.was_there = store_.remove(c.id, {.base = c.removed_base, .epoch = epoch_of(c), .timeout = c.timeout});
      break;
    case call::kind::list:
      for (const session_info& s :
           store_.list({.prefix = c.prefix, .after = c.after, .limit = c.limit, .timeout = c.timeout})) {
        a.page.emplace_back(s.id, s.version, s.events);
      }
      break;
    case call::kind::claim:
      return claim(c);
    case call::kind::renew:
      store_.renew(c.id, epoch_of(c).value(), c.ttl, {.timeout = c.timeout});
      break;
    case call::kind::release:
      a.was_there = store_.release(c.id, epoch_of(c).value(), {.timeout = c.timeout});
      break;
    case call::kind::find_turn:
      a.found = store_.find_turn(c.id, c.message.value(), {.timeout = c.timeout});
      break;
    case call::kind::sweep:
      a.freed = store_.sweep({.timeout = c.timeout});
  }
  return a;
}

answer asked_store::claim(const call& c) {
  answer a;
  claimed_session given =
      store_.claim(c.id, c.owner, {.address = c.address, .ttl = c.ttl, .last = c.last, .timeout = c.timeout});
  a.loaded = std::move(given.snap);
  epochs_.push_back(given.epoch);
  std::int64_t& last = last_epoch_[c.id];
  const bool is_new = given.epoch > last;
  last = given.epoch;
  a.claim = is_new ? static_cast<std::int64_t>(epochs_.size()) : -1;
  return a;
}

std::optional<std::int64_t> asked_store::epoch_of(const call& c) const {
  if (!c.claim || *c.claim < 0) return c.claim;
  constexpr std::int64_t nobodys = 1;
  return *c.claim == 0 ? nobodys : epochs_.at(static_cast<std::size_t>(*c.claim - 1));
}

namespace {

std::string words_of(const call& c) {
  const std::string id = fmt::format("{:.20} ({} bytes)", c.id, c.id.size());
  switch (c.what) {
    case call::kind::load:
      return fmt::format("load {}, last {}", id, static_cast<std::int64_t>(c.last));
    case call::kind::save:
      return fmt::format("save {}, version {}, guard {}, base {}, {} bytes\n{}", id, c.snap.version,
                         c.guard == guard::exact ? "exact" : "newer", c.base,
                         c.snap.state.bytes() + c.snap.history.bytes(), c.snap.state.stored().text());
    case call::kind::append:
      return fmt::format("append {}, base {}, {} events, {} bytes\n{}", id, c.base, c.snap.history.size(),
                         c.snap.state.bytes() + c.snap.history.bytes(), c.snap.state.stored().text());
    case call::kind::remove:
      return fmt::format("remove {}, base {}", id, c.removed_base.value_or(-1));
    case call::kind::list:
      return fmt::format("list {:.20}, after {:.20}, limit {}", c.prefix, c.after, c.limit);
    case call::kind::claim:
      return fmt::format("claim {} for {}, {}, last {}", id, c.owner, c.ttl, static_cast<std::int64_t>(c.last));
    case call::kind::renew:
      return fmt::format("renew {}, {}", id, c.ttl);
    case call::kind::release:
      return fmt::format("release {}", id);
    case call::kind::find_turn:
      return fmt::format("find a turn of {}", id);
    case call::kind::sweep:
      return "sweep";
  }
  return {};
}

}  // namespace

std::string describe(const call& c) {
  std::string text = words_of(c);
  if (c.claim) text += fmt::format("\nunder claim {}", *c.claim);
  if (c.message) text += fmt::format("\nof message {}", fmt::join(c.message->bytes(), "."));
  if (c.turn_events > 0) text += fmt::format(", the newest {}", c.turn_events);
  return text;
}

std::string describe(const answer& a) {
  std::string text = fmt::format(
      "{}, version {}, was there {}, claim {}, freed {}, {} in the page, stored {}, supplied {}, owner at \"{}\"",
      a.code.message(), a.version, a.was_there, a.claim, a.freed, a.page.size(), a.stored_version.value_or(-1),
      a.supplied_version.value_or(-1), a.owner_address.value_or("none"));
  if (a.found) {
    text += fmt::format(", found version {} with {} events", a.found->version, a.found->events.size());
    for (const json& event : a.found->events) text += fmt::format("\n{:.200}", event.text());
  }
  if (!a.loaded) return text;
  text += fmt::format(", loaded version {} with {} events after {}\n{}", a.loaded->version, a.loaded->history.size(),
                      a.loaded->events_before, a.loaded->state.stored().text());
  for (const json& event : a.loaded->history) text += fmt::format("\n{:.200}", event.text());
  return text;
}

}  // namespace atto::model
