#include "memory/session_map.hpp"

#include "write_guard.hpp"

#include <iterator>
#include <utility>

namespace atto::memory {

namespace {

history newest(const history& events, std::size_t n) {
  history kept;
  kept.reserve(n);
  for (std::size_t i = events.count() - n; i < events.count(); ++i) kept.push_back(events[i]);
  return kept;
}

}  // namespace

std::int64_t session_map::stored_version(map::const_iterator i) const {
  return i == sessions_.end() ? 0 : i->second.snap.version;
}

std::optional<snapshot> session_map::load(const load_request& r) const {
  const auto i = sessions_.find(r.id);
  if (i == sessions_.end()) return std::nullopt;
  const snapshot& stored = i->second.snap;
  if (r.last >= stored.history.count()) return stored;
  snapshot part(stored.version, stored.state, newest(stored.history, r.last));
  part.events_before = static_cast<std::int64_t>(stored.history.count() - r.last);
  return part;
}

failure session_map::save(save_request&& r, time_point now) {
  const auto i = sessions_.find(r.id);
  if (failure f = write_guard::save(r, stored_version(i))) return f;
  if (i == sessions_.end()) {
    sessions_.emplace(std::move(r.id), entry{std::move(r.snap), now, now});
  } else {
    i->second.snap = std::move(r.snap);
    i->second.updated = now;
  }
  return {};
}

failure session_map::append(const append_request& r, time_point now) {
  const auto i = sessions_.find(r.id);
  const std::size_t bytes = i == sessions_.end() ? 0 : i->second.snap.history.size();
  if (failure f = write_guard::append(r, stored_version(i), bytes, max_session_bytes_)) return f;
  if (i == sessions_.end()) {
    sessions_.emplace(r.id, entry{snapshot(1, r.turn.state, r.turn.events), now, now});
    return {};
  }
  // All that can throw comes first: a failed allocation leaves the session as it was.
  state replaced = r.turn.state;
  i->second.snap.history.append(r.turn.events);
  i->second.snap.state = std::move(replaced);
  i->second.snap.version = r.base + 1;
  i->second.updated = now;
  return {};
}

failure session_map::remove(const remove_request& r, bool& removed) {
  const auto i = sessions_.find(r.id);
  if (failure f = write_guard::remove(r, stored_version(i))) return f;
  removed = i != sessions_.end();
  if (removed) sessions_.erase(i);
  return {};
}

session_page session_map::list(const list_request& r) const {
  session_page page;
  auto i = r.after < r.prefix ? sessions_.lower_bound(r.prefix) : sessions_.upper_bound(r.after);
  if (r.after.empty() && r.prefix.empty()) i = sessions_.begin();
  for (; i != sessions_.end() && page.size() < r.limit && i->first.starts_with(r.prefix); ++i) {
    const entry& e = i->second;
    page.emplace_back(i->first, e.snap.version, static_cast<std::int64_t>(e.snap.history.count()), e.created,
                      e.updated);
  }
  return page;
}

}  // namespace atto::memory
