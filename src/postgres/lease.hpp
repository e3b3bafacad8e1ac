#pragma once

#include <atto/completion.hpp>
#include <atto/postgres_pool.hpp>

#include "postgres/pg_handle.hpp"
#include "postgres/ticket.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace atto::postgres::detail {

/// A lease on its way: waits for an idle connection.
class lease_ticket final : public ticket {
 public:
  lease_ticket(std::shared_ptr<client> owner, std::chrono::steady_clock::time_point deadline, completion<lease> done)
      : ticket(std::move(owner), deadline), done_(std::move(done)) {}
  void fail(failure f) override { done_.fail(std::move(f)); }
  [[nodiscard]] std::string_view upshot() const noexcept override { return "no connection was lent"; }
  void succeed(lease l) { done_.succeed(std::move(l)); }

 private:
  completion<lease> done_;
};

/// What a connection is asked before it is lent: to forget our lock_timeout. Then `lend` gets its lease_ticket back,
/// with false when the connection was lost.
class lease_preparation final : public operation {
 public:
  using callback = std::function<void(std::shared_ptr<lease_ticket>, bool)>;

  lease_preparation(std::shared_ptr<lease_ticket> t, callback lend)
      : operation(t->owner(), t->deadline()), ticket_(std::move(t)), lend_(std::move(lend)) {}

  [[nodiscard]] atto::postgres::exchange& exchange() noexcept override { return exchange_; }
  void complete() override { lend_(ticket_, exchange_.succeeded()); }
  void fail(failure) override { lend_(ticket_, false); }

 private:
  class reset_exchange final : public atto::postgres::exchange {
   public:
    [[nodiscard]] session_key session() const noexcept override { return {}; }
    [[nodiscard]] bool writes() const noexcept override { return false; }
    [[nodiscard]] round_kind kind() const noexcept override { return round_kind::read; }
    [[nodiscard]] std::vector<statement> next() override {
      static const sql_text sql("RESET lock_timeout");
      return {statement(sql)};
    }
    [[nodiscard]] bool on_replies(std::vector<reply> replies) override {
      succeeded_ = !first_error(replies);
      return true;
    }
    [[nodiscard]] bool in_doubt() const noexcept override { return false; }
    [[nodiscard]] bool on_lost() override { return false; }
    [[nodiscard]] bool succeeded() const noexcept { return succeeded_; }

   private:
    bool succeeded_ = false;
  };

  std::shared_ptr<lease_ticket> ticket_;
  callback lend_;
  reset_exchange exchange_;
};

/// A connection that is lent out.
struct lease_core {
  lease_core(std::shared_ptr<pool_core> p, pg_handle h, bool own)
      : pool(std::move(p)), handle(std::move(h)), own_session(own) {}

  std::shared_ptr<pool_core> pool;
  pg_handle handle;
  bool own_session;  // see opened
};

}  // namespace atto::postgres::detail
