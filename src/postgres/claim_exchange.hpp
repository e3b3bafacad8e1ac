#pragma once

#include <atto/snapshot.hpp>
#include <atto/store_requests.hpp>

#include "postgres/exchange.hpp"

#include <cstdint>
#include <memory>
#include <variant>
#include <vector>

namespace atto::postgres {

/// A write that concerns claims. When its round is lost it is sent again, for a second one does no harm.
template <class T>
class claim_write : public exchange_of<T> {
 public:
  [[nodiscard]] bool writes() const noexcept final { return true; }
  [[nodiscard]] round_kind kind() const noexcept override { return round_kind::write; }
  [[nodiscard]] bool in_doubt() const noexcept override { return true; }
  [[nodiscard]] bool on_lost() final {
    lost_ = true;
    return true;
  }
  [[nodiscard]] bool on_replies(std::vector<reply> replies) final;

 protected:
  explicit claim_write(std::shared_ptr<const statements> sql) : sql_(std::move(sql)) {}

  [[nodiscard]] const statements& sql() const noexcept { return *sql_; }
  /// An earlier try was lost, and may have been done.
  [[nodiscard]] bool lost() const noexcept { return lost_; }

 private:
  /// The answers, without an error. Nothing asks for another round.
  [[nodiscard]] virtual std::optional<outcome<T>> on_done(const std::vector<reply>& replies) = 0;

  std::shared_ptr<const statements> sql_;
  bool lost_ = false;
};

/// Claims, then loads: two statements, so that the load sees what was committed while the claim waited for the row.
/// (One statement that did both gave the new version with the old turns.) When the claim found no row to take, a second
/// round reads whose it is.
class claim_exchange final : public claim_write<claimed_session> {
 public:
  claim_exchange(std::shared_ptr<const statements> sql, claim_request r);
  [[nodiscard]] session_key session() const noexcept override { return {sql().sessions(), request_.id}; }
  [[nodiscard]] round_kind kind() const noexcept override { return refused_ ? round_kind::read : round_kind::write; }
  [[nodiscard]] std::vector<statement> next() override;
  [[nodiscard]] bool in_doubt() const noexcept override { return lost() || !refused_; }

 private:
  [[nodiscard]] std::optional<outcome<claimed_session>> on_done(const std::vector<reply>& replies) override;
  [[nodiscard]] std::optional<outcome<claimed_session>> on_holder(const reply& holder);

  claim_request request_;
  bool refused_ = false;  // the round in flight reads the holder
  int refusals_ = 0;
};

class renew_exchange final : public claim_write<std::monostate> {
 public:
  renew_exchange(std::shared_ptr<const statements> sql, renew_request r);
  [[nodiscard]] session_key session() const noexcept override { return {sql().sessions(), request_.id}; }
  [[nodiscard]] std::vector<statement> next() override { return sql().renew(request_); }

 private:
  [[nodiscard]] std::optional<outcome<std::monostate>> on_done(const std::vector<reply>& replies) override;

  renew_request request_;
};

class release_exchange final : public claim_write<bool> {
 public:
  release_exchange(std::shared_ptr<const statements> sql, release_request r);
  [[nodiscard]] session_key session() const noexcept override { return {sql().sessions(), request_.id}; }
  [[nodiscard]] std::vector<statement> next() override { return sql().release(request_); }

 private:
  [[nodiscard]] std::optional<outcome<bool>> on_done(const std::vector<reply>& replies) override;

  release_request request_;
};

/// Deletes the rows of dead claims of absent sessions.
class sweep_claims_exchange final : public claim_write<std::int64_t> {
 public:
  explicit sweep_claims_exchange(std::shared_ptr<const statements> sql) : claim_write(std::move(sql)) {}
  [[nodiscard]] session_key session() const noexcept override { return {}; }
  [[nodiscard]] std::vector<statement> next() override { return sql().sweep_claims(); }

 private:
  [[nodiscard]] std::optional<outcome<std::int64_t>> on_done(const std::vector<reply>& replies) override;
};

}  // namespace atto::postgres
