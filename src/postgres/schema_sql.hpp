#pragma once

#include <atto/failure.hpp>

#include "postgres/reply.hpp"
#include "postgres/statement.hpp"
#include "postgres/table_name.hpp"

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// The relations of a store: their SQL, and whether those that exist are atto's. Pure.
namespace atto::postgres {

/// The comment that marks a relation as atto's and says which schema it has.
namespace schema_stamp {

inline constexpr int current = 2;
inline constexpr std::string_view prefix = "atto session store, schema ";

[[nodiscard]] std::string make(int version);
/// The schema's number, or nothing when the comment is not one of atto's.
[[nodiscard]] std::optional<int> read(std::string_view comment);

}  // namespace schema_stamp

/// The columns of the tables, written as schema_sql::find_relations reports them.
namespace schema_columns {

struct column {
  std::string_view definition;
  int since = 1;  // the schema that has it first
};

inline constexpr std::array<column, 15> sessions = {{{"session_id text NOT NULL"},
                                                     {"version int8 NOT NULL"},
                                                     {"state jsonb NOT NULL"},
                                                     {"history jsonb NOT NULL"},
                                                     {"history_version int8 NOT NULL"},
                                                     {"turns_replaced int8 NOT NULL"},
                                                     {"events int8 NOT NULL"},
                                                     {"bytes int8 NOT NULL"},
                                                     {"write_id uuid"},
                                                     {"created_at timestamptz NOT NULL"},
                                                     {"updated_at timestamptz NOT NULL"},
                                                     {"owner text", 2},
                                                     {"owner_address text", 2},
                                                     {"epoch int8 NOT NULL", 2},
                                                     {"owned_until timestamptz", 2}}};

inline constexpr std::array<column, 6> tail = {{{"session_id text NOT NULL"},
                                                {"version int8 NOT NULL"},
                                                {"write_id uuid"},
                                                {"events jsonb NOT NULL"},
                                                {"events_total int8 NOT NULL"},
                                                {"message_id uuid", 2}}};

/// The definition of the first column of that schema that is not among `found`, definitions of one a line. Other
/// columns may be there: an operator's own do no harm.
[[nodiscard]] std::optional<std::string_view> first_missing(std::span<const column> columns, int schema,
                                                            std::string_view found);

}  // namespace schema_columns

/// One relation of a store: how to recognize it, and the DDL that makes it.
struct schema_relation {
  std::string name;        // as pg_class has it
  std::string_view kinds;  // of pg_class.relkind, those it may have
  std::string_view what;   // in messages
  std::span<const schema_columns::column> columns;
  std::vector<sql_text> create;
  std::vector<sql_text> upgrade;  // from an older schema; safe to repeat
};

/// The DDL of one store, and the statement that finds what exists. Immutable; any thread. Pure. Statements and texts
/// are part of this.
class schema_sql {
 public:
  explicit schema_sql(const table_name& name);

  /// Name, kind and comment of each relation that exists under the store's names; the server's encoding; and the
  /// columns of each, one a line, as schema_columns writes them.
  [[nodiscard]] std::vector<statement> find_relations() const;
  /// Takes the lock under which relations are made. It is held until the end of the transaction.
  [[nodiscard]] const sql_text& lock() const noexcept { return lock_; }
  /// In the order in which they are made.
  [[nodiscard]] std::span<const schema_relation> relations() const noexcept { return relations_; }

 private:
  table_name name_;
  statement_template<table_name> find_relations_;
  sql_text lock_;
  std::array<schema_relation, 3> relations_;  // sessions, tail, view
};

/// The relations of a store in SQL: `{sessions}`, `{tail}` and `{view}`, qualified and quoted.
[[nodiscard]] sql_names relation_names(const table_name& name);

/// How the relations under a store's names stand.
struct schema_standing {
  failure mismatch{};                      // set when one is not atto's, or of a newer release
  failure outdated{};                      // set when one was made by an older release
  std::vector<const sql_text*> missing{};  // the DDL that makes what is not there, or brings it up to date
};

/// Reads the reply to schema_sql::find_relations.
[[nodiscard]] schema_standing check_relations(const schema_sql& sql, const reply& found);

}  // namespace atto::postgres
