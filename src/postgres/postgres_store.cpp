#include <atto/postgres_store.hpp>
#include <atto/store_requests.hpp>

#include "base/complete.hpp"
#include "contract/write_id.hpp"

#include "postgres/claim_exchange.hpp"
#include "postgres/operation.hpp"
#include "postgres/pool_core.hpp"
#include "postgres/read_exchange.hpp"
#include "postgres/schema.hpp"
#include "postgres/statements.hpp"
#include "postgres/verified_exchange.hpp"
#include "postgres/write_exchange.hpp"

#include <boost/asio/dispatch.hpp>

#include <atomic>
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
        sql_(std::make_shared<statements>(table_name(o.table))) {}

  ~postgres_store() override {
    boost::asio::dispatch(pool_->strand(), [pool = pool_, client = client_, owns = owns_pool_] {
      owns ? pool->abandon_all() : pool->abandon(client);
    });
  }

 private:
  void do_ensure_schema(request r, handler<> h) override { start<schema_exchange>(r, std::move(h), sql_); }

  void do_load(load_request r, handler<std::optional<snapshot>> h) override {
    const request common{r.deadline, r.diag};
    start<verified_exchange<load_exchange>>(common, std::move(h), verified_, sql_, std::move(r));
  }

  void do_save(save_request r, handler<std::int64_t> h) override {
    const request common{r.deadline, r.diag};
    start<verified_exchange<save_exchange>>(common, std::move(h), verified_, sql_, std::move(r), make_write_id());
  }

  void do_append(append_request r, handler<std::int64_t> h) override {
    const request common{r.deadline, r.diag};
    start<verified_exchange<append_exchange>>(common, std::move(h), verified_, sql_, std::move(r), make_write_id(),
                                              limits().max_session_bytes);
  }

  void do_remove(remove_request r, handler<bool> h) override {
    const request common{r.deadline, r.diag};
    start<verified_exchange<remove_exchange>>(common, std::move(h), verified_, sql_, std::move(r));
  }

  void do_claim(claim_request r, handler<claimed_session> h) override {
    const request common{r.deadline, r.diag};
    start<verified_exchange<claim_exchange>>(common, std::move(h), verified_, sql_, std::move(r));
  }

  void do_renew(renew_request r, handler<> h) override {
    const request common{r.deadline, r.diag};
    start<verified_exchange<renew_exchange>>(common, std::move(h), verified_, sql_, std::move(r));
  }

  void do_release(release_request r, handler<bool> h) override {
    const request common{r.deadline, r.diag};
    start<verified_exchange<release_exchange>>(common, std::move(h), verified_, sql_, std::move(r));
  }

  void do_find_turn(find_turn_request r, handler<std::optional<turn_record>> h) override {
    const request common{r.deadline, r.diag};
    start<verified_exchange<find_turn_exchange>>(common, std::move(h), verified_, sql_, std::move(r));
  }

  void do_sweep(request r, handler<std::int64_t> h) override {
    start<verified_exchange<sweep_claims_exchange>>(r, std::move(h), verified_, sql_);
  }

  void do_list(list_request r, handler<session_page> h) override {
    const request common{r.deadline, r.diag};
    start<verified_exchange<list_exchange>>(common, std::move(h), verified_, sql_, std::move(r));
  }

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

  template <class Exchange, class... T, class... Argument>
  void start(const request& r, handler<T...> h, Argument&&... argument) {
    completion<T...> done(std::move(h), get_executor(), r.diag);
    const auto slot = done.cancellation_slot();
    auto t = std::make_shared<operation_of<Exchange, completion<T...>>>(client_, r.deadline, std::move(done),
                                                                        std::forward<Argument>(argument)...);
    detail::submit(pool_, std::move(t), slot);
  }

  std::shared_ptr<detail::pool_core> pool_;
  std::shared_ptr<client> client_ = std::make_shared<client>();
  bool owns_pool_;
  std::shared_ptr<const statements> sql_;
  std::shared_ptr<std::atomic<bool>> verified_ = std::make_shared<std::atomic<bool>>(false);
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
