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
  return s.state.size() + s.history.size();
}

}  // namespace

std::int64_t reference_model::version_of(const std::string& id) const {
  const auto it = sessions_.find(id);
  return it == sessions_.end() ? 0 : it->second.version;
}

std::vector<std::tuple<std::string, std::int64_t, std::int64_t>> reference_model::stored() const {
  std::vector<std::tuple<std::string, std::int64_t, std::int64_t>> all;
  for (const auto& [id, s] : sessions_) all.emplace_back(id, s.version, s.history.count());
  return all;
}

answer reference_model::run(const call& c) {
  if (c.what == call::kind::list) return list(c);
  if (!is_id(c.id)) return refused(errc::invalid_session_id);
  if (c.timeout.count() < 0) return refused(errc::invalid_argument);
  switch (c.what) {
    case call::kind::load:
      return load(c);
    case call::kind::save:
      return save(c);
    case call::kind::append:
      return append(c);
    default:
      return remove(c);
  }
}

answer reference_model::load(const call& c) const {
  answer a;
  const auto it = sessions_.find(c.id);
  if (it == sessions_.end()) return a;
  const snapshot& s = it->second;
  const std::size_t left_out = s.history.count() - std::min(s.history.count(), c.last);
  a.loaded = snapshot(s.version, s.state, history());
  for (std::size_t i = left_out; i < s.history.count(); ++i) a.loaded->history.push_back(s.history[i]);
  a.loaded->events_before = static_cast<std::int64_t>(left_out);
  return a;
}

answer reference_model::save(const call& c) {
  if (c.snap.version < 1 || c.snap.events_before != 0) return refused(errc::invalid_argument);
  const bool exact = c.guard == guard::exact;
  if (exact ? c.base < 0 || c.base >= c.snap.version : c.base != 0) return refused(errc::invalid_argument);
  if (size_of(c.snap) > max_session_bytes) return refused(errc::too_large);
  const std::int64_t stored = version_of(c.id);
  if (exact && stored != c.base) return lost_race(stored, c.base);
  if (!exact && stored >= c.snap.version) return lost_race(stored, c.snap.version);
  sessions_[c.id] = snapshot(c.snap.version, c.snap.state.without_temp(), c.snap.history);
  answer a;
  a.version = c.snap.version;
  return a;
}

answer reference_model::append(const call& c) {
  if (c.base < 0 || c.base == max_version) return refused(errc::invalid_argument);
  if (size_of(c.snap) > max_session_bytes) return refused(errc::too_large);
  const std::int64_t stored = version_of(c.id);
  if (stored != c.base) return lost_race(stored, c.base);
  snapshot next = stored == 0 ? snapshot() : sessions_.at(c.id);
  next.state = c.snap.state.without_temp();
  next.history.append(c.snap.history);
  if (size_of(next) > max_session_bytes) return refused(errc::too_large);
  next.version = c.base + 1;
  answer a;
  a.version = next.version;
  sessions_[c.id] = std::move(next);
  return a;
}

answer reference_model::remove(const call& c) {
  if (c.removed_base && *c.removed_base < 1) return refused(errc::invalid_argument);
  const std::int64_t stored = version_of(c.id);
  if (stored != 0 && c.removed_base && *c.removed_base != stored) return lost_race(stored, *c.removed_base);
  answer a;
  a.removed = sessions_.erase(c.id) > 0;
  return a;
}

answer reference_model::list(const call& c) const {
  if (c.limit < 1 || c.limit > list_options::max_limit) return refused(errc::invalid_argument);
  for (const std::string& part : {c.prefix, c.after}) {
    if (!part.empty() && !is_id(part)) return refused(errc::invalid_session_id);
  }
  if (c.timeout.count() < 0) return refused(errc::invalid_argument);
  answer a;
  for (const auto& row : stored()) {
    const std::string& id = std::get<0>(row);
    if (!id.starts_with(c.prefix) || id <= c.after || a.page.size() == c.limit) continue;
    a.page.push_back(row);
  }
  return a;
}

}  // namespace atto::model
