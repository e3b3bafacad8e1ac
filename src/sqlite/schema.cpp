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
    " ('table', 'atto_sessions_tail'), ('view', 'atto_sessions_snapshot')))";

failure read_row(connection& c, const char* sql, std::array<std::int64_t, 4>& row) {
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
  found = version == schema_version && ours == schema_object_count ? standing::current : standing::missing;
  return {};
}

failure create(connection& c) {
  for (const std::string_view sql : schema_statements()) {
    if (failure f = c.run(sql.data())) return f;
  }
  return {};
}

failure missing() {
  return {errc::schema_missing, "the database or its tables do not exist; run `atto init` once"};
}

}  // namespace atto::sqlite::schema
