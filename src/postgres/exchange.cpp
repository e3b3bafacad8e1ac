#include "postgres/exchange.hpp"

#include "postgres/sqlstate.hpp"

namespace atto::postgres {

failure tables_check::on_replies(const std::vector<reply>& replies) {
  if (failure f = first_error(replies)) return f;
  schema_standing found = check_relations(store_->schema, replies.front());
  if (found.mismatch) return std::move(found.mismatch);
  if (found.outdated) return std::move(found.outdated);
  // With a table missing, the next operation checks again: by then it may be there, and a foreign one.
  if (found.missing.empty()) store_->verified.store(true, std::memory_order_relaxed);
  passed_ = true;
  return {};
}

failure first_error(const std::vector<reply>& replies) {
  for (const reply& r : replies) {
    if (!r.ok()) return to_failure(r);
  }
  if (replies.empty()) return {errc::storage_failure, "the server answered nothing; is there a proxy in between?"};
  return {};
}

failure outcome_unknown(failure why, std::string message) {
  why.code = errc::outcome_unknown;
  why.diag.message(std::move(message));
  return why;
}

failure unreadable_row() {
  return {errc::storage_failure, "a row of the store's tables cannot be read; was it changed by hand?"};
}

}  // namespace atto::postgres
