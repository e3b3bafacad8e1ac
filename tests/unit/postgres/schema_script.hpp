#pragma once

#include "postgres/exchange.hpp"
#include "postgres/schema_sql.hpp"
#include "unit/postgres/script.hpp"

#include <optional>
#include <span>
#include <string>
#include <vector>

/// Replies to schema_sql::find_relations, and what an exchange sends.
namespace atto::postgres::script {

inline const std::string our_stamp = schema_stamp::make(schema_stamp::current);

/// What schema_sql::find_relations reports of the columns of a table that is in order, but for the column named
/// `without`.
inline std::string columns_of(const std::string& table, int schema, const std::string& without = "none") {
  using columns = std::span<const schema_columns::column>;
  const columns all = table.ends_with("_tail") ? columns(schema_columns::tail) : columns(schema_columns::sessions);
  std::string lines;
  for (const auto& c : all) {
    if (c.since <= schema && !c.definition.starts_with(without + " ")) lines.append(c.definition).append("\n");
  }
  return lines;
}

/// A relation that has the columns its stamp promises.
inline row relation(const std::string& name, const char* kind, const std::string& comment) {
  return {name, kind, comment, "UTF8", columns_of(name, schema_stamp::read(comment).value_or(schema_stamp::current))};
}

inline reply nothing_there() {
  return rows({{std::nullopt, std::nullopt, std::nullopt, "UTF8"}});
}

inline reply all_there() {
  return rows({relation("atto_sessions", "r", our_stamp), relation("atto_sessions_tail", "r", our_stamp),
               relation("atto_sessions_snapshot", "v", our_stamp)});
}

inline reply older_there() {
  const auto older = schema_stamp::make(schema_stamp::current - 1);
  return rows({relation("atto_sessions", "r", older), relation("atto_sessions_tail", "r", older),
               relation("atto_sessions_snapshot", "v", older)});
}

/// The texts of the next round.
inline std::vector<std::string> next_sql(exchange& x) {
  std::vector<std::string> texts;
  for (const statement& s : x.next()) texts.push_back(s.sql->text);
  return texts;
}

}  // namespace atto::postgres::script
