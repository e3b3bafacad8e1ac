#pragma once

#include <atto/found_turn.hpp>
#include <atto/session_info.hpp>
#include <atto/snapshot.hpp>

#include "postgres/exchange.hpp"

#include <cstddef>
#include <memory>
#include <optional>

namespace atto::postgres {

/// Reads the reply to statements::load: nothing when the session is absent.
/// Errors: storage_failure for a row that we could not have written.
[[nodiscard]] outcome<std::optional<snapshot>> read_snapshot(const reply& r, std::size_t last);

/// One session, or the newest events of it: one round.
class load_exchange final : public exchange_of<std::optional<snapshot>> {
 public:
  load_exchange(std::shared_ptr<const statements> sql, load_request r);
  [[nodiscard]] session_key session() const noexcept override { return {sql_->sessions(), request_.id}; }
  [[nodiscard]] bool writes() const noexcept override { return false; }
  [[nodiscard]] round_kind kind() const noexcept override { return round_kind::read; }
  [[nodiscard]] std::vector<statement> next() override;
  [[nodiscard]] bool on_replies(std::vector<reply> replies) override;
  [[nodiscard]] bool in_doubt() const noexcept override { return false; }
  [[nodiscard]] bool on_lost() override { return true; }

 private:
  std::shared_ptr<const statements> sql_;
  load_request request_;
};

/// The turn of a message: one round.
class find_turn_exchange final : public exchange_of<std::optional<found_turn>> {
 public:
  find_turn_exchange(std::shared_ptr<const statements> sql, find_turn_request r);
  [[nodiscard]] session_key session() const noexcept override { return {sql_->sessions(), request_.id}; }
  [[nodiscard]] bool writes() const noexcept override { return false; }
  [[nodiscard]] round_kind kind() const noexcept override { return round_kind::read; }
  [[nodiscard]] std::vector<statement> next() override;
  [[nodiscard]] bool on_replies(std::vector<reply> replies) override;
  [[nodiscard]] bool in_doubt() const noexcept override { return false; }
  [[nodiscard]] bool on_lost() override { return true; }

 private:
  std::shared_ptr<const statements> sql_;
  find_turn_request request_;
};

/// A page of sessions: one round.
class list_exchange final : public exchange_of<session_page> {
 public:
  list_exchange(std::shared_ptr<const statements> sql, list_request r);
  [[nodiscard]] session_key session() const noexcept override { return {}; }
  [[nodiscard]] bool writes() const noexcept override { return false; }
  [[nodiscard]] round_kind kind() const noexcept override { return round_kind::read; }
  [[nodiscard]] std::vector<statement> next() override;
  [[nodiscard]] bool on_replies(std::vector<reply> replies) override;
  [[nodiscard]] bool in_doubt() const noexcept override { return false; }
  [[nodiscard]] bool on_lost() override { return true; }

 private:
  std::shared_ptr<const statements> sql_;
  list_request request_;
};

}  // namespace atto::postgres
