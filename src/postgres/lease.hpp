#pragma once

#include <atto/postgres_pool.hpp>

#include "complete.hpp"

#include "postgres/pg_handle.hpp"
#include "postgres/ticket.hpp"

#include <chrono>
#include <memory>
#include <utility>

namespace atto::postgres::detail {

/// A lease on its way: waits for an idle connection.
class lease_ticket final : public ticket {
 public:
  lease_ticket(std::shared_ptr<client> owner, std::chrono::steady_clock::time_point deadline, completion<lease> done)
      : ticket(std::move(owner), deadline), done_(std::move(done)) {}
  void fail(failure f) override { done_.fail(std::move(f)); }
  void succeed(lease l) { done_.succeed(std::move(l)); }

 private:
  completion<lease> done_;
};

/// A connection that is lent out.
struct lease_core {
  lease_core(std::shared_ptr<pool_core> p, pg_handle h) : pool(std::move(p)), handle(std::move(h)) {}

  std::shared_ptr<pool_core> pool;
  pg_handle handle;
};

}  // namespace atto::postgres::detail
