#include "postgres/read_sql.hpp"

#include "base/utf8.hpp"

#include <algorithm>

namespace atto::postgres {

namespace {

// One statement is one consistent moment. The tail is built as text: jsonb_agg takes twice the time of string_agg.
constexpr std::string_view whole_session = R"(
    SELECT t.version, t.events, t.state::text, t.history::text,
      (SELECT '[' || pg_catalog.string_agg(x.events::text, ',' ORDER BY x.version) || ']'
       FROM {tail} AS x WHERE x.session_id = t.session_id AND x.version > t.history_version)
    FROM {sessions} AS t WHERE t.session_id = $id AND t.version > 0)";

// The tail is read from its end, version by version, until there are `$last` events: one look-up in the index a turn.
// OFFSET 0 keeps the look-up a look-up, so that missing statistics cannot lead to reading more.
// `base` is how many events of the base are still needed then.
constexpr std::string_view newest_session = R"(
    WITH RECURSIVE
    t AS (
      SELECT s.version, s.events, s.state, s.history, s.history_version
      FROM {sessions} AS s WHERE s.session_id = $id AND s.version > 0)";
constexpr std::string_view newest_events = R"(),
    back AS (
      SELECT x.version, x.events, x.events_total - pg_catalog.jsonb_array_length(x.events) AS start
      FROM t CROSS JOIN LATERAL (
        SELECT y.version, y.events, y.events_total FROM {tail} AS y
        WHERE y.session_id = $id AND y.version = t.version OFFSET 0) AS x
      WHERE t.version > t.history_version AND $last > 0
      UNION ALL
      SELECT x.version, x.events, x.events_total - pg_catalog.jsonb_array_length(x.events)
      FROM back AS b CROSS JOIN t CROSS JOIN LATERAL (
        SELECT y.version, y.events, y.events_total FROM {tail} AS y
        WHERE y.session_id = $id AND y.version = b.version - 1 OFFSET 0) AS x
      WHERE b.version - 1 > t.history_version AND b.start > t.events - $last)
    SELECT t.version, t.events, t.state::text,
      CASE
        WHEN n.base <= 0 THEN '[]'
        WHEN t.events <= $last THEN t.history::text
        ELSE pg_catalog.jsonb_path_query_array(
          t.history, '$[$from to last]', pg_catalog.jsonb_build_object('from', t.events - $last))::text
      END,
      n.tail
    FROM t CROSS JOIN LATERAL (
      SELECT
        '[' || pg_catalog.string_agg(b.events::text, ',' ORDER BY b.version) || ']' AS tail,
        COALESCE(pg_catalog.min(b.start), t.events) - (t.events - $last) AS base
      FROM back AS b) AS n)";

}  // namespace

std::string load_sql::whole(std::string_view condition) {
  return std::string(whole_session).append(condition);
}

std::string load_sql::newest(std::string_view condition) {
  return std::string(newest_session).append(condition).append(newest_events);
}

parameter load_sql::last(std::size_t events) {
  return binary::int8(std::min(events, static_cast<std::size_t>(max_version)));
}

namespace {

// Ranges of ids, by bytes: what an index can begin and end at.
std::string page_sql(std::string_view range) {
  return R"(
    SELECT t.session_id, t.version, t.events, t.created_at, t.updated_at
    FROM {sessions} AS t WHERE t.session_id > $after AND t.version > 0)" +
         std::string(range) + " ORDER BY t.session_id LIMIT $limit";
}

bindings<list_range> page_bindings() {
  return {{"after", [](auto& l) { return binary::text(l.request.after); }},
          {"limit", [](auto& l) { return binary::int8(l.request.limit); }}};
}
bindings<list_range> from_prefix_bindings() {
  return page_bindings() + bindings<list_range>{{"prefix", [](auto& l) { return binary::text(l.request.prefix); }}};
}
bindings<list_range> prefix_bindings() {
  return from_prefix_bindings() + bindings<list_range>{{"end", [](auto& l) { return binary::text(l.end); }}};
}

}  // namespace

read_sql::read_sql(const sql_names& names)
    : load_whole_(names, load_sql::whole(""), {{"id", [](auto& r) { return binary::text(r.id); }}}),
      load_newest_(names, load_sql::newest(""),
                   {{"id", [](auto& r) { return binary::text(r.id); }},
                    {"last", [](auto& r) { return load_sql::last(r.last); }}}),
      find_turn_(names,
                 R"(SELECT x.version, x.events::text FROM {tail} AS x
                    WHERE x.session_id = $id AND x.message_id = $message_id)",
                 {{"id", [](auto& r) { return binary::text(r.id); }},
                  {"message_id", [](auto& r) { return binary::uuid(r.message_id); }}}),
      list_all_(names, page_sql(""), page_bindings()),
      list_from_prefix_(names, page_sql(" AND t.session_id >= $prefix"), from_prefix_bindings()),
      list_prefix_(names, page_sql(" AND t.session_id >= $prefix AND t.session_id < $end"), prefix_bindings()) {}

std::vector<statement> read_sql::load(const load_request& r) const {
  return round_of((r.last == load_options::all ? load_whole_ : load_newest_).bind(r));
}

std::vector<statement> read_sql::find_turn(const find_turn_request& r) const {
  return round_of(find_turn_.bind(r));
}

std::vector<statement> read_sql::list(const list_request& r) const {
  if (r.prefix.empty()) return round_of(list_all_.bind({r, {}}));
  const std::string end = utf8::end_of_prefix(r.prefix);
  return round_of((end.empty() ? list_from_prefix_ : list_prefix_).bind({r, end}));
}

}  // namespace atto::postgres
