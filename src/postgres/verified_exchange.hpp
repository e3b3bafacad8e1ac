#pragma once

#include "postgres/exchange.hpp"
#include "postgres/schema.hpp"

#include <atomic>
#include <memory>
#include <utility>
#include <vector>

namespace atto::postgres {

/// An exchange that first makes sure, once for its store, that the tables under our names are ours and of this release:
/// a foreign, a newer or an older one is not even read. Missing tables are left to the exchange itself, which says so.
template <class Exchange>
class verified_exchange final : public exchange_of<typename Exchange::value_type> {
 public:
  /// `verified` belongs to the store and is set when the look has found all in order.
  template <class... Argument>
  verified_exchange(std::shared_ptr<std::atomic<bool>> verified, std::shared_ptr<const statements> sql,
                    Argument&&... argument)
      : verified_(std::move(verified)), sql_(sql), inner_(std::move(sql), std::forward<Argument>(argument)...) {}

  [[nodiscard]] session_key session() const noexcept override { return inner_.session(); }
  [[nodiscard]] bool writes() const noexcept override { return inner_.writes(); }
  [[nodiscard]] round_kind kind() const noexcept override { return must_look() ? round_kind::read : inner_.kind(); }
  [[nodiscard]] std::size_t bytes() const noexcept override { return must_look() ? 0 : inner_.bytes(); }

  [[nodiscard]] std::vector<statement> next() override {
    looking_ = must_look();
    return looking_ ? sql_->look() : inner_.next();
  }

  [[nodiscard]] bool on_replies(std::vector<reply> replies) override {
    if (looking_) return on_look(replies);
    return inner_.on_replies(std::move(replies)) && this->end(inner_.take());
  }

  [[nodiscard]] bool in_doubt() const noexcept override { return !looking_ && inner_.in_doubt(); }
  [[nodiscard]] bool on_lost() override { return looking_ || inner_.on_lost(); }
  [[nodiscard]] std::unique_ptr<exchange> errand() override { return inner_.errand(); }

 private:
  [[nodiscard]] bool must_look() const noexcept { return !looked_ && !verified_->load(std::memory_order_relaxed); }

  bool on_look(const std::vector<reply>& replies) {
    if (failure f = first_error(replies)) return this->end(std::move(f));
    const schema_standing found = look_at(*sql_, replies.front());
    if (found.mismatch) return this->end(found.mismatch);
    if (found.outdated) return this->end(found.outdated);
    if (found.missing.empty()) verified_->store(true, std::memory_order_relaxed);
    looked_ = true;
    return false;
  }

  std::shared_ptr<std::atomic<bool>> verified_;
  std::shared_ptr<const statements> sql_;
  Exchange inner_;
  bool looked_ = false;
  bool looking_ = true;  // in the round in flight
};

}  // namespace atto::postgres
