#include "postgres/statements.hpp"

#include "json/stored_form.hpp"
#include "json/utf8.hpp"
#include "postgres/reply.hpp"
#include "postgres/schema_stamp.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace atto::postgres {

namespace {

using stored_form::dialect;

parameter text(std::string_view value) {
  return {parameter::type::text, std::string(value)};
}
parameter int8(std::int64_t value) {
  return {parameter::type::int8, write_int8(value)};
}
parameter int8(std::size_t value) {
  return int8(static_cast<std::int64_t>(value));
}
parameter uuid(const std::string& bytes) {
  return {parameter::type::uuid, bytes};
}

/// The binary format of jsonb: a version byte, then the text.
template <class Documents>
parameter jsonb(const Documents& d) {
  return {parameter::type::jsonb, stored_form::encode(d, dialect::jsonb, "\x01")};
}

template <class... Parameter>
statement bind(const std::string& sql, Parameter... p) {
  statement s(sql);
  s.parameters.reserve(sizeof...(p));
  (s.parameters.push_back(std::move(p)), ...);
  return s;
}

constexpr std::string_view row_columns =
    "(session_id, version, state, history, history_version, turns_replaced, events, bytes, write_id, created_at,"
    " updated_at)";

}  // namespace

statements::statements(table_name name)
    : name_(std::move(name)),
      sessions_(name_.qualified(name_.table())),
      tail_(name_.qualified(name_.tail())),
      view_(name_.qualified(name_.view())) {
  build_reads();
  build_writes();
  build_ddl();
}

void statements::build_reads() {
  // One statement is one consistent moment. The tail is built as text: jsonb_agg takes twice the time of string_agg.
  load_all_ = fmt::format(
      "SELECT t.version, t.events, t.state::text, t.history::text,"
      " (SELECT '[' || pg_catalog.string_agg(x.events::text, ',' ORDER BY x.version) || ']' FROM {1} AS x"
      "  WHERE x.session_id = t.session_id AND x.version > t.history_version)"
      " FROM {0} AS t WHERE t.session_id = $1",
      sessions_, tail_);
  // $2 events at most. The tail is walked from its end, version by version, until it has them: one look-up in the index
  // a turn, so that no statistics, or their want, can lead to reading more (OFFSET 0 keeps the look-up a look-up).
  // `base` is how many events of the base are still needed then.
  load_last_ = fmt::format(
      "WITH RECURSIVE t AS (SELECT s.version, s.events, s.state, s.history, s.history_version FROM {0} AS s"
      " WHERE s.session_id = $1),"
      " back AS (SELECT x.version, x.events, x.events_total - pg_catalog.jsonb_array_length(x.events) AS start"
      " FROM t CROSS JOIN LATERAL (SELECT y.version, y.events, y.events_total FROM {1} AS y"
      " WHERE y.session_id = $1 AND y.version = t.version OFFSET 0) AS x WHERE t.version > t.history_version AND $2 > 0"
      " UNION ALL SELECT x.version, x.events, x.events_total - pg_catalog.jsonb_array_length(x.events)"
      " FROM back AS b CROSS JOIN t CROSS JOIN LATERAL (SELECT y.version, y.events, y.events_total FROM {1} AS y"
      " WHERE y.session_id = $1 AND y.version = b.version - 1 OFFSET 0) AS x"
      " WHERE b.version - 1 > t.history_version AND b.start > t.events - $2)"
      " SELECT t.version, t.events, t.state::text,"
      " CASE WHEN n.base <= 0 THEN '[]' WHEN t.events <= $2 THEN t.history::text"
      "  ELSE pg_catalog.jsonb_path_query_array(t.history, '$[$from to last]',"
      "   pg_catalog.jsonb_build_object('from', t.events - $2))::text END, n.tail"
      " FROM t CROSS JOIN LATERAL (SELECT"
      "  '[' || pg_catalog.string_agg(b.events::text, ',' ORDER BY b.version) || ']' AS tail,"
      "  COALESCE(pg_catalog.min(b.start), t.events) - (t.events - $2) AS base FROM back AS b) AS n",
      sessions_, tail_);
  // Ranges of ids, by bytes: what an index can begin and end at.
  const std::string page = fmt::format(
      "SELECT t.session_id, t.version, t.events, t.created_at, t.updated_at FROM {0} AS t WHERE t.session_id > $1",
      sessions_);
  list_ = page + " ORDER BY t.session_id LIMIT $2";
  list_from_ = page + " AND t.session_id >= $3 ORDER BY t.session_id LIMIT $2";
  list_range_ = page + " AND t.session_id >= $3 AND t.session_id < $4 ORDER BY t.session_id LIMIT $2";
  inspect_ = fmt::format("SELECT t.version, t.bytes FROM {0} AS t WHERE t.session_id = $1", sessions_);
  // The lock waits for whoever writes the session just now. It is also a change for the log, so that the commit waits
  // for a synchronous standby: what was found is then as safe as what was acknowledged.
  trace_ = fmt::format(
      "SELECT t.version, t.bytes, t.history_version, t.write_id FROM {0} AS t WHERE t.session_id = $1"
      " FOR NO KEY UPDATE",
      sessions_);
  // A statement of its own, and so a later moment than that of the lock.
  trace_turn_ = fmt::format("SELECT x.write_id FROM {} AS x WHERE x.session_id = $1 AND x.version = $2", tail_);
  look_ =
      "SELECT c.relname::text, c.relkind::text, pg_catalog.obj_description(c.oid, 'pg_class'),"
      " pg_catalog.current_setting('server_encoding')"
      " FROM (SELECT 1) AS one LEFT JOIN (pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n"
      " ON n.oid = c.relnamespace AND n.nspname = $1) ON c.relname IN ($2, $3, $4)";
}

void statements::build_writes() {
  // now() goes through VALUES into EXCLUDED: Citus refuses it in the SET clause of DO UPDATE.
  const std::string insert = fmt::format(
      "INSERT INTO {} AS t {} VALUES ($1, $2, $3, $4, $2, 0, $5, $6, $7, pg_catalog.now(), pg_catalog.now())",
      sessions_, row_columns);
  save_newer_ = insert +
                " ON CONFLICT (session_id) DO UPDATE SET version = EXCLUDED.version, state = EXCLUDED.state,"
                " history = EXCLUDED.history, history_version = EXCLUDED.history_version,"
                " turns_replaced = t.version - t.history_version, events = EXCLUDED.events,"
                " bytes = EXCLUDED.bytes, write_id = EXCLUDED.write_id, updated_at = EXCLUDED.updated_at"
                " WHERE t.version < EXCLUDED.version RETURNING t.turns_replaced";
  append_first_ = insert + " ON CONFLICT (session_id) DO NOTHING";
  save_first_ = append_first_ + " RETURNING t.turns_replaced";
  save_exact_ = fmt::format(
      "UPDATE {} AS t SET version = $2, state = $3, history = $4, history_version = $2,"
      " turns_replaced = t.version - t.history_version, events = $5, bytes = $6, write_id = $7,"
      " updated_at = pg_catalog.now() WHERE t.session_id = $1 AND t.version = $8 RETURNING t.turns_replaced",
      sessions_);
  // A transaction of its own sees the tail rows that were committed while the save waited for the row's lock.
  sweep_ = fmt::format(
      "DELETE FROM {1} AS x WHERE x.session_id = $1"
      " AND x.version <= (SELECT t.history_version FROM {0} AS t WHERE t.session_id = $1)",
      sessions_, tail_);
  append_ = fmt::format(
      "WITH up AS (UPDATE {0} AS t SET version = t.version + 1, state = $3, events = t.events + $5,"
      " bytes = t.bytes + $6, updated_at = pg_catalog.now()"
      " WHERE t.session_id = $1 AND t.version = $2 AND t.bytes + $6 + $8 <= $9"
      " RETURNING t.session_id, t.version, t.events)"
      " INSERT INTO {1} (session_id, version, write_id, events, events_total)"
      " SELECT up.session_id, up.version, $7, $4, up.events FROM up",
      sessions_, tail_);
  remove_ = fmt::format("DELETE FROM {} AS t WHERE t.session_id = $1", sessions_);
  remove_exact_ = remove_ + " AND t.version = $2";
  // Guarded, so that a session which another client began in between keeps its turns.
  remove_tail_ = fmt::format(
      "DELETE FROM {1} AS x WHERE x.session_id = $1 AND NOT EXISTS (SELECT 1 FROM {0} AS t WHERE t.session_id = $1)",
      sessions_, tail_);
}

void statements::build_ddl() {
  // The key is ours alone: 'atto' in the upper half. It is held until the end of the transaction.
  lock_ = "SELECT pg_catalog.pg_advisory_xact_lock(7022365739067637760)";
  // Every turn updates its session's row: with room on its page the new version needs no new index entry, and old ones
  // are cleared away on the spot. See docs/decisions/0006.
  create_sessions_ = fmt::format(
      "CREATE TABLE {} (session_id text COLLATE \"C\" NOT NULL CONSTRAINT {} PRIMARY KEY, version int8 NOT NULL,"
      " state jsonb NOT NULL, history jsonb NOT NULL, history_version int8 NOT NULL,"
      " turns_replaced int8 NOT NULL, events int8 NOT NULL, bytes int8 NOT NULL, write_id uuid, created_at timestamptz "
      "NOT NULL, updated_at timestamptz NOT NULL, owner text, owner_address text, epoch int8 NOT NULL DEFAULT 0,"
      " owned_until timestamptz) WITH (fillfactor = 50)",
      sessions_, table_name::quoted(name_.key(name_.table())));
  create_tail_ = fmt::format(
      "CREATE TABLE {} (session_id text COLLATE \"C\" NOT NULL, version int8 NOT NULL, write_id uuid,"
      " events jsonb NOT NULL, events_total int8 NOT NULL, message_id uuid,"
      " CONSTRAINT {} PRIMARY KEY (session_id, version))",
      tail_, table_name::quoted(name_.key(name_.tail())));
  create_tail_index_ =
      fmt::format("CREATE INDEX IF NOT EXISTS {1} ON {0} (session_id, message_id) WHERE message_id IS NOT NULL", tail_,
                  table_name::quoted(name_.tail_index()));
  const std::string view = fmt::format(
      "VIEW {2} AS SELECT t.session_id, t.version, t.state, t.history || COALESCE((SELECT"
      " pg_catalog.jsonb_agg(e.value ORDER BY x.version, e.ordinality) FROM {1} AS x,"
      " pg_catalog.jsonb_array_elements(x.events) WITH ORDINALITY AS e(value, ordinality)"
      " WHERE x.session_id = t.session_id AND x.version > t.history_version), '[]'::jsonb) AS history FROM {0} AS t"
      " WHERE t.version > 0",
      sessions_, tail_, view_);
  create_view_ = "CREATE " + view;
  upgrade_view_ = "CREATE OR REPLACE " + view;
  // Constant defaults: the server rewrites no row.
  upgrade_sessions_ = fmt::format(
      "ALTER TABLE {} ADD COLUMN IF NOT EXISTS owner text, ADD COLUMN IF NOT EXISTS owner_address text,"
      " ADD COLUMN IF NOT EXISTS epoch int8 NOT NULL DEFAULT 0, ADD COLUMN IF NOT EXISTS owned_until timestamptz",
      sessions_);
  upgrade_tail_ = fmt::format("ALTER TABLE {} ADD COLUMN IF NOT EXISTS message_id uuid", tail_);
  const std::string stamp = schema_stamp::make(schema_stamp::current);
  stamp_sessions_ = fmt::format("COMMENT ON TABLE {} IS '{}'", sessions_, stamp);
  stamp_tail_ = fmt::format("COMMENT ON TABLE {} IS '{}'", tail_, stamp);
  stamp_view_ = fmt::format("COMMENT ON VIEW {} IS '{}'", view_, stamp);
}

std::vector<statement> statements::load(const load_request& r) const {
  if (r.last == load_options::all) return {bind(load_all_, text(r.id))};
  const auto last = std::min(r.last, static_cast<std::size_t>(max_version));
  return {bind(load_last_, text(r.id), int8(last))};
}

std::vector<statement> statements::save(const save_request& r, const std::string& write_id) const {
  const auto row = [&](const std::string& sql) {
    return bind(sql, text(r.id), int8(r.snap.version), jsonb(r.snap.state), jsonb(r.snap.history),
                int8(r.snap.history.count()), int8(r.snap.history.size()), uuid(write_id));
  };
  if (r.guard == guard::newer) return {row(save_newer_)};
  if (r.base == 0) return {row(save_first_)};
  statement exact = row(save_exact_);
  exact.parameters.push_back(int8(r.base));
  return {std::move(exact)};
}

std::vector<statement> statements::sweep(std::string_view id) const {
  return {bind(sweep_, text(id))};
}

std::vector<statement> statements::append(const append_request& r, const std::string& write_id,
                                          std::size_t max_session_bytes) const {
  const turn& t = r.turn;
  auto state = jsonb(t.state);
  auto events = jsonb(t.events);
  if (r.base == 0) {
    return {bind(append_first_, text(r.id), int8(std::int64_t{1}), std::move(state), std::move(events),
                 int8(t.events.count()), int8(t.events.size()), uuid(write_id))};
  }
  return {bind(append_, text(r.id), int8(r.base), std::move(state), std::move(events), int8(t.events.count()),
               int8(t.events.size()), uuid(write_id), int8(t.state.size()), int8(max_session_bytes))};
}

std::vector<statement> statements::remove(const remove_request& r) const {
  auto first = r.base ? bind(remove_exact_, text(r.id), int8(*r.base)) : bind(remove_, text(r.id));
  return {std::move(first), bind(remove_tail_, text(r.id))};
}

std::vector<statement> statements::list(const list_request& r) const {
  if (r.prefix.empty()) return {bind(list_, text(r.after), int8(r.limit))};
  const std::string end = utf8::end_of_prefix(r.prefix);
  if (end.empty()) return {bind(list_from_, text(r.after), int8(r.limit), text(r.prefix))};
  return {bind(list_range_, text(r.after), int8(r.limit), text(r.prefix), text(end))};
}

std::vector<statement> statements::inspect(std::string_view id) const {
  return {bind(inspect_, text(id))};
}

std::vector<statement> statements::trace(std::string_view id, std::int64_t version) const {
  return {bind(trace_, text(id)), bind(trace_turn_, text(id), int8(version))};
}

std::vector<statement> statements::look() const {
  return {bind(look_, text(name_.schema()), text(name_.table()), text(name_.tail()), text(name_.view()))};
}

}  // namespace atto::postgres
