#pragma once

#include "complete.hpp"
#include "failure.hpp"

#include "postgres/exchange.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

namespace atto::postgres {

class close_ticket;

/// One user of a pool: a store, or the pool itself for its leases. Runs on the pool's strand.
struct client {
  std::size_t outstanding = 0;                         // tickets that have not ended
  std::vector<std::shared_ptr<close_ticket>> closing;  // to be told when there are none
  bool closed = false;
};

/// What waits for the pool, or is served by it. Runs on the pool's strand, after its making.
class ticket {
 public:
  enum class stage { waiting, sent, ended };

  ticket(std::shared_ptr<client> owner, std::chrono::steady_clock::time_point deadline)
      : owner_(std::move(owner)), deadline_(deadline) {}
  ticket(const ticket&) = delete;
  ticket& operator=(const ticket&) = delete;
  virtual ~ticket() = default;

  /// Calls the handler with an error.
  virtual void fail(failure f) = 0;

  [[nodiscard]] const std::shared_ptr<client>& owner() const noexcept { return owner_; }
  [[nodiscard]] std::chrono::steady_clock::time_point deadline() const noexcept { return deadline_; }

  std::uint64_t arrival = 0;  // order among all tickets of the pool; given when it is submitted
  stage at = stage::waiting;
  std::size_t connection = 0;  // the connection's number, once sent

 private:
  std::shared_ptr<client> owner_;
  std::chrono::steady_clock::time_point deadline_;
};

/// Waits until its owner has no other ticket left.
class close_ticket final : public ticket {
 public:
  close_ticket(std::shared_ptr<client> owner, std::chrono::steady_clock::time_point deadline, completion<> done)
      : ticket(std::move(owner), deadline), done_(std::move(done)) {}
  void fail(failure f) override { done_.fail(std::move(f)); }
  void succeed() { done_.succeed(); }

 private:
  completion<> done_;
};

/// A ticket for rounds of statements.
class operation : public ticket {
 public:
  using ticket::ticket;
  [[nodiscard]] virtual atto::postgres::exchange& exchange() noexcept = 0;
  /// Calls the handler with the outcome of the exchange, which has ended.
  virtual void complete() = 0;
};

/// An operation whose exchange yields a value (or, as a monostate, none) for a handler.
template <class Exchange, class... T>
class operation_of final : public operation {
 public:
  template <class... Argument>
  operation_of(std::shared_ptr<client> owner, std::chrono::steady_clock::time_point deadline, completion<T...> done,
               Argument&&... argument)
      : operation(std::move(owner), deadline), done_(std::move(done)), exchange_(std::forward<Argument>(argument)...) {}

  [[nodiscard]] atto::postgres::exchange& exchange() noexcept override { return exchange_; }

  void complete() override {
    auto o = exchange_.take();
    if (o.error) return done_.fail(std::move(o.error));
    if constexpr (sizeof...(T) == 0) {
      done_.succeed();
    } else {
      done_.succeed(std::move(o.value));
    }
  }

  void fail(failure f) override { done_.fail(std::move(f)); }

 private:
  completion<T...> done_;
  Exchange exchange_;
};

}  // namespace atto::postgres
