#include "postgres/schema.hpp"

#include "postgres/schema_columns.hpp"
#include "postgres/schema_stamp.hpp"
#include "postgres/sqlstate.hpp"

#include <fmt/format.h>

#include <map>
#include <span>
#include <string>
#include <utility>

namespace atto::postgres {

namespace {

constexpr int max_races_lost = 20;

struct relation {
  std::string kind;     // pg_class.relkind
  std::string comment;  // empty when there is none
  std::string columns;  // one a line, written as schema_columns does
};

failure mismatch(std::string_view why) {
  return {errc::schema_mismatch, fmt::format("{}; nothing was changed. Choose another table name", why)};
}

/// Whether a relation that exists is ours, of no newer release, and has the columns that its stamp promises.
failure check(const relation& r, std::string_view kinds, std::string_view what,
              std::span<const schema_columns::column> columns) {
  if (kinds.find(r.kind) == kinds.npos) return mismatch(fmt::format("the {}'s name is taken by something else", what));
  const auto schema = schema_stamp::read(r.comment);
  if (!schema) return mismatch(fmt::format("a relation with the {}'s name exists and is not atto's", what));
  if (*schema > schema_stamp::current) {
    return {errc::schema_mismatch, fmt::format("the {} has schema {}, this release knows {}; use a newer release", what,
                                               *schema, schema_stamp::current)};
  }
  if (const auto lost = schema_columns::first_missing(columns, *schema, r.columns)) {
    return {errc::schema_mismatch,
            fmt::format("the {} is stamped as ours but has no column `{}`, or has it otherwise; nothing was"
                        " changed. Restore the column, or the table from a copy",
                        what, *lost)};
  }
  return {};
}

bool is_older(const relation& r) {
  const auto schema = schema_stamp::read(r.comment);
  return schema && *schema < schema_stamp::current;
}

failure outdated() {
  return {errc::schema_mismatch,
          "the store's tables were made by an older release; run `atto init`, or async_ensure_schema, to upgrade them"};
}

bool another_was_first(std::string_view sqlstate) {
  return sqlstate == "42P07" || sqlstate == "42710" || sqlstate == "23505";
}

}  // namespace

schema_standing look_at(const statements& sql, const reply& found) {
  std::map<std::string, relation, std::less<>> relations;
  for (const reply::row& row : found.rows) {
    if (cell_at(row, 3).value_or("") != "UTF8") {
      return {{errc::schema_mismatch, "the database's encoding is not UTF8; make one that is, and use it"}};
    }
    if (!row[0]) continue;
    relations[std::string(*row[0])] = {std::string(row[1].value_or("")), std::string(row[2].value_or("")),
                                       std::string(cell_at(row, 4).value_or(""))};
  }
  schema_standing standing;
  using ddl = std::initializer_list<const sql_text*>;
  using columns = std::span<const schema_columns::column>;
  const auto need = [&](const std::string& name, std::string_view kinds, std::string_view what, columns has, ddl make,
                        ddl upgrade) {
    const auto it = relations.find(name);
    if (it == relations.end()) {
      standing.missing.insert(standing.missing.end(), make);
      return;
    }
    if (!standing.mismatch) standing.mismatch = check(it->second, kinds, what, has);
    if (!is_older(it->second)) return;
    standing.outdated = outdated();
    standing.missing.insert(standing.missing.end(), upgrade);
  };
  const table_name& name = sql.name();
  need(name.table(), "rp", "table", schema_columns::sessions, {&sql.create_sessions(), &sql.stamp_sessions()},
       {&sql.upgrade_sessions(), &sql.stamp_sessions()});
  need(name.tail(), "rp", "tail table", schema_columns::tail,
       {&sql.create_tail(), &sql.create_tail_index(), &sql.stamp_tail()},
       {&sql.upgrade_tail(), &sql.create_tail_index(), &sql.stamp_tail()});
  need(name.view(), "v", "view", {}, {&sql.create_view(), &sql.stamp_view()}, {&sql.upgrade_view(), &sql.stamp_view()});
  return standing;
}

schema_exchange::schema_exchange(std::shared_ptr<const statements> sql) : sql_(std::move(sql)) {}

std::vector<statement> schema_exchange::next() {
  if (ddl_.empty()) return sql_->look();
  std::vector<statement> round;
  for (const sql_text* ddl : ddl_) round.emplace_back(*ddl);
  return round;
}

bool schema_exchange::on_replies(std::vector<reply> replies) {
  if (!ddl_.empty()) return on_made(replies);
  if (failure f = first_error(replies)) return end(std::move(f));
  return on_look(replies.front());
}

bool schema_exchange::on_lost() {
  lost_ = lost_ || !ddl_.empty();
  ddl_.clear();  // looks again
  return true;
}

bool schema_exchange::on_look(const reply& found) {
  schema_standing standing = look_at(*sql_, found);
  if (standing.mismatch) return end(std::move(standing.mismatch));
  ddl_ = std::move(standing.missing);
  if (ddl_.empty()) return end(std::monostate());
  ddl_.insert(ddl_.begin(), &sql_->lock());
  return false;
}

bool schema_exchange::on_made(const std::vector<reply>& replies) {
  ddl_.clear();
  for (const reply& r : replies) {
    if (r.ok()) continue;
    // The round was rolled back whole; whoever was first may have made all of it.
    if (!another_was_first(r.sqlstate)) return end(to_failure(r));
    if (++races_lost_ <= max_races_lost) return false;
    return end(mismatch("another relation or type has the name of one of our tables or of its key"));
  }
  if (++rounds_made_ <= max_races_lost) return false;
  return end(failure(errc::storage_failure, "the tables were made and are not there; does another program drop them?"));
}

}  // namespace atto::postgres
