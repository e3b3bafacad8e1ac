#pragma once

#include <atto/store_options.hpp>

#include "postgres/claim_sql.hpp"
#include "postgres/read_sql.hpp"
#include "postgres/schema_sql.hpp"
#include "postgres/table_name.hpp"
#include "postgres/write_sql.hpp"

#include <atomic>
#include <memory>
#include <string>

namespace atto::postgres {

/// What all exchanges of one store share: its SQL, built once, and its limits. Any thread.
struct store_context {
  explicit store_context(const table_name& name, const store_limits& l = {})
      : store_context(relation_names(name), name, l) {}

  std::string sessions;  // the table of sessions, qualified and quoted
  read_sql read;
  write_sql write;
  claim_sql claim;
  schema_sql schema;
  store_limits limits;
  /// True once the tables were found to be atto's and of this release.
  std::atomic<bool> verified = false;

 private:
  store_context(const sql_names& names, const table_name& name, const store_limits& l)
      : sessions(name.qualified(name.table())), read(names), write(names), claim(names), schema(name), limits(l) {}
};

using store_context_ptr = std::shared_ptr<store_context>;

}  // namespace atto::postgres
