#include "postgres/schema_exchange.hpp"

#include "postgres/sqlstate.hpp"

#include <string_view>

namespace atto::postgres {

namespace {

constexpr int max_races_lost = 20;

bool another_was_first(std::string_view sqlstate) {
  return sqlstate == "42P07" || sqlstate == "42710" || sqlstate == "23505";
}

}  // namespace

std::vector<statement> schema_exchange::do_next() {
  if (ddl_.empty()) return store().schema.find_relations();
  std::vector<statement> round;
  for (const sql_text* ddl : ddl_) round.emplace_back(*ddl);
  return round;
}

bool schema_exchange::do_on_replies(std::vector<reply> replies) {
  if (!ddl_.empty()) return on_made(replies);
  if (failure f = first_error(replies)) return end(std::move(f));
  return on_found(replies.front());
}

/// A lost DDL round may have been done, or may still be done: what exists now decides.
bool schema_exchange::do_on_lost() {
  lost_ = lost_ || !ddl_.empty();
  ddl_.clear();
  return true;
}

/// Checking -> ended, when nothing is missing; otherwise -> making.
bool schema_exchange::on_found(const reply& found) {
  schema_standing standing = check_relations(store().schema, found);
  if (standing.mismatch) return end(std::move(standing.mismatch));
  ddl_ = std::move(standing.missing);
  if (ddl_.empty()) return end(result<>());
  ddl_.insert(ddl_.begin(), &store().schema.lock());
  return false;
}

/// Making -> checking: only what is then found counts.
bool schema_exchange::on_made(const std::vector<reply>& replies) {
  ddl_.clear();
  for (const reply& r : replies) {
    if (r.ok()) continue;
    // The round was rolled back whole. The process that was first may have made all of it, or will have.
    if (!another_was_first(r.sqlstate)) return end(to_failure(r));
    if (++races_lost_ <= max_races_lost) return false;
    return end(failure(errc::schema_mismatch,
                       "another relation or type has the name of one of our tables or of its key; nothing was changed."
                       " Choose another table name"));
  }
  if (++rounds_made_ <= max_races_lost) return false;
  return end(failure(errc::storage_failure, "the tables were made and are not there; does another program drop them?"));
}

}  // namespace atto::postgres
