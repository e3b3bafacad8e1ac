#include <atto/postgres_pool.hpp>

#include "base/deadline.hpp"
#include "contract/request_check.hpp"

#include "postgres/pool_core.hpp"

#include <boost/asio/dispatch.hpp>

#include <utility>

namespace atto::postgres {

lease::lease() noexcept = default;
lease::lease(lease&&) noexcept = default;
lease::lease(std::unique_ptr<detail::lease_core> core) noexcept : core_(std::move(core)) {}

lease& lease::operator=(lease&& other) noexcept {
  if (this != &other) {
    lease old(std::move(*this));  // gives its connection back
    core_ = std::move(other.core_);
  }
  return *this;
}

lease::~lease() {
  if (core_ == nullptr) return;
  const auto pool = core_->pool;
  boost::asio::dispatch(pool->strand(), [pool, handle = std::move(core_->handle), own = core_->own_session]() mutable {
    pool->take_back(std::move(handle), own);
  });
}

pg_conn* lease::native_handle() const noexcept {
  return core_ == nullptr ? nullptr : core_->handle.get();
}

pool::pool(boost::asio::any_io_executor executor, std::string_view dsn, pool_options options)
    : core_(detail::pool_core::make(std::move(executor), dsn, options)) {}

pool::~pool() {
  boost::asio::dispatch(core_->strand(), [core = core_] { core->abandon_all(); });
}

boost::asio::any_io_executor pool::get_executor() const noexcept {
  return core_->executor();
}

pool_stats pool::stats() const noexcept {
  return core_->stats();
}

void pool::start_lease(operation_options o, boost::asio::any_completion_handler<void(error_code, lease)> h) {
  completion<lease> done(std::move(h), core_->executor(), o.diag);
  const auto slot = done.cancellation_slot();
  if (o.diag != nullptr) *o.diag = diagnostics();
  if (failure f = request_check::timeout(o.timeout)) return done.fail(std::move(f));
  const auto deadline = deadline_after(o.timeout.count() == 0 ? store_limits().timeout : o.timeout);
  auto t = std::make_shared<detail::lease_call>(std::make_shared<client>(), deadline, std::move(done));
  detail::submit(core_, std::move(t), slot);
}

void pool::start_close(boost::asio::any_completion_handler<void(error_code)> h) {
  completion<> done(std::move(h), core_->executor(), nullptr);
  boost::asio::dispatch(core_->strand(),
                        [core = core_, d = std::move(done)]() mutable { core->shut_down(std::move(d)); });
}

}  // namespace atto::postgres
