#pragma once

#include <atto/snapshot.hpp>
#include <atto/store_requests.hpp>

#include "postgres/exchange.hpp"

#include <cstddef>
#include <memory>
#include <optional>

namespace atto::postgres {

/// Reads the reply to statements::load: nothing when the session is absent.
/// Errors: storage_failure for a row that we could not have written.
[[nodiscard]] outcome<std::optional<snapshot>> read_snapshot(const reply& r, std::size_t last);

/// An exchange of one round that only reads: nothing of it is ever in doubt, and when its round is lost it asks again.
template <class T>
class one_read : public exchange_of<T> {
 public:
  [[nodiscard]] bool writes() const noexcept final { return false; }
  [[nodiscard]] round_kind kind() const noexcept final { return round_kind::read; }
  [[nodiscard]] bool in_doubt() const noexcept final { return false; }
  [[nodiscard]] bool on_lost() final { return true; }
};

/// One session, or the newest events of it.
class load_exchange final : public one_read<std::optional<snapshot>> {
 public:
  load_exchange(std::shared_ptr<const statements> sql, load_request r);
  [[nodiscard]] session_key session() const noexcept override { return {sql_->sessions(), request_.id}; }
  [[nodiscard]] std::vector<statement> next() override;
  [[nodiscard]] bool on_replies(std::vector<reply> replies) override;

 private:
  std::shared_ptr<const statements> sql_;
  load_request request_;
};

/// The turn of a message.
class find_turn_exchange final : public one_read<std::optional<turn_record>> {
 public:
  find_turn_exchange(std::shared_ptr<const statements> sql, find_turn_request r);
  [[nodiscard]] session_key session() const noexcept override { return {sql_->sessions(), request_.id}; }
  [[nodiscard]] std::vector<statement> next() override;
  [[nodiscard]] bool on_replies(std::vector<reply> replies) override;

 private:
  std::shared_ptr<const statements> sql_;
  find_turn_request request_;
};

/// A page of sessions.
class list_exchange final : public one_read<session_page> {
 public:
  list_exchange(std::shared_ptr<const statements> sql, list_request r);
  [[nodiscard]] session_key session() const noexcept override { return {}; }
  [[nodiscard]] std::vector<statement> next() override;
  [[nodiscard]] bool on_replies(std::vector<reply> replies) override;

 private:
  std::shared_ptr<const statements> sql_;
  list_request request_;
};

}  // namespace atto::postgres
