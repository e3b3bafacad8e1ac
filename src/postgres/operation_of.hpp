#pragma once

#include <atto/completion.hpp>

#include "postgres/ticket.hpp"

#include <chrono>
#include <memory>
#include <string_view>
#include <utility>

namespace atto::postgres {

/// Waits until its owner has no other ticket left.
class close_ticket final : public ticket {
 public:
  close_ticket(std::shared_ptr<client> owner, std::chrono::steady_clock::time_point deadline, completion<> done)
      : ticket(std::move(owner), deadline), done_(std::move(done)) {}
  void fail(failure f) override { done_.fail(std::move(f)); }
  [[nodiscard]] std::string_view upshot() const noexcept override { return "the store stays closed"; }
  void succeed() { done_.succeed(); }

 private:
  completion<> done_;
};

inline failure unproven() {
  return {errc::replication_unproven,
          "it is committed, but the server broke off its wait for the synchronous standby; a failover may lose it"};
}

/// An operation whose exchange yields a value, or none, for a handler.
template <class Exchange, class... T>
class operation_of final : public operation {
 public:
  template <class... Argument>
  operation_of(std::shared_ptr<client> owner, std::chrono::steady_clock::time_point deadline, completion<T...> done,
               Argument&&... argument)
      : operation(std::move(owner), deadline), done_(std::move(done)), exchange_(std::forward<Argument>(argument)...) {}

  [[nodiscard]] atto::postgres::exchange& exchange() noexcept override { return exchange_; }

  void complete() override {
    auto taken = exchange_.take();
    if (taken.has_error()) return done_.fail(taken.error());
    if (!replicated && exchange_.writes()) return done_.fail(unproven());
    if constexpr (sizeof...(T) == 0) {
      done_.succeed();
    } else {
      done_.succeed(*std::move(taken));
    }
  }

  void fail(failure f) override { done_.fail(std::move(f)); }

 private:
  completion<T...> done_;
  Exchange exchange_;
};

/// What an operation left behind. Nobody waits for it: should it fail, the next of its kind does its work as well.
class errand final : public operation {
 public:
  errand(std::shared_ptr<client> owner, std::chrono::steady_clock::time_point deadline,
         std::unique_ptr<atto::postgres::exchange> e)
      : operation(std::move(owner), deadline), exchange_(std::move(e)) {
    patient = false;  // its session waits for it
  }

  [[nodiscard]] atto::postgres::exchange& exchange() noexcept override { return *exchange_; }
  void complete() override {}
  void fail(failure) override {}

 private:
  std::unique_ptr<atto::postgres::exchange> exchange_;
};

}  // namespace atto::postgres
