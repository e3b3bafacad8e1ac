#pragma once

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>

/// The columns of our tables, as statements::look writes them. Pure.
namespace atto::postgres::schema_columns {

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
[[nodiscard]] inline std::optional<std::string_view> first_missing(std::span<const column> columns, int schema,
                                                                   std::string_view found) {
  const std::string lines = "\n" + std::string(found) + "\n";
  for (const column& c : columns) {
    const std::string line = "\n" + std::string(c.definition) + "\n";
    if (c.since <= schema && lines.find(line) == lines.npos) return c.definition;
  }
  return std::nullopt;
}

}  // namespace atto::postgres::schema_columns
