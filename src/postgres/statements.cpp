#include "postgres/statements.hpp"

#include <atto/store_requests.hpp>

#include "base/utf8.hpp"
#include "json/stored_form.hpp"
#include "postgres/reply.hpp"
#include "postgres/schema_stamp.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
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
parameter int8(std::chrono::milliseconds value) {
  return int8(std::int64_t{value.count()});
}
/// A number of events as int8 can hold it.
std::size_t bounded(std::size_t events) {
  return std::min(events, static_cast<std::size_t>(max_version));
}
parameter uuid(const std::string& bytes) {
  return {parameter::type::uuid, bytes};
}

parameter uuid(const message_id& message) {
  return uuid(std::string(message.bytes().begin(), message.bytes().end()));
}

/// The binary format of jsonb: a version byte, then the text.
template <class Documents>
parameter jsonb(const Documents& d) {
  return {parameter::type::jsonb, stored_form::encode(d, dialect::jsonb, "\x01")};
}

template <class... Parameter>
statement bind(const sql_text& sql, Parameter... p) {
  constexpr std::size_t for_more = 5;  // which some requests have
  statement s(sql);
  s.parameters.reserve(sizeof...(p) + for_more);
  (s.parameters.push_back(std::move(p)), ...);
  return s;
}

/// A braced list would copy them.
template <class... Statement>
std::vector<statement> round_of(Statement... s) {
  std::vector<statement> all;
  all.reserve(sizeof...(s));
  (all.push_back(std::move(s)), ...);
  return all;
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
  build_loads();
  build_reads();
  build_writes();
  build_claimed_writes();
  build_claims();
  build_ddl();
}

void statements::build_loads() {
  // One statement is one consistent moment. The tail is built as text: jsonb_agg takes twice the time of string_agg.
  const auto load_all = [this](std::string_view of_owner) {
    return fmt::format(
        "SELECT t.version, t.events, t.state::text, t.history::text,"
        " (SELECT '[' || pg_catalog.string_agg(x.events::text, ',' ORDER BY x.version) || ']' FROM {1} AS x"
        "  WHERE x.session_id = t.session_id AND x.version > t.history_version)"
        " FROM {0} AS t WHERE t.session_id = $1 AND t.version > 0{2}",
        sessions_, tail_, of_owner);
  };
  load_all_ = load_all("");
  claimed_all_ = load_all(" AND t.owner = $2");
  // $2 events at most. The tail is walked from its end, version by version, until it has them: one look-up in the index
  // a turn, so that no statistics, or their want, can lead to reading more (OFFSET 0 keeps the look-up a look-up).
  // `base` is how many events of the base are still needed then.
  const auto load_last = [this](std::string_view of_owner) {
    return fmt::format(
        "WITH RECURSIVE t AS (SELECT s.version, s.events, s.state, s.history, s.history_version FROM {0} AS s"
        " WHERE s.session_id = $1 AND s.version > 0{2}),"
        " back AS (SELECT x.version, x.events, x.events_total - pg_catalog.jsonb_array_length(x.events) AS start"
        " FROM t CROSS JOIN LATERAL (SELECT y.version, y.events, y.events_total FROM {1} AS y"
        " WHERE y.session_id = $1 AND y.version = t.version OFFSET 0) AS x"
        " WHERE t.version > t.history_version AND $2 > 0"
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
        sessions_, tail_, of_owner);
  };
  load_last_ = load_last("");
  claimed_last_ = load_last(" AND s.owner = $3");
}

void statements::build_reads() {
  // Ranges of ids, by bytes: what an index can begin and end at.
  const std::string page = fmt::format(
      "SELECT t.session_id, t.version, t.events, t.created_at, t.updated_at FROM {0} AS t WHERE t.session_id > $1"
      " AND t.version > 0",
      sessions_);
  list_ = page + " ORDER BY t.session_id LIMIT $2";
  list_from_ = page + " AND t.session_id >= $3 ORDER BY t.session_id LIMIT $2";
  list_range_ = page + " AND t.session_id >= $3 AND t.session_id < $4 ORDER BY t.session_id LIMIT $2";
  inspect_ = fmt::format("SELECT t.version, t.bytes, t.epoch FROM {0} AS t WHERE t.session_id = $1", sessions_);
  // The lock waits for whoever writes the session just now. It is also a change for the log, so that the commit waits
  // for a synchronous standby: what was found is then as safe as what was acknowledged.
  trace_ = fmt::format(
      "SELECT t.version, t.bytes, t.epoch, t.history_version, t.write_id FROM {0} AS t WHERE t.session_id = $1"
      " FOR NO KEY UPDATE",
      sessions_);
  find_turn_ =
      fmt::format("SELECT x.version, x.events::text FROM {} AS x WHERE x.session_id = $1 AND x.message_id = $2", tail_);
  // A statement of its own, and so a later moment than that of the lock.
  trace_turn_ = fmt::format("SELECT x.write_id FROM {} AS x WHERE x.session_id = $1 AND x.version = $2", tail_);
  look_ =
      "SELECT c.relname::text, c.relkind::text, pg_catalog.obj_description(c.oid, 'pg_class'),"
      " pg_catalog.current_setting('server_encoding'),"
      " (SELECT pg_catalog.string_agg(a.attname || ' ' || t.typname || CASE WHEN a.attnotnull THEN ' NOT NULL' ELSE ''"
      " END, pg_catalog.chr(10)) FROM pg_catalog.pg_attribute AS a JOIN pg_catalog.pg_type AS t ON t.oid = a.atttypid"
      " WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped)"
      " FROM (SELECT 1) AS one LEFT JOIN (pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n"
      " ON n.oid = c.relnamespace AND n.nspname = $1) ON c.relname IN ($2, $3, $4)";
}

void statements::build_writes() {
  // now() goes through VALUES into EXCLUDED: Citus refuses it in the SET clause of DO UPDATE.
  const std::string insert = fmt::format(
      "INSERT INTO {} AS t {} VALUES ($1, $2, $3, $4, $2, 0, $5, $6, $7, pg_catalog.now(), pg_catalog.now())",
      sessions_, row_columns);
  // A row of version 0 is a claim of an absent session, and was created at infinity. (Not CASE: there Citus refuses
  // now(), which build_claimed_writes needs.)
  const std::string upsert =
      insert +
      " ON CONFLICT (session_id) DO UPDATE SET version = EXCLUDED.version, state = EXCLUDED.state,"
      " history = EXCLUDED.history, history_version = EXCLUDED.history_version,"
      " turns_replaced = t.version - t.history_version, events = EXCLUDED.events,"
      " bytes = EXCLUDED.bytes, write_id = EXCLUDED.write_id,"
      " created_at = LEAST(t.created_at, EXCLUDED.created_at), updated_at = EXCLUDED.updated_at";
  save_newer_ = whole(upsert + " WHERE t.version < EXCLUDED.version", 8, 9);
  save_first_ = whole(upsert + " WHERE t.version = 0", 8, 9);
  append_first_ = whole(upsert + " WHERE t.version = 0", 4, 8);
  save_exact_ =
      whole(fmt::format("UPDATE {} AS t SET version = $2, state = $3, history = $4, history_version = $2,"
                        " turns_replaced = t.version - t.history_version, events = $5, bytes = $6, write_id = $7,"
                        " updated_at = pg_catalog.now() WHERE t.session_id = $1 AND t.version = $8",
                        sessions_),
            9, 10);
  // A transaction of its own sees the tail rows that were committed while the save waited for the row's lock.
  sweep_ = fmt::format(
      "DELETE FROM {1} AS x WHERE x.session_id = $1"
      " AND x.version <= (SELECT t.history_version FROM {0} AS t WHERE t.session_id = $1) AND x.message_id IS NULL",
      sessions_, tail_);
  append_ = turn_on("", "", 10);
  append_claimed_ =
      turn_on(", owned_until = pg_catalog.now() + $11 * interval '1 millisecond'", " AND t.epoch = $10", 12);
  // Always of one version: a copy that a dead client has sent and the server runs later takes nothing newer.
  const std::string remove =
      fmt::format("DELETE FROM {} AS t WHERE t.session_id = $1 AND t.version = $2 AND t.version > 0", sessions_);
  remove_ = remove;
  remove_claimed_ = remove + " AND t.epoch = $3";
  // Guarded, so that a session which another client began in between keeps its turns.
  remove_tail_ = fmt::format(
      "DELETE FROM {1} AS x WHERE x.session_id = $1 AND NOT EXISTS (SELECT 1 FROM {0} AS t WHERE t.session_id = $1)",
      sessions_, tail_);
}

/// Of a statement that writes the base of the history. `events` and `message` are the numbers of the parameters that
/// hold the turn's events and its message id.
statements::variants statements::whole(const std::string& write, int events, int message) const {
  return {
      sql_text(write + " RETURNING t.turns_replaced"),
      sql_text(fmt::format("WITH up AS ({1} RETURNING t.session_id, t.version, t.events, t.turns_replaced),"
                           " kept AS (INSERT INTO {0} (session_id, version, write_id, events, events_total, message_id)"
                           " SELECT up.session_id, up.version, $7, ${2}, up.events, ${3} FROM up)"
                           " SELECT up.turns_replaced FROM up",
                           tail_, write, events, message))};
}

/// Of an append on a turn that is there.
statements::variants statements::turn_on(std::string_view set, std::string_view guard, int message) const {
  const auto append = [&](std::string_view column, const std::string& value) {
    return sql_text(
        fmt::format("WITH up AS (UPDATE {0} AS t SET version = t.version + 1, state = $3, events = t.events + $5,"
                    " bytes = t.bytes + $6, updated_at = pg_catalog.now(){2}"
                    " WHERE t.session_id = $1 AND t.version = $2 AND t.bytes + $6 + $8 <= $9{3}"
                    " RETURNING t.session_id, t.version, t.events)"
                    " INSERT INTO {1} (session_id, version, write_id, events, events_total{4})"
                    " SELECT up.session_id, up.version, $7, $4, up.events{5} FROM up",
                    sessions_, tail_, set, guard, column, value));
  };
  return {append("", ""), append(", message_id", fmt::format(", ${}", message))};
}

/// Whole writes under a claim: there is a row, be it of version 0, or the claim is lost.
void statements::build_claimed_writes() {
  const auto update = [this](std::string_view set, std::string_view guard) {
    return fmt::format(
        "UPDATE {} AS t SET version = $2, state = $3, history = $4, history_version = $2,"
        " turns_replaced = t.version - t.history_version, events = $5, bytes = $6, write_id = $7,"
        " created_at = LEAST(t.created_at, pg_catalog.now()), updated_at = pg_catalog.now(){}"
        " WHERE t.session_id = $1 AND t.epoch = $8 AND {}",
        sessions_, set, guard);
  };
  save_newer_claimed_ = whole(update("", "t.version < $2"), 9, 10);
  save_exact_claimed_ = whole(update("", "t.version = $9"), 10, 11);
  append_first_claimed_ =
      whole(update(", owned_until = pg_catalog.now() + $9 * interval '1 millisecond'", "t.version = 0"), 4, 10);
}

/// now() is the start of the transaction: a claim that waited for the row compares, and counts, from before its wait.
/// That is the safe side: it takes no claim that is alive, and gives none that lives longer than its owner believes.
/// In DO UPDATE the times go through VALUES into EXCLUDED, as in build_writes. See docs/decisions/0009.
void statements::build_claims() {
  // The epoch grows even over a row that was deleted, as long as the server's clock does.
  claim_ = fmt::format(
      "INSERT INTO {} AS t (session_id, version, state, history, history_version, turns_replaced, events, bytes,"
      " created_at, updated_at, owner, owner_address, epoch, owned_until)"
      " VALUES ($1, 0, '{{}}', '[]', 0, 0, 0, 0, 'infinity', pg_catalog.now(), $2, $3,"
      " (EXTRACT(epoch FROM pg_catalog.now()) * 1000000)::int8, pg_catalog.now() + $4 * interval '1 millisecond')"
      " ON CONFLICT (session_id) DO UPDATE SET owner = EXCLUDED.owner, owner_address = EXCLUDED.owner_address,"
      " epoch = GREATEST(t.epoch + 1, EXCLUDED.epoch), owned_until = EXCLUDED.owned_until"
      " WHERE t.owner IS NULL OR t.owner = EXCLUDED.owner OR t.owned_until <= EXCLUDED.updated_at RETURNING t.epoch",
      sessions_);
  holder_ = fmt::format(
      "SELECT t.owner_address FROM {} AS t WHERE t.session_id = $1 AND t.owner <> $2"
      " AND t.owned_until > pg_catalog.now()",
      sessions_);
  renew_ = fmt::format(
      "UPDATE {} AS t SET owned_until = pg_catalog.now() + $3 * interval '1 millisecond'"
      " WHERE t.session_id = $1 AND t.epoch = $2",
      sessions_);
  // The next epoch is nobody's: what was sent under this one and comes later is refused.
  release_ = fmt::format(
      "UPDATE {} AS t SET owner = NULL, owner_address = NULL, owned_until = NULL, epoch = t.epoch + 1"
      " WHERE t.session_id = $1 AND t.epoch = $2",
      sessions_);
  sweep_claims_ = fmt::format(
      "DELETE FROM {} AS t WHERE t.version = 0 AND (t.owner IS NULL OR t.owned_until <= pg_catalog.now())", sessions_);
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
  if (r.last == load_options::all) return round_of(bind(load_all_, text(r.id)));
  return round_of(bind(load_last_, text(r.id), int8(bounded(r.last))));
}

std::vector<statement> statements::save(const save_request& r, const std::string& write_id) const {
  const auto row = [&](const sql_text& sql) {
    return bind(sql, text(r.id), int8(r.snap.version), jsonb(r.snap.state), jsonb(r.snap.history),
                int8(r.snap.history.size()), int8(r.snap.history.bytes()), uuid(write_id));
  };
  const bool newer = r.guard == guard::newer;
  const variants& sql = r.epoch       ? (newer ? save_newer_claimed_ : save_exact_claimed_)
                        : newer       ? save_newer_
                        : r.base == 0 ? save_first_
                                      : save_exact_;
  statement s = row(sql.of(r.message_id));
  if (r.epoch) s.parameters.push_back(int8(*r.epoch));
  if (!newer && (r.epoch || r.base != 0)) s.parameters.push_back(int8(r.base));
  if (r.message_id) {
    s.parameters.push_back(jsonb(r.snap.history.last(r.turn_events)));
    s.parameters.push_back(uuid(*r.message_id));
  }
  return round_of(std::move(s));
}

std::vector<statement> statements::sweep(std::string_view id) const {
  return round_of(bind(sweep_, text(id)));
}

std::vector<statement> statements::append(const append_request& r, const std::string& write_id,
                                          std::size_t max_session_bytes) const {
  const turn& t = r.turn;
  auto state = jsonb(t.state);
  auto events = jsonb(t.events);
  const bool first = r.base == 0;
  const variants& sql = r.epoch ? (first ? append_first_claimed_ : append_claimed_) : (first ? append_first_ : append_);
  statement s = bind(sql.of(r.message_id), text(r.id), int8(first ? 1 : r.base), std::move(state), std::move(events),
                     int8(t.events.size()), int8(t.events.bytes()), uuid(write_id));
  if (!first) {
    s.parameters.push_back(int8(t.state.bytes()));
    s.parameters.push_back(int8(max_session_bytes));
  }
  if (r.epoch) {
    s.parameters.push_back(int8(*r.epoch));
    s.parameters.push_back(int8(r.ttl));
  }
  if (r.message_id) s.parameters.push_back(uuid(*r.message_id));
  return round_of(std::move(s));
}

std::vector<statement> statements::remove(const remove_request& r, std::int64_t version) const {
  auto first = bind(r.epoch ? remove_claimed_ : remove_, text(r.id), int8(version));
  if (r.epoch) first.parameters.push_back(int8(*r.epoch));
  return round_of(std::move(first), bind(remove_tail_, text(r.id)));
}

std::vector<statement> statements::claim(const claim_request& r) const {
  auto claim = bind(claim_, text(r.id), text(r.owner), text(r.address), int8(r.ttl));
  if (r.last == load_options::all) return round_of(std::move(claim), bind(claimed_all_, text(r.id), text(r.owner)));
  return round_of(std::move(claim), bind(claimed_last_, text(r.id), int8(bounded(r.last)), text(r.owner)));
}

std::vector<statement> statements::holder(const claim_request& r) const {
  return round_of(bind(holder_, text(r.id), text(r.owner)));
}

std::vector<statement> statements::renew(const renew_request& r) const {
  return round_of(bind(renew_, text(r.id), int8(r.epoch), int8(r.ttl)));
}

std::vector<statement> statements::release(const release_request& r) const {
  return round_of(bind(release_, text(r.id), int8(r.epoch)));
}

std::vector<statement> statements::find_turn(const find_turn_request& r) const {
  return round_of(bind(find_turn_, text(r.id), uuid(r.message_id)));
}

std::vector<statement> statements::sweep_claims() const {
  return round_of(bind(sweep_claims_));
}

std::vector<statement> statements::list(const list_request& r) const {
  if (r.prefix.empty()) return round_of(bind(list_, text(r.after), int8(r.limit)));
  const std::string end = utf8::end_of_prefix(r.prefix);
  if (end.empty()) return round_of(bind(list_from_, text(r.after), int8(r.limit), text(r.prefix)));
  return round_of(bind(list_range_, text(r.after), int8(r.limit), text(r.prefix), text(end)));
}

std::vector<statement> statements::inspect(std::string_view id) const {
  return round_of(bind(inspect_, text(id)));
}

std::vector<statement> statements::trace(std::string_view id, std::int64_t version) const {
  return round_of(bind(trace_, text(id)), bind(trace_turn_, text(id), int8(version)));
}

std::vector<statement> statements::look() const {
  return round_of(bind(look_, text(name_.schema()), text(name_.table()), text(name_.tail()), text(name_.view())));
}

}  // namespace atto::postgres
