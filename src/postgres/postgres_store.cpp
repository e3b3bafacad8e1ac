#include <atto/completion.hpp>
#include <atto/postgres_store.hpp>
#include <atto/store_requests.hpp>

#include "contract/write_id.hpp"

#include "postgres/claim_exchange.hpp"
#include "postgres/operation.hpp"
#include "postgres/pool_core.hpp"
#include "postgres/read_exchange.hpp"
#include "postgres/schema_exchange.hpp"
#include "postgres/store_context.hpp"
#include "postgres/write_exchange.hpp"

#include <boost/asio/dispatch.hpp>

#include <memory>
#include <type_traits>
#include <utility>

namespace atto::postgres {

namespace {

/// Requests in, tickets out: the pool does the rest.
class postgres_store final : public session_store {
 public:
  postgres_store(std::shared_ptr<detail::pool_core> pool, bool owns_pool, const options& o)
      : session_store(pool->executor(), o.limits),
        pool_(std::move(pool)),
        owns_pool_(owns_pool),
        context_(std::make_shared<store_context>(table_name(o.table), o.limits)) {}

  ~postgres_store() override {
    boost::asio::dispatch(pool_->strand(), [pool = pool_, client = client_, owns = owns_pool_] {
      owns ? pool->abandon_all() : pool->abandon(client);
    });
  }

 private:
  void do_ensure_schema(request r, handler<> h) override { start<schema_exchange>(r, std::move(h)); }
  void do_load(load_request r, handler<std::optional<snapshot>> h) override {
    start<load_exchange>(std::move(r), std::move(h));
  }
  void do_save(save_request r, handler<std::int64_t> h) override {
    start<save_exchange>(std::move(r), std::move(h), make_write_id());
  }
  void do_append(append_request r, handler<std::int64_t> h) override {
    start<append_exchange>(std::move(r), std::move(h), make_write_id());
  }
  void do_remove(remove_request r, handler<bool> h) override { start<remove_exchange>(std::move(r), std::move(h)); }
  void do_claim(claim_request r, handler<claimed_session> h) override {
    start<claim_exchange>(std::move(r), std::move(h));
  }
  void do_renew(renew_request r, handler<> h) override { start<renew_exchange>(std::move(r), std::move(h)); }
  void do_release(release_request r, handler<bool> h) override { start<release_exchange>(std::move(r), std::move(h)); }
  void do_find_turn(find_turn_request r, handler<std::optional<turn_record>> h) override {
    start<find_turn_exchange>(std::move(r), std::move(h));
  }
  void do_sweep(sweep_request r, handler<std::int64_t> h) override { start<sweep_claims_exchange>(r, std::move(h)); }
  void do_list(list_request r, handler<session_page> h) override { start<list_exchange>(std::move(r), std::move(h)); }

  void do_close(request r, handler<> h) override {
    completion<> done(std::move(h), get_executor(), r.diag);
    const auto slot = done.cancellation_slot();
    auto t = std::make_shared<detail::close_call>(client_, r.deadline, std::move(done));
    if (owns_pool_) boost::asio::dispatch(pool_->strand(), [pool = pool_] { pool->shut_down(); });
    detail::submit(pool_, std::move(t), slot);
  }

  [[nodiscard]] store_stats do_stats() const override {
    const pool_stats of_pool = pool_->stats();
    const store_stats& shared = of_pool;  // without what only a pool has
    return shared;
  }

  /// `more`: what the exchange is given beside the request. One that needs nothing of the request gets none.
  template <class Exchange, class Request, class... T, class... Argument>
  void start(Request r, handler<T...> h, Argument&&... more) {
    const auto deadline = r.deadline;
    completion<T...> done(std::move(h), get_executor(), r.diag);
    const auto slot = done.cancellation_slot();
    std::shared_ptr<operation> op;
    if constexpr (std::is_constructible_v<Exchange, store_context_ptr, Request, Argument...>) {
      op = std::make_shared<operation_of<Exchange, completion<T...>>>(client_, deadline, std::move(done), context_,
                                                                      std::move(r), std::forward<Argument>(more)...);
    } else {
      op = std::make_shared<operation_of<Exchange, completion<T...>>>(client_, deadline, std::move(done), context_);
    }
    detail::submit(pool_, std::move(op), slot);
  }

  std::shared_ptr<detail::pool_core> pool_;
  std::shared_ptr<client> client_ = std::make_shared<client>();
  bool owns_pool_;
  store_context_ptr context_;
};

}  // namespace

std::unique_ptr<session_store> open(boost::asio::any_io_executor executor, std::string_view dsn, options o,
                                    pool_options p) {
  auto core = detail::pool_core::make(std::move(executor), dsn, p);
  return std::make_unique<postgres_store>(std::move(core), true, o);
}

std::unique_ptr<session_store> with_pool(pool& p, options o) {
  return std::make_unique<postgres_store>(detail::pool_access::core(p), false, o);
}

}  // namespace atto::postgres
