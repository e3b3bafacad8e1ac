#include "sqlite/schema.hpp"

#include "sqlite/sqlite_error.hpp"
#include "sqlite/statements.hpp"

#include <sqlite3.h>

#include <array>
#include <cstdint>

namespace atto::sqlite::schema {

namespace {

/// One statement, so that its figures are of one moment.
constexpr const char* look_sql =
    "SELECT (SELECT application_id FROM pragma_application_id), (SELECT user_version FROM pragma_user_version),"
    " (SELECT count(*) FROM main.sqlite_schema),"
    " (SELECT count(*) FROM main.sqlite_schema WHERE (type, name) IN (VALUES ('table', 'atto_sessions'),"
    " ('table', 'atto_sessions_tail'), ('index', 'atto_sessions_tail_messages'), ('table', 'atto_sessions_messages'),"
    " ('table', 'atto_sessions_claims'), ('view', 'atto_sessions_snapshot')))";

/// Columns of the tail (0: there is none), and whether it has the one that schema 2 added.
constexpr const char* tail_sql =
    "SELECT count(*), coalesce(sum(name = 'message_id'), 0) FROM pragma_table_info('atto_sessions_tail', 'main')";

template <std::size_t columns>
failure read_row(connection& c, const char* sql, std::array<std::int64_t, columns>& row) {
  sqlite3_stmt* s = nullptr;
  int rc = sqlite3_prepare_v2(c.handle(), sql, -1, &s, nullptr);
  if (rc == SQLITE_OK) rc = sqlite3_step(s);
  failure f = rc == SQLITE_ROW ? failure() : c.last_failure();
  for (std::size_t i = 0; rc == SQLITE_ROW && i < row.size(); ++i) {
    row[i] = sqlite3_column_int64(s, static_cast<int>(i));
  }
  sqlite3_finalize(s);
  return f;
}

}  // namespace

failure look(connection& c, standing& found) {
  std::array<std::int64_t, 4> row{};
  if (failure f = read_row(c, look_sql, row)) return f;
  const auto [application, version, objects, ours] = row;
  if (application == 0 && objects == 0) {
    found = standing::missing;
    return {};
  }
  if (application != application_id) {
    return {errc::schema_mismatch, "the file is another application's database; name another file"};
  }
  if (version > schema_version) {
    return {errc::schema_mismatch, "the database was made by a newer release of atto; use that release"};
  }
  const bool older = version >= 1 && version < schema_version;
  const bool whole = version == schema_version && ours == schema_object_count;
  found = older ? standing::outdated : whole ? standing::current : standing::missing;
  return {};
}

failure create(connection& c) {
  std::array<std::int64_t, 2> tail{};
  if (failure f = read_row(c, tail_sql, tail)) return f;
  const auto [columns, upgraded] = tail;
  if (columns > 0 && upgraded == 0) {
    if (failure f = c.run(upgrade_tail.data())) return f;
  }
  for (const std::string_view sql : schema_statements()) {
    if (failure f = c.run(sql.data())) return f;
  }
  return {};
}

failure refusal(standing found) {
  switch (found) {
    case standing::current:
      return {};
    case standing::missing:
      return {errc::schema_missing, "the database or its tables do not exist; run `atto init` once"};
    case standing::outdated:
      break;
  }
  return {errc::schema_mismatch, "the database was made by an older release of atto; run `atto init` to upgrade it"};
}

}  // namespace atto::sqlite::schema
