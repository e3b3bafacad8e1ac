#include "memory/session_map.hpp"

#include <atto/store_requests.hpp>
#include <atto/store_rules.hpp>

#include <chrono>
#include <iterator>
#include <utility>

namespace atto::memory {

namespace {

/// What is to be remembered of a turn.
std::map<message_id, turn_record> answers(const std::optional<message_id>& message, std::int64_t version,
                                          history events) {
  std::map<message_id, turn_record> all;
  if (message) all.try_emplace(*message, version, std::move(events));
  return all;
}

std::int64_t microseconds(session_map::time_point t) {
  return std::chrono::floor<std::chrono::microseconds>(t).time_since_epoch().count();
}

}  // namespace

void session_map::entry::write(snapshot&& next, time_point now, std::map<message_id, turn_record>&& answered) {
  if (snap.version == 0) created = now;
  snap = std::move(next);
  updated = now;
  messages.merge(answered);  // the oldest turn of a message stays
}

std::int64_t session_map::stored_version(map::const_iterator i) const {
  return i == sessions_.end() ? 0 : i->second.snap.version;
}

const claim_row& session_map::claim_of(map::const_iterator i) const {
  static const claim_row none;
  return i == sessions_.end() ? none : i->second.claim;
}

std::optional<snapshot> session_map::load(const load_request& r) const {
  const auto i = sessions_.find(r.id);
  if (stored_version(i) == 0) return std::nullopt;
  const snapshot& stored = i->second.snap;
  if (r.last >= stored.history.size()) return stored;
  snapshot part(stored.version, stored.state, stored.history.last(r.last));
  part.events_before = static_cast<std::int64_t>(stored.history.size() - r.last);
  return part;
}

failure session_map::save(save_request&& r, time_point now) {
  const auto i = sessions_.find(r.id);
  if (failure f = claim_of(i).check(r.epoch)) return f;
  if (failure f = write_guard::save(r, stored_version(i))) return f;
  // All that can throw comes first: a failed allocation leaves the session as it was.
  auto answered = answers(r.message_id, r.snap.version, r.snap.history.last(r.turn_events));
  entry& stored = i != sessions_.end() ? i->second : sessions_[std::move(r.id)];
  stored.write(std::move(r.snap), now, std::move(answered));
  return {};
}

failure session_map::append(const append_request& r, time_point now) {
  const auto i = sessions_.find(r.id);
  const std::size_t bytes = i == sessions_.end() ? 0 : i->second.snap.history.bytes();
  if (failure f = claim_of(i).check(r.epoch)) return f;
  if (failure f = write_guard::append(r, stored_version(i), bytes, max_session_bytes_)) return f;
  // All that can throw comes first: a failed allocation leaves the session as it was.
  auto answered = answers(r.message_id, r.base + 1, r.turn.events);
  state replaced = r.turn.state;
  entry& stored = i != sessions_.end() ? i->second : sessions_[r.id];
  stored.snap.history.append(r.turn.events);
  stored.write({r.base + 1, std::move(replaced), std::move(stored.snap.history)}, now, std::move(answered));
  if (r.epoch) stored.claim.owned_until = claim_row::end_of(r.ttl, microseconds(now));
  return {};
}

failure session_map::remove(const remove_request& r, bool& removed) {
  const auto i = sessions_.find(r.id);
  if (failure f = claim_of(i).check(r.epoch)) return f;
  if (failure f = write_guard::remove(r, stored_version(i))) return f;
  removed = stored_version(i) != 0;
  if (removed) sessions_.erase(i);
  return {};
}

session_page session_map::list(const list_request& r) const {
  session_page page;
  auto i = r.after < r.prefix ? sessions_.lower_bound(r.prefix) : sessions_.upper_bound(r.after);
  if (r.after.empty() && r.prefix.empty()) i = sessions_.begin();
  for (; i != sessions_.end() && page.size() < r.limit && i->first.starts_with(r.prefix); ++i) {
    const entry& e = i->second;
    if (e.snap.version == 0) continue;
    page.emplace_back(i->first, e.snap.version, static_cast<std::int64_t>(e.snap.history.size()), e.created, e.updated);
  }
  return page;
}

failure session_map::claim(const claim_request& r, time_point now, claimed_session& claimed) {
  const auto i = sessions_.find(r.id);
  const claim_row& before = claim_of(i);
  if (failure f = before.may_claim(r.owner, microseconds(now))) return f;
  claim_row after = before.claimed(r, microseconds(now));
  claimed.epoch = after.epoch;
  claimed.snap = load({{r.deadline, r.diag}, r.id, r.last});
  (i != sessions_.end() ? i->second : sessions_[r.id]).claim = std::move(after);
  return {};
}

session_map::entry* session_map::held(const std::string& id, std::int64_t epoch) {
  const auto i = sessions_.find(id);
  return i != sessions_.end() && i->second.claim.epoch == epoch ? &i->second : nullptr;
}

failure session_map::renew(const renew_request& r, time_point now) {
  entry* const e = held(r.id, r.epoch);
  if (e == nullptr) return store_rules::claim_lost();
  e->claim.owned_until = claim_row::end_of(r.ttl, microseconds(now));
  return {};
}

bool session_map::release(const release_request& r) {
  entry* const e = held(r.id, r.epoch);
  if (e != nullptr) e->claim.release();
  return e != nullptr;
}

std::optional<turn_record> session_map::find_turn(const find_turn_request& r) const {
  const auto i = sessions_.find(r.id);
  if (i == sessions_.end()) return std::nullopt;
  const auto found = i->second.messages.find(r.message_id);
  return found == i->second.messages.end() ? std::nullopt : std::optional(found->second);
}

std::int64_t session_map::sweep(time_point now) {
  const auto is_dead = [&](const auto& e) {
    return e.second.snap.version == 0 && e.second.claim.owned_until <= microseconds(now);
  };
  return static_cast<std::int64_t>(std::erase_if(sessions_, is_dead));
}

}  // namespace atto::memory
