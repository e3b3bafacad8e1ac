#pragma once

#include <atto/snapshot.hpp>
#include <atto/store_requests.hpp>

#include "postgres/exchange.hpp"

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace atto::postgres {

/// A write that concerns claims. When its round is lost it is sent again, for a second one does no harm.
template <class T>
class claim_write : public exchange_of<T> {
 public:
  [[nodiscard]] bool writes() const noexcept final { return true; }

 protected:
  using exchange_of<T>::exchange_of;
  using ending = std::optional<result<T>>;

  /// An earlier try was lost, and may have been done.
  [[nodiscard]] bool lost() const noexcept { return lost_; }

 private:
  [[nodiscard]] round_kind do_kind() const noexcept override { return round_kind::write; }
  [[nodiscard]] bool do_in_doubt() const noexcept override { return true; }
  [[nodiscard]] bool do_on_lost() final {
    lost_ = true;
    return true;
  }
  [[nodiscard]] bool do_on_replies(std::vector<reply> replies) final;
  /// The replies, without an error. Nothing asks for another round.
  [[nodiscard]] virtual ending on_done(const std::vector<reply>& replies) = 0;

  bool lost_ = false;
};

/// Claims, then loads: two statements, so that the load sees what was committed while the claim waited for the row.
/// (One statement that did both gave the new version with the old turns.) When the claim found no row to take, a second
/// round reads whose it is.
class claim_exchange final : public claim_write<claimed_session> {
 public:
  claim_exchange(store_context_ptr store, claim_request r) : claim_write(std::move(store)), request_(std::move(r)) {}
  [[nodiscard]] session_key session() const noexcept override { return {store().sessions, request_.id}; }

 private:
  [[nodiscard]] round_kind do_kind() const noexcept override { return refused_ ? round_kind::read : round_kind::write; }
  [[nodiscard]] std::vector<statement> do_next() override;
  [[nodiscard]] bool do_in_doubt() const noexcept override { return lost() || !refused_; }
  [[nodiscard]] ending on_done(const std::vector<reply>& replies) override;
  [[nodiscard]] ending on_claim(const std::vector<reply>& replies);
  [[nodiscard]] ending on_holder(const reply& holder);

  claim_request request_;
  bool refused_ = false;  // the round in flight reads the holder
  int refusals_ = 0;
};

class renew_exchange final : public claim_write<void> {
 public:
  renew_exchange(store_context_ptr store, renew_request r) : claim_write(std::move(store)), request_(std::move(r)) {}
  [[nodiscard]] session_key session() const noexcept override { return {store().sessions, request_.id}; }

 private:
  [[nodiscard]] std::vector<statement> do_next() override { return store().claim.renew(request_); }
  [[nodiscard]] ending on_done(const std::vector<reply>& replies) override;

  renew_request request_;
};

/// After a lost reply its value is that of the second copy: false, when the first one has released the claim.
class release_exchange final : public claim_write<bool> {
 public:
  release_exchange(store_context_ptr store, release_request r)
      : claim_write(std::move(store)), request_(std::move(r)) {}
  [[nodiscard]] session_key session() const noexcept override { return {store().sessions, request_.id}; }

 private:
  [[nodiscard]] std::vector<statement> do_next() override { return store().claim.release(request_); }
  [[nodiscard]] ending on_done(const std::vector<reply>& replies) override;

  release_request request_;
};

/// async_sweep: deletes the rows of dead claims of absent sessions.
class sweep_claims_exchange final : public claim_write<std::int64_t> {
 public:
  explicit sweep_claims_exchange(store_context_ptr store) : claim_write(std::move(store)) {}
  [[nodiscard]] session_key session() const noexcept override { return {}; }

 private:
  [[nodiscard]] std::vector<statement> do_next() override { return store().claim.sweep(); }
  [[nodiscard]] ending on_done(const std::vector<reply>& replies) override;
};

}  // namespace atto::postgres
