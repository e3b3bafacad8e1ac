#include "sqlite/statements.hpp"

namespace atto::sqlite {

std::string_view sql(statement_id s) noexcept {
  switch (s) {
    case statement_id::user_version:
      return "PRAGMA main.user_version";
    case statement_id::find_session:
      return "SELECT version, events, bytes FROM main.atto_sessions WHERE session_id = ?1";
    case statement_id::insert_session:
      return "INSERT INTO main.atto_sessions (session_id, version, events, bytes, write_id, created_at, updated_at,"
             " state) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6, ?7)";
    case statement_id::update_session:
      return "UPDATE main.atto_sessions SET version = ?2, events = ?3, bytes = ?4, write_id = ?5, updated_at = ?6,"
             " state = ?7 WHERE session_id = ?1";
    case statement_id::insert_turn:
      return "INSERT INTO main.atto_sessions_tail (session_id, version, write_id, events_total, events,"
             " message_id) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    case statement_id::delete_turns:
      return "DELETE FROM main.atto_sessions_tail WHERE session_id = ?1";
    case statement_id::delete_session:
      return "DELETE FROM main.atto_sessions WHERE session_id = ?1";
    case statement_id::find_base:
      return "SELECT version, write_id FROM main.atto_sessions_tail WHERE session_id = ?1 ORDER BY version LIMIT 1";
    case statement_id::find_turn:
      return "SELECT write_id FROM main.atto_sessions_tail WHERE session_id = ?1 AND version = ?2";
    case statement_id::load_session:
      return "SELECT version, events, state FROM main.atto_sessions WHERE session_id = ?1";
    case statement_id::load_turns:
      // The inner query walks back from the newest turn and reads no events; it stops at the first turn to leave out.
      return "SELECT events FROM main.atto_sessions_tail WHERE session_id = ?1 AND version > coalesce((SELECT version"
             " FROM main.atto_sessions_tail WHERE session_id = ?1 AND events_total <= ?2 ORDER BY version DESC LIMIT "
             "1),"
             " 0) ORDER BY version";
    case statement_id::list_sessions:
      return "SELECT session_id, version, events, created_at, updated_at FROM main.atto_sessions"
             " WHERE session_id >= ?1 ORDER BY session_id LIMIT ?2";
    case statement_id::find_claim:
      return "SELECT epoch, owned_until, owner, owner_address FROM main.atto_sessions_claims WHERE session_id = ?1";
    case statement_id::put_claim:
      return "INSERT OR REPLACE INTO main.atto_sessions_claims (session_id, epoch, owned_until, owner, owner_address)"
             " VALUES (?1, ?2, ?3, ?4, ?5)";
    case statement_id::delete_claim:
      return "DELETE FROM main.atto_sessions_claims WHERE session_id = ?1";
    case statement_id::keep_messages:
      return "INSERT INTO main.atto_sessions_messages (session_id, message_id, version, events)"
             " SELECT session_id, message_id, version, events FROM main.atto_sessions_tail"
             " WHERE session_id = ?1 AND message_id IS NOT NULL";
    case statement_id::insert_message:
      return "INSERT INTO main.atto_sessions_messages (session_id, message_id, version, events)"
             " VALUES (?1, ?2, ?3, ?4)";
    case statement_id::delete_messages:
      return "DELETE FROM main.atto_sessions_messages WHERE session_id = ?1";
    case statement_id::find_message:
      return "SELECT version, events FROM main.atto_sessions_messages WHERE session_id = ?1 AND message_id = ?2"
             " UNION ALL SELECT version, events FROM main.atto_sessions_tail"
             " WHERE session_id = ?1 AND message_id = ?2 AND message_id IS NOT NULL ORDER BY version LIMIT 1";
  }
  return {};
}

const std::array<std::string_view, 8>& schema_statements() noexcept {
  // Small columns come first: SQLite reads a row from its start, and a long row's end lies on pages of its own.
  static constexpr std::array<std::string_view, 8> all = {
      "CREATE TABLE IF NOT EXISTS main.atto_sessions ("
      " session_id TEXT NOT NULL PRIMARY KEY,"
      " version INTEGER NOT NULL CHECK (version > 0),"
      " events INTEGER NOT NULL,"
      " bytes INTEGER NOT NULL,"
      " created_at INTEGER NOT NULL,"
      " updated_at INTEGER NOT NULL,"
      " write_id BLOB NOT NULL,"
      " state TEXT NOT NULL"
      ") STRICT, WITHOUT ROWID",

      "CREATE TABLE IF NOT EXISTS main.atto_sessions_tail ("
      " session_id TEXT NOT NULL,"
      " version INTEGER NOT NULL,"
      " events_total INTEGER NOT NULL,"
      " write_id BLOB NOT NULL,"
      " events TEXT NOT NULL,"
      " message_id BLOB,"  // where an upgrade puts it; it is found by the index
      " PRIMARY KEY (session_id, version)"
      ") STRICT, WITHOUT ROWID",

      "CREATE INDEX IF NOT EXISTS main.atto_sessions_tail_messages ON atto_sessions_tail (session_id, message_id)"
      " WHERE message_id IS NOT NULL",

      // Turns with a message id that a whole save has replaced, or has brought along.
      "CREATE TABLE IF NOT EXISTS main.atto_sessions_messages ("
      " session_id TEXT NOT NULL,"
      " message_id BLOB NOT NULL,"
      " version INTEGER NOT NULL,"
      " events TEXT NOT NULL,"
      " PRIMARY KEY (session_id, message_id, version)"
      ") STRICT, WITHOUT ROWID",

      // Not columns of the session's row: a claim would rewrite the state, and of an absent session make a row.
      "CREATE TABLE IF NOT EXISTS main.atto_sessions_claims ("
      " session_id TEXT NOT NULL PRIMARY KEY,"
      " epoch INTEGER NOT NULL,"
      " owned_until INTEGER NOT NULL,"
      " owner TEXT NOT NULL,"
      " owner_address TEXT NOT NULL"
      ") STRICT, WITHOUT ROWID",

      // Text is cut and joined, never parsed: SQLite's JSON functions would round long numbers.
      "CREATE VIEW IF NOT EXISTS main.atto_sessions_snapshot AS"
      " SELECT s.session_id, s.version, s.state, (SELECT '[' || coalesce(group_concat(t.inner, ','), '') || ']'"
      " FROM (SELECT substr(events, 2, length(events) - 2) AS inner FROM atto_sessions_tail"
      " WHERE session_id = s.session_id AND events <> '[]' ORDER BY version) AS t) AS history"
      " FROM atto_sessions AS s",

      "PRAGMA main.application_id = 1635021935",
      "PRAGMA main.user_version = 2",
  };
  static_assert(application_id == 1635021935 && schema_version == 2, "the stamps above");
  return all;
}

}  // namespace atto::sqlite
