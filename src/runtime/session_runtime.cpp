#include <atto/session_runtime.hpp>

#include "base/deadline.hpp"
#include "contract/request_check.hpp"
#include "runtime/runtime_core.hpp"
#include "runtime/turn_coroutine.hpp"

#include <utility>

namespace atto {

namespace {

using detail::runtime_core;

[[noreturn]] void refuse(std::string_view reason) {
  failure(errc::invalid_argument, std::string(reason)).raise();
}

void check(const runtime_claim_options& c) {
  if (c.ttl < std::chrono::milliseconds(1) || c.ttl > claim_options::longest_ttl)
    refuse("a claim's ttl is 1 ms to 24 h");
  if (failure f = request_check::claim(c.owner.empty() ? "random" : c.owner, c.address)) f.raise();
}

void check(const std::shared_ptr<session_store>& store, bool has_handler, const runtime_options& o) {
  using std::chrono::milliseconds;
  if (store == nullptr) refuse("a runtime needs a store");
  if (!has_handler) refuse("a runtime needs a handler for its turns");
  if (o.max_turns_per_session < 1 || o.max_waiting_turns < 1)
    refuse("max_turns_per_session and max_waiting_turns must be at least 1");
  if (o.turn_timeout < milliseconds(1)) refuse("turn_timeout must be at least 1 ms");
  if (o.conflict != on_conflict::fail && o.conflict != on_conflict::rerun) refuse("conflict must be fail or rerun");
  if (o.idle_timeout < milliseconds(1)) refuse("idle_timeout must be at least 1 ms");
  if (o.claims) check(*o.claims);
}

}  // namespace

session_runtime::session_runtime(boost::asio::any_io_executor executor, std::shared_ptr<session_store> store,
                                 turn_handler handler, runtime_options o) {
  check(store, handler != nullptr, o);
  auto runner = std::make_unique<detail::turn_coroutines>(executor, std::move(handler));
  core_ = runtime_core::make(std::move(executor), std::move(store), std::move(runner), std::move(o));
}

session_runtime::session_runtime(boost::asio::any_io_executor executor, std::shared_ptr<session_store> store,
                                 boost::asio::any_io_executor pool, blocking_turn_handler handler, runtime_options o) {
  check(store, handler != nullptr, o);
  core_ = runtime_core::make(std::move(executor), std::move(store),
                             detail::function_runner(std::move(pool), std::move(handler)), std::move(o));
}

session_runtime::~session_runtime() {
  core_->abandon();
}

boost::asio::any_io_executor session_runtime::get_executor() const noexcept {
  return core_->executor();
}

std::size_t session_runtime::live_sessions() const {
  return core_->live_count();
}

runtime_stats session_runtime::stats() const {
  return core_->stats();
}

void session_runtime::start_run(std::string id, json message, turn_event_handler on_event, run_options o,
                                boost::asio::any_completion_handler<void(error_code, history)> h) {
  if (o.diag != nullptr) *o.diag = diagnostics();
  completion<history> done(std::move(h), core_->executor(), o.diag);
  if (failure f = request_check::timeout(o.timeout)) return done.fail(std::move(f));
  const auto slot = done.cancellation_slot();
  const auto now = std::chrono::steady_clock::now();
  const auto deadline = deadline_after(o.timeout.count() == 0 ? core_->turn_timeout() : o.timeout, now);
  core_->submit(id,
                std::make_shared<detail::turn_call>(std::move(message), o.message_id, std::move(on_event), deadline,
                                                    std::move(done)),
                slot, now);
}

void session_runtime::start_read(std::string id, operation_options o,
                                 boost::asio::any_completion_handler<void(error_code, std::optional<snapshot>)> h) {
  if (o.diag != nullptr) *o.diag = diagnostics();
  completion<std::optional<snapshot>> done(std::move(h), core_->executor(), o.diag);
  failure f = request_check::session_id(id);
  if (!f) f = request_check::timeout(o.timeout);
  if (f) return done.fail(std::move(f));
  const auto deadline = deadline_after(o.timeout.count() == 0 ? core_->turn_timeout() : o.timeout);
  core_->read(id, {deadline, o.diag}, std::move(done));
}

void session_runtime::start_stop(
    std::chrono::milliseconds timeout,
    boost::asio::any_completion_handler<void(error_code, std::vector<unfinished_turn>)> h) {
  completion<std::vector<unfinished_turn>> done(std::move(h), core_->executor(), nullptr);
  core_->stop(deadline_after(std::max(timeout, std::chrono::milliseconds(0))), std::move(done));
}

}  // namespace atto
