#include "contract/model/reference_model.hpp"

#include <algorithm>
#include <utility>

namespace atto::model {

namespace {

answer refused(errc e) {
  answer a;
  a.code = e;
  return a;
}

answer lost_race(std::int64_t stored, std::int64_t supplied) {
  answer a = refused(errc::concurrent_write);
  a.stored_version = stored;
  a.supplied_version = supplied;
  return a;
}

/// UTF-8 as RFC 3629 has it, without U+0000, by its code points.
bool is_text(const std::string& s) {
  for (std::size_t i = 0; i < s.size();) {
    const auto lead = static_cast<unsigned char>(s[i]);
    const std::size_t length = lead < 0x80 ? 1 : lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if (lead == 0 || lead > 0xF4 || (lead >= 0x80 && lead < 0xC2) || i + length > s.size()) return false;
    unsigned code = length == 1 ? lead : lead & (0xFFU >> (length + 1));
    for (std::size_t k = 1; k < length; ++k) {
      const auto next = static_cast<unsigned char>(s[i + k]);
      if ((next & 0xC0U) != 0x80U) return false;
      code = code << 6U | (next & 0x3FU);
    }
    if ((length == 3 && code < 0x800) || (length == 4 && code < 0x10000)) return false;
    if (code > 0x10FFFF || (code >= 0xD800 && code < 0xE000)) return false;
    i += length;
  }
  return true;
}

bool is_id(const std::string& id) {
  return !id.empty() && id.size() <= 512 && is_text(id);
}

std::size_t size_of(const snapshot& s) {
  return s.state.bytes() + s.history.bytes();
}

bool is_short(const std::string& text) {
  return text.size() <= 512 && is_text(text);
}

bool is_ttl(std::chrono::milliseconds ttl) {
  return ttl >= std::chrono::milliseconds(0) && ttl <= std::chrono::hours(24);
}

history newest(const history& events, std::size_t n) {
  history kept;
  for (std::size_t i = events.size() - std::min(events.size(), n); i < events.size(); ++i) kept.push_back(events[i]);
  return kept;
}

}  // namespace

std::int64_t reference_model::version_of(const std::string& id) const {
  const auto it = entries_.find(id);
  return it == entries_.end() ? 0 : it->second.snap.version;
}

/// Its claim, or it needs none.
bool reference_model::holds(const call& c) const {
  if (!c.claim) return true;
  const auto it = entries_.find(c.id);
  return *c.claim > 0 && it != entries_.end() && it->second.claim == *c.claim;
}

void reference_model::keep(const call& c, snapshot&& next, const history& turn) {
  entry& e = entries_[c.id];
  e.snap = std::move(next);
  known_[c.id].version = e.snap.version;
  if (c.message) e.turns.try_emplace(*c.message, e.snap.version, turn);
}

answer reference_model::run(const call& c) {
  if (c.what == call::kind::list) return list(c);
  if (c.what != call::kind::sweep && !is_id(c.id)) return refused(errc::invalid_session_id);
  if (c.timeout.count() < 0) return refused(errc::invalid_argument);
  switch (c.what) {
    case call::kind::load:
      return load(c.id, c.last);
    case call::kind::save:
      return save(c);
    case call::kind::append:
      return append(c);
    case call::kind::remove:
      return remove(c);
    case call::kind::claim:
      return claim(c);
    case call::kind::renew:
      return renew(c);
    case call::kind::release:
      return release(c);
    case call::kind::find_turn:
      return find_turn(c);
    default:
      return sweep();
  }
}

answer reference_model::load(const std::string& id, std::size_t last) const {
  answer a;
  const auto it = entries_.find(id);
  if (it == entries_.end() || it->second.snap.version == 0) return a;
  const snapshot& s = it->second.snap;
  a.loaded = snapshot(s.version, s.state, newest(s.history, last));
  a.loaded->events_before = static_cast<std::int64_t>(s.history.size() - a.loaded->history.size());
  return a;
}

answer reference_model::save(const call& c) {
  if (c.snap.version < 1 || c.snap.events_before != 0) return refused(errc::invalid_argument);
  const bool exact = c.guard == guard::exact;
  if (exact ? c.base < 0 || c.base >= c.snap.version : c.base != 0) return refused(errc::invalid_argument);
  if (size_of(c.snap) > max_session_bytes) return refused(errc::too_large);
  if (c.claim && *c.claim < 0) return refused(errc::invalid_argument);
  if (c.turn_events > (c.message ? c.snap.history.size() : 0)) return refused(errc::invalid_argument);
  if (!holds(c)) return refused(errc::claim_lost);
  const std::int64_t stored = version_of(c.id);
  if (exact && stored != c.base) return lost_race(stored, c.base);
  if (!exact && stored >= c.snap.version) return lost_race(stored, c.snap.version);
  answer a;
  a.version = c.snap.version;
  keep(c, snapshot(c.snap.version, c.snap.state.without_temp(), c.snap.history), newest(c.snap.history, c.turn_events));
  return a;
}

answer reference_model::append(const call& c) {
  if (c.base < 0 || c.base == max_version) return refused(errc::invalid_argument);
  if (size_of(c.snap) > max_session_bytes) return refused(errc::too_large);
  if ((c.claim && *c.claim < 0) || !is_ttl(c.ttl)) return refused(errc::invalid_argument);
  if (!holds(c)) return refused(errc::claim_lost);
  const std::int64_t stored = version_of(c.id);
  if (stored != c.base) return lost_race(stored, c.base);
  snapshot next = stored == 0 ? snapshot() : entries_.at(c.id).snap;
  next.state = c.snap.state.without_temp();
  next.history.append(c.snap.history);
  if (size_of(next) > max_session_bytes) return refused(errc::too_large);
  next.version = c.base + 1;
  answer a;
  a.version = next.version;
  keep(c, std::move(next), c.snap.history);
  if (c.claim) entries_[c.id].alive = c.ttl.count() > 0;
  return a;
}

answer reference_model::remove(const call& c) {
  if (c.removed_base && *c.removed_base < 1) return refused(errc::invalid_argument);
  if (c.claim && *c.claim < 0) return refused(errc::invalid_argument);
  if (!holds(c)) return refused(errc::claim_lost);
  const std::int64_t stored = version_of(c.id);
  if (stored == 0) return {};
  if (c.removed_base && *c.removed_base != stored) return lost_race(stored, *c.removed_base);
  answer a;
  a.was_there = true;
  entries_.erase(c.id);
  known_[c.id].version = 0;
  return a;
}

answer reference_model::list(const call& c) const {
  if (c.limit < 1 || c.limit > list_options::max_limit) return refused(errc::invalid_argument);
  for (const std::string& part : {c.prefix, c.after}) {
    if (!part.empty() && !is_id(part)) return refused(errc::invalid_session_id);
  }
  if (c.timeout.count() < 0) return refused(errc::invalid_argument);
  answer a;
  for (const auto& [id, e] : entries_) {
    if (e.snap.version == 0 || !id.starts_with(c.prefix) || id <= c.after || a.page.size() == c.limit) continue;
    a.page.emplace_back(id, e.snap.version, e.snap.history.size());
  }
  return a;
}

answer reference_model::claim(const call& c) {
  if (c.owner.empty() || !is_short(c.owner) || !is_short(c.address)) return refused(errc::invalid_argument);
  if (!is_ttl(c.ttl)) return refused(errc::invalid_argument);
  if (const auto it = entries_.find(c.id); it != entries_.end() && it->second.alive && it->second.owner != c.owner) {
    answer a = refused(errc::owned_elsewhere);
    a.owner_address = it->second.address;
    return a;
  }
  entry& e = entries_[c.id];
  e.claim = ++claims_given_;
  e.owner = c.owner;
  e.address = c.address;
  e.alive = c.ttl.count() > 0;
  known_[c.id].claims.push_back(e.claim);
  answer a = load(c.id, c.last);
  a.claim = e.claim;
  return a;
}

answer reference_model::renew(const call& c) {
  if (*c.claim < 0 || !is_ttl(c.ttl)) return refused(errc::invalid_argument);
  if (!holds(c)) return refused(errc::claim_lost);
  entries_[c.id].alive = c.ttl.count() > 0;
  return {};
}

answer reference_model::release(const call& c) {
  if (*c.claim < 0) return refused(errc::invalid_argument);
  answer a;
  a.was_there = holds(c);
  if (!a.was_there) return a;
  entry& e = entries_[c.id];
  e.claim = 0;
  e.owner.clear();
  e.address.clear();
  e.alive = false;
  return a;
}

answer reference_model::find_turn(const call& c) const {
  answer a;
  const auto it = entries_.find(c.id);
  if (it == entries_.end()) return a;
  if (const auto turn = it->second.turns.find(*c.message); turn != it->second.turns.end()) a.found = turn->second;
  return a;
}

/// What is kept of absent sessions is their claim; a dead one goes.
answer reference_model::sweep() {
  answer a;
  a.freed = static_cast<std::int64_t>(
      std::erase_if(entries_, [](const auto& e) { return e.second.snap.version == 0 && !e.second.alive; }));
  return a;
}

}  // namespace atto::model
