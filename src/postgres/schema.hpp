#pragma once

#include "postgres/exchange.hpp"

#include <memory>
#include <string>
#include <variant>
#include <vector>

namespace atto::postgres {

/// What a look at the relations under our names has found.
struct schema_standing {
  failure mismatch{};                      // set when one is not ours, or of a newer release
  failure outdated{};                      // set when one was made by an older release
  std::vector<const sql_text*> missing{};  // the DDL that makes what is not there, or brings it up to date
};

/// Reads the reply to statements::look.
[[nodiscard]] schema_standing look_at(const statements& sql, const reply& found);

/// async_ensure_schema: looks, makes what is missing in one transaction, looks again.
///
/// Two processes that make the same table at once: an advisory lock lets one go first, the other finds 42P07 (or, from
/// a process that does not take the lock, 23505 or 42710), and looks again. A relation that does not bear our stamp
/// ends the exchange with schema_mismatch before anything is changed.
class schema_exchange final : public exchange_of<std::monostate> {
 public:
  explicit schema_exchange(std::shared_ptr<const statements> sql);
  [[nodiscard]] session_key session() const noexcept override { return {}; }
  [[nodiscard]] bool writes() const noexcept override { return true; }
  [[nodiscard]] round_kind kind() const noexcept override {
    return ddl_.empty() ? round_kind::read : round_kind::alone;
  }
  [[nodiscard]] std::vector<statement> next() override;
  [[nodiscard]] bool on_replies(std::vector<reply> replies) override;
  [[nodiscard]] bool in_doubt() const noexcept override { return lost_ || !ddl_.empty(); }
  [[nodiscard]] bool on_lost() override;

 private:
  [[nodiscard]] bool on_look(const reply& found);
  [[nodiscard]] bool on_made(const std::vector<reply>& replies);

  std::shared_ptr<const statements> sql_;
  std::vector<const sql_text*> ddl_;  // of the round in flight; empty while looking
  int races_lost_ = 0;                // DDL rounds in which another process was first
  int rounds_made_ = 0;               // DDL rounds that were done
  bool lost_ = false;                 // a DDL round, with its connection
};

}  // namespace atto::postgres
