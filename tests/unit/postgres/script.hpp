#pragma once

#include "postgres/reply.hpp"
#include "postgres/statements.hpp"

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

/// Replies a server could give, for scripts that drive an exchange by hand.
namespace atto::postgres::script {

inline std::shared_ptr<const statements> sql() {
  return std::make_shared<const statements>(table_name("atto_sessions"));
}

inline reply rows_affected(std::int64_t rows) {
  reply r;
  r.affected = rows;
  return r;
}

/// A cell, which has text of its own.
using text = std::optional<std::string>;
using row = std::vector<text>;

inline reply rows(const std::vector<row>& rows) {
  reply r;
  r.affected = static_cast<std::int64_t>(rows.size());
  const auto kept = std::make_shared<const std::vector<row>>(rows);
  for (const row& given : *kept) {
    auto& cells = r.rows.emplace_back();
    for (const text& t : given) cells.push_back(t ? reply::cell(*t) : reply::cell());
  }
  r.owner = kept;
  return r;
}

inline reply error(std::string sqlstate) {
  reply r;
  r.sqlstate = std::move(sqlstate);
  r.message = "words of the server";
  return r;
}

/// version, bytes and epoch, as statements::inspect asks for them.
inline reply stored(std::int64_t version, std::int64_t bytes, std::int64_t epoch = 0) {
  return rows({{write_int8(version), write_int8(bytes), write_int8(epoch)}});
}

}  // namespace atto::postgres::script
