#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

/// The SQL of the store. Pure. Parameters are bound by position, in the order each statement's comment gives.
namespace atto::sqlite {

/// Stamps our files: 'atto', kept by SQLite at byte 68 of the file.
inline constexpr std::int32_t application_id = 0x6174746F;
/// The schema this release writes, kept at byte 60. A greater one is of a newer release.
inline constexpr std::int32_t schema_version = 2;

enum class statement_id {
  user_version,     // -> version of the schema
  find_session,     // id -> version, events, bytes
  insert_session,   // id, version, events, bytes, write_id, now, state
  update_session,   // id, version, events, bytes, write_id, now, state
  insert_turn,      // id, version, write_id, events_total, events, message id or NULL
  delete_turns,     // id
  delete_session,   // id
  find_base,        // id -> version, write_id of the whole save, or first write, that the history begins with
  find_turn,        // id, version -> write_id of the write that made it
  load_session,     // id -> version, events, state
  load_turns,       // id, events to leave out -> events of a turn, oldest first
  list_sessions,    // lowest id, count -> id, version, events, created_at, updated_at
  find_claim,       // id -> epoch, owned_until, owner, owner_address
  put_claim,        // id, epoch, owned_until, owner, owner_address
  delete_claim,     // id
  keep_messages,    // id: puts the turns with a message id by, before they are deleted
  insert_message,   // id, message id, version, events
  delete_messages,  // id
  find_message,     // id, message id -> version, events of the oldest turn
};
inline constexpr std::size_t statement_count = 19;

[[nodiscard]] std::string_view sql(statement_id s) noexcept;

/// What makes the tables where they are missing, one statement each. Run inside one transaction.
[[nodiscard]] const std::array<std::string_view, 8>& schema_statements() noexcept;

/// What is to be run before them on a file whose tail is of schema 1. The rest of schema 2 is new tables.
inline constexpr std::string_view upgrade_tail = "ALTER TABLE main.atto_sessions_tail ADD COLUMN message_id BLOB";

/// How many tables, views and indexes, all named atto_sessions…, schema_statements() makes.
inline constexpr std::size_t schema_object_count = 6;

}  // namespace atto::sqlite
