#include "postgres/read_exchange.hpp"

#include <atto/store_requests.hpp>

#include "base/moment.hpp"
#include "json/stored_form.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string_view>
#include <utility>

namespace atto::postgres {

namespace {

using stored_form::dialect;

/// The newest `last` of the events, which are the end of a history of `total`.
snapshot bounded(std::int64_t version, state s, history loaded, std::int64_t total, std::size_t last) {
  const std::size_t keep = std::min(loaded.size(), last);
  if (keep < loaded.size()) loaded = loaded.last(keep);
  snapshot snap(version, std::move(s), std::move(loaded));
  snap.events_before = total - static_cast<std::int64_t>(keep);
  return snap;
}

/// A timestamptz in binary: microseconds since 2000-01-01 UTC.
std::chrono::system_clock::time_point time_point(std::int64_t microseconds) {
  constexpr std::chrono::sys_days epoch = std::chrono::year(2000) / 1 / 1;
  return moment(microseconds, epoch);
}

}  // namespace

result<std::optional<snapshot>> read_snapshot(const reply& r, std::size_t last) {
  if (r.rows.empty()) return std::optional<snapshot>();
  const reply::row& row = r.rows.front();
  // version, events, state, history, tail (null when there is none)
  if (row.size() != 5 || !row[2] || !row[3]) return unreadable_row();
  const auto version = read_int8(row[0]);
  const auto total = read_int8(row[1]);
  auto state = stored_form::decode_state({r.owner, *row[2]}, dialect::jsonb);
  auto events = stored_form::decode_events({r.owner, *row[3]}, dialect::jsonb);
  if (!version || !total || *total < 0 || !state || !events) return unreadable_row();
  if (row[4]) {
    auto tail = stored_form::decode_turns({r.owner, *row[4]}, dialect::jsonb);
    if (!tail) return unreadable_row();
    events->append(*tail);
  }
  snapshot snap = bounded(*version, std::move(*state), std::move(*events), *total, last);
  if (snap.events_before < 0 || (last == load_options::all && snap.partial())) return unreadable_row();
  return std::optional<snapshot>(std::move(snap));
}

result<std::optional<turn_record>> find_turn_exchange::read(const reply& r) const {
  std::optional<std::int64_t> oldest;
  std::string_view oldest_events;
  for (const reply::row& row : r.rows) {
    const auto version = read_int8(cell_at(row, 0));
    const auto events = cell_at(row, 1);
    if (!version || !events) return unreadable_row();
    if (oldest && *oldest <= *version) continue;
    oldest = version;
    oldest_events = *events;
  }
  if (!oldest) return std::optional<turn_record>();
  auto events = stored_form::decode_events({r.owner, oldest_events}, dialect::jsonb);
  if (!events) return unreadable_row();
  return std::optional(turn_record(*oldest, std::move(*events)));
}

result<session_page> list_exchange::read(const reply& r) const {
  session_page page;
  page.reserve(r.rows.size());
  for (const reply::row& row : r.rows) {
    if (row.size() != 5 || !row[0]) return unreadable_row();
    const auto version = read_int8(row[1]), events = read_int8(row[2]);
    const auto created = read_int8(row[3]), updated = read_int8(row[4]);
    if (!version || !events || !created || !updated) return unreadable_row();
    page.emplace_back(std::string(*row[0]), *version, *events, time_point(*created), time_point(*updated));
  }
  return page;
}

}  // namespace atto::postgres
