#pragma once

#include "postgres/reply.hpp"
#include "postgres/store_context.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

/// Replies a server could give, for scripts that drive an exchange by hand.
namespace atto::postgres::script {

/// A store whose tables were found to be in order: its exchanges check nothing first.
inline store_context_ptr store(std::size_t max_session_bytes = store_limits().max_session_bytes) {
  store_limits limits;
  limits.max_session_bytes = max_session_bytes;
  auto made = std::make_shared<store_context>(table_name("atto_sessions"), limits);
  made->verified = true;
  return made;
}

/// A store of which nothing is known yet.
inline store_context_ptr unverified_store() {
  return std::make_shared<store_context>(table_name("atto_sessions"));
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

/// version, bytes and epoch, as write_sql::inspect asks for them.
inline reply stored(std::int64_t version, std::int64_t bytes, std::int64_t epoch = 0) {
  return rows({{write_int8(version), write_int8(bytes), write_int8(epoch)}});
}

}  // namespace atto::postgres::script
