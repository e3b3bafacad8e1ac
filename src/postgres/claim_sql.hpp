#pragma once

#include <atto/store_requests.hpp>

#include "postgres/statement.hpp"

#include <vector>

namespace atto::postgres {

/// The SQL of the claims of one store. Immutable; any thread. Pure. A statement points into this.
///
/// now() is the start of the transaction: a claim that waited for the row compares, and counts, from before its wait.
/// That is the safe side: it takes no claim that is alive, and gives none that lives longer than its owner believes.
/// See docs/decisions/0009.
class claim_sql {
 public:
  explicit claim_sql(const sql_names& names);

  /// Claims the session, when that is allowed: epoch. Then loads it, when it was claimed: as read_sql::load.
  [[nodiscard]] std::vector<statement> claim(const claim_request& r) const;
  /// The address of the other owner who holds a claim of the session, if there is one.
  [[nodiscard]] std::vector<statement> holder(const claim_request& r) const;
  [[nodiscard]] std::vector<statement> renew(const renew_request& r) const;
  [[nodiscard]] std::vector<statement> release(const release_request& r) const;
  /// Deletes the rows of dead claims of absent sessions.
  [[nodiscard]] std::vector<statement> sweep() const;

 private:
  struct nothing {};

  statement_template<claim_request> claim_;
  statement_template<claim_request> load_whole_;
  statement_template<claim_request> load_newest_;
  statement_template<claim_request> holder_;
  statement_template<renew_request> renew_;
  statement_template<release_request> release_;
  statement_template<nothing> sweep_;
};

}  // namespace atto::postgres
