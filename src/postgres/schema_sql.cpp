#include "postgres/schema_sql.hpp"

#include <fmt/format.h>

#include <charconv>
#include <map>
#include <utility>

namespace atto::postgres {

std::string schema_stamp::make(int version) {
  return fmt::format("{}{}", prefix, version);
}

std::optional<int> schema_stamp::read(std::string_view comment) {
  if (!comment.starts_with(prefix)) return std::nullopt;
  comment.remove_prefix(prefix.size());
  int version = 0;
  const auto [end, error] = std::from_chars(comment.data(), comment.data() + comment.size(), version);
  if (error != std::errc() || end != comment.data() + comment.size()) return std::nullopt;
  return version;
}

std::optional<std::string_view> schema_columns::first_missing(std::span<const column> columns, int schema,
                                                              std::string_view found) {
  const std::string lines = "\n" + std::string(found) + "\n";
  for (const column& c : columns) {
    const std::string line = "\n" + std::string(c.definition) + "\n";
    if (c.since <= schema && lines.find(line) == lines.npos) return c.definition;
  }
  return std::nullopt;
}

sql_names relation_names(const table_name& name) {
  return {{"sessions", name.qualified(name.table())},
          {"tail", name.qualified(name.tail())},
          {"view", name.qualified(name.view())}};
}

namespace {

// The key is atto's alone: 'atto' in the upper half.
constexpr std::string_view take_lock = "SELECT pg_catalog.pg_advisory_xact_lock(7022365739067637760)";

constexpr std::string_view find_relations_sql = R"(
  SELECT c.relname::text, c.relkind::text, pg_catalog.obj_description(c.oid, 'pg_class'),
    pg_catalog.current_setting('server_encoding'),
    (SELECT pg_catalog.string_agg(
       a.attname || ' ' || t.typname || CASE WHEN a.attnotnull THEN ' NOT NULL' ELSE '' END, pg_catalog.chr(10))
     FROM pg_catalog.pg_attribute AS a JOIN pg_catalog.pg_type AS t ON t.oid = a.atttypid
     WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped)
  FROM (SELECT 1) AS one LEFT JOIN (
    pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace AND n.nspname = $schema)
  ON c.relname IN ($sessions, $tail, $view))";

// Every turn updates its session's row: with room on its page the new version needs no new index entry, and old ones
// are cleared away on the spot. See docs/decisions/0006.
constexpr std::string_view create_sessions = R"(
  CREATE TABLE {sessions} (session_id text COLLATE "C" NOT NULL CONSTRAINT {sessions_key} PRIMARY KEY,
    version int8 NOT NULL, state jsonb NOT NULL, history jsonb NOT NULL, history_version int8 NOT NULL,
    turns_replaced int8 NOT NULL, events int8 NOT NULL, bytes int8 NOT NULL, write_id uuid,
    created_at timestamptz NOT NULL, updated_at timestamptz NOT NULL,
    owner text, owner_address text, epoch int8 NOT NULL DEFAULT 0, owned_until timestamptz)
  WITH (fillfactor = 50))";

// Constant defaults: the server rewrites no row.
constexpr std::string_view upgrade_sessions = R"(
  ALTER TABLE {sessions} ADD COLUMN IF NOT EXISTS owner text, ADD COLUMN IF NOT EXISTS owner_address text,
    ADD COLUMN IF NOT EXISTS epoch int8 NOT NULL DEFAULT 0, ADD COLUMN IF NOT EXISTS owned_until timestamptz)";

constexpr std::string_view create_tail = R"(
  CREATE TABLE {tail} (session_id text COLLATE "C" NOT NULL, version int8 NOT NULL, write_id uuid,
    events jsonb NOT NULL, events_total int8 NOT NULL, message_id uuid,
    CONSTRAINT {tail_key} PRIMARY KEY (session_id, version)))";

constexpr std::string_view upgrade_tail = "ALTER TABLE {tail} ADD COLUMN IF NOT EXISTS message_id uuid";

constexpr std::string_view create_tail_index =
    "CREATE INDEX IF NOT EXISTS {tail_index} ON {tail} (session_id, message_id) WHERE message_id IS NOT NULL";

std::string make_view(std::string_view create) {
  return std::string(create) + R"( VIEW {view} AS
    SELECT t.session_id, t.version, t.state,
      t.history || COALESCE((
        SELECT pg_catalog.jsonb_agg(e.value ORDER BY x.version, e.ordinality)
        FROM {tail} AS x, pg_catalog.jsonb_array_elements(x.events) WITH ORDINALITY AS e(value, ordinality)
        WHERE x.session_id = t.session_id AND x.version > t.history_version), '[]'::jsonb) AS history
    FROM {sessions} AS t WHERE t.version > 0)";
}

constexpr std::string_view stamp_sessions = "COMMENT ON TABLE {sessions} IS {stamp}";
constexpr std::string_view stamp_tail = "COMMENT ON TABLE {tail} IS {stamp}";
constexpr std::string_view stamp_view = "COMMENT ON VIEW {view} IS {stamp}";

sql_names names_of_ddl(const table_name& name) {
  sql_names names = relation_names(name);
  names.emplace_back("sessions_key", table_name::quoted(name.key(name.table())));
  names.emplace_back("tail_key", table_name::quoted(name.key(name.tail())));
  names.emplace_back("tail_index", table_name::quoted(name.tail_index()));
  names.emplace_back("stamp", "'" + schema_stamp::make(schema_stamp::current) + "'");
  return names;
}

/// DDL takes no parameters.
template <class... Text>
std::vector<sql_text> ddl(const sql_names& names, const Text&... sql) {
  return {sql_text(compose_sql(sql, names, {}))...};
}

std::array<schema_relation, 3> make_relations(const table_name& name, const sql_names& n) {
  return {{{name.table(), "rp", "table", schema_columns::sessions, ddl(n, create_sessions, stamp_sessions),
            ddl(n, upgrade_sessions, stamp_sessions)},
           {name.tail(), "rp", "tail table", schema_columns::tail, ddl(n, create_tail, create_tail_index, stamp_tail),
            ddl(n, upgrade_tail, create_tail_index, stamp_tail)},
           {name.view(),
            "v",
            "view",
            {},
            ddl(n, make_view("CREATE"), stamp_view),
            ddl(n, make_view("CREATE OR REPLACE"), stamp_view)}}};
}

}  // namespace

schema_sql::schema_sql(const table_name& name)
    : name_(name),
      find_relations_({}, find_relations_sql,
                      {{"schema", [](auto& n) { return binary::text(n.schema()); }},
                       {"sessions", [](auto& n) { return binary::text(n.table()); }},
                       {"tail", [](auto& n) { return binary::text(n.tail()); }},
                       {"view", [](auto& n) { return binary::text(n.view()); }}}),
      lock_(std::string(take_lock)),
      relations_(make_relations(name, names_of_ddl(name))) {}

std::vector<statement> schema_sql::find_relations() const {
  return round_of(find_relations_.bind(name_));
}

namespace {

/// What exists under a name.
struct found_relation {
  std::string_view kind;     // pg_class.relkind
  std::string_view comment;  // empty when there is none
  std::string_view columns;  // one a line, written as schema_columns does
};

/// Whether a relation that exists is atto's, of no newer release, and has the columns that its stamp promises.
failure check(const schema_relation& wanted, const found_relation& found) {
  const auto mismatch = [](std::string message) { return failure(errc::schema_mismatch, std::move(message)); };
  if (wanted.kinds.find(found.kind) == wanted.kinds.npos) {
    return mismatch(
        fmt::format("the {}'s name is taken by something else; nothing was changed. Choose another table"
                    " name",
                    wanted.what));
  }
  const auto schema = schema_stamp::read(found.comment);
  if (!schema) {
    return mismatch(
        fmt::format("a relation with the {}'s name exists and is not atto's; nothing was changed. Choose"
                    " another table name",
                    wanted.what));
  }
  if (*schema > schema_stamp::current) {
    return mismatch(fmt::format("the {} has schema {}, this release knows {}; use a newer release", wanted.what,
                                *schema, schema_stamp::current));
  }
  if (const auto lost = schema_columns::first_missing(wanted.columns, *schema, found.columns)) {
    return mismatch(
        fmt::format("the {} is stamped as ours but has no column `{}`, or has it otherwise; nothing was"
                    " changed. Restore the column, or the table from a copy",
                    wanted.what, *lost));
  }
  return {};
}

bool is_older(const found_relation& found) {
  const auto schema = schema_stamp::read(found.comment);
  return schema && *schema < schema_stamp::current;
}

/// Adds what one relation contributes. Null: it does not exist.
void add(schema_standing& standing, const schema_relation& wanted, const found_relation* found) {
  const auto need = [&](const std::vector<sql_text>& ddl) {
    for (const sql_text& text : ddl) standing.missing.push_back(&text);
  };
  if (found == nullptr) return need(wanted.create);
  if (!standing.mismatch) standing.mismatch = check(wanted, *found);
  if (!is_older(*found)) return;
  standing.outdated = {
      errc::schema_mismatch,
      "the store's tables were made by an older release; run `atto init`, or async_ensure_schema, to upgrade them"};
  need(wanted.upgrade);
}

}  // namespace

schema_standing check_relations(const schema_sql& sql, const reply& found) {
  std::map<std::string_view, found_relation> by_name;
  for (const reply::row& row : found.rows) {
    if (cell_at(row, 3).value_or("") != "UTF8") {
      return {{errc::schema_mismatch, "the database's encoding is not UTF8; make one that is, and use it"}};
    }
    if (!row[0]) continue;
    by_name[*row[0]] = {row[1].value_or(""), row[2].value_or(""), cell_at(row, 4).value_or("")};
  }
  schema_standing standing;
  for (const schema_relation& wanted : sql.relations()) {
    const auto it = by_name.find(wanted.name);
    add(standing, wanted, it == by_name.end() ? nullptr : &it->second);
  }
  return standing;
}

}  // namespace atto::postgres
