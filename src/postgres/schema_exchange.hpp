#pragma once

#include "postgres/exchange.hpp"

#include <utility>
#include <vector>

namespace atto::postgres {

/// async_ensure_schema: finds what exists, makes what is missing in one transaction, and checks again.
///
/// Two processes that make the same table at once: an advisory lock lets one go first. The other finds 42P07 (or, from
/// a process that does not take the lock, 23505 or 42710), and checks again. A relation that does not bear atto's stamp
/// ends the exchange with schema_mismatch before anything is changed.
class schema_exchange final : public exchange_of<void> {
 public:
  explicit schema_exchange(store_context_ptr store) : exchange_of(std::move(store), tables::not_checked) {}
  [[nodiscard]] session_key session() const noexcept override { return {}; }
  [[nodiscard]] bool writes() const noexcept override { return true; }

 private:
  [[nodiscard]] round_kind do_kind() const noexcept override {
    return ddl_.empty() ? round_kind::read : round_kind::alone;
  }
  [[nodiscard]] std::vector<statement> do_next() override;
  [[nodiscard]] bool do_on_replies(std::vector<reply> replies) override;
  [[nodiscard]] bool do_in_doubt() const noexcept override { return lost_ || !ddl_.empty(); }
  [[nodiscard]] bool do_on_lost() override;

  [[nodiscard]] bool on_found(const reply& found);
  [[nodiscard]] bool on_made(const std::vector<reply>& replies);

  std::vector<const sql_text*> ddl_;  // of the round in flight; empty while checking
  int races_lost_ = 0;                // DDL rounds in which another process was first
  int rounds_made_ = 0;               // DDL rounds that were done
  bool lost_ = false;                 // a DDL round, with its connection
};

}  // namespace atto::postgres
