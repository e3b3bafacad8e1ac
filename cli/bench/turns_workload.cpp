#include "bench/session_turns.hpp"
#include "bench/workload.hpp"

#include <atto/session_runtime.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/experimental/channel.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <chrono>
#include <string>
#include <utility>
#include <vector>

namespace atto::cli::bench {

namespace {

using boost::asio::use_awaitable;

/// What a handler does that does nothing, or waits for somebody else's answer.
boost::asio::awaitable<void> wait_for_answer(std::chrono::microseconds time) {
  if (time.count() == 0) co_return;
  boost::asio::steady_timer answer(co_await boost::asio::this_coro::executor, time);
  co_await answer.async_wait(use_awaitable);
}

/// Empty turns of sessions that are in use: all that is measured is what lies around the handler.
class turns_workload : public workload {
 public:
  turns_workload(session_store& store, const plan& p)
      : store_(store), pause_(p.pause), versions_(p.sessions, 0), turns_(p.writers, p.sessions) {
    for (std::size_t i = 0; i < p.sessions; ++i) ids_.push_back(session_id("turns", i));
  }

  std::size_t preparations() const override { return ids_.size(); }
  boost::asio::awaitable<step> prepare(std::size_t index, diagnostics& diag) override { return run(index, diag); }
  boost::asio::awaitable<step> operate(std::size_t writer, diagnostics& diag) override {
    return run(turns_.take(writer), diag);
  }

 protected:
  virtual boost::asio::awaitable<step> run(std::size_t session, diagnostics& diag) = 0;

  [[nodiscard]] boost::asio::awaitable<step> append_nothing(std::size_t session, diagnostics& diag) {
    return append(store_, id_of(session), versions_[session]++, turn(), diag);
  }
  [[nodiscard]] session_store& store() noexcept { return store_; }
  [[nodiscard]] const std::string& id_of(std::size_t session) const { return ids_[session]; }
  [[nodiscard]] std::chrono::microseconds pause() const noexcept { return pause_; }

 private:
  session_store& store_;
  std::chrono::microseconds pause_;
  std::vector<std::int64_t> versions_;
  rotation turns_;
  std::vector<std::string> ids_;
};

class turns_by_runtime final : public turns_workload {
 public:
  turns_by_runtime(session_store& store, const plan& p)
      : turns_workload(store, p),
        runtime_(
            store.get_executor(), shared(store), [time = p.pause](session_turn&) { return wait_for_answer(time); },
            options_of(p)) {}

 private:
  boost::asio::awaitable<step> run(std::size_t session, diagnostics& diag) override {
    run_options how;
    how.diag = &diag;
    const auto [ec, events] = co_await runtime_.async_run(id_of(session), json(), how, results);
    co_return step(ec, 0, 1);
  }

  /// The store outlives the workload.
  static std::shared_ptr<session_store> shared(session_store& store) { return {std::shared_ptr<void>(), &store}; }
  static runtime_options options_of(const plan& p) {
    runtime_options o;
    o.max_live_sessions = p.sessions;
    return o;
  }

  session_runtime runtime_;
};

/// The store alone: who calls keeps the versions.
class turns_by_append final : public turns_workload {
 public:
  using turns_workload::turns_workload;

 private:
  boost::asio::awaitable<step> run(std::size_t session, diagnostics& diag) override {
    return append_nothing(session, diag);
  }
};

/// What is quickly written instead of a runtime: one lock around all sessions, held for a whole turn.
class turns_by_lock final : public turns_workload {
 public:
  turns_by_lock(session_store& store, const plan& p) : turns_workload(store, p), lock_(store.get_executor(), 1) {}

 private:
  boost::asio::awaitable<step> run(std::size_t session, diagnostics& diag) override {
    co_await lock_.async_send(error_code(), use_awaitable);
    co_await wait_for_answer(pause());
    const step done = co_await append_nothing(session, diag);
    lock_.try_receive([](error_code) {});
    co_return done;
  }

  boost::asio::experimental::channel<void(error_code)> lock_;  // full: somebody has it
};

/// No session and no store: what any turn costs that is a coroutine of its own on the executor.
class bare_coroutines : public turns_workload {
 public:
  using turns_workload::turns_workload;

 protected:
  boost::asio::awaitable<step> run(std::size_t, diagnostics&) override {
    co_await boost::asio::post(store().get_executor(), use_awaitable);
    co_await boost::asio::co_spawn(store().get_executor(), wait_for_answer(pause()), use_awaitable);
    co_return step();
  }
};

/// The same, and then the append: what is left of the bare coroutine's rate for a runtime that costs nothing.
class bare_parts final : public bare_coroutines {
 public:
  using bare_coroutines::bare_coroutines;

 private:
  boost::asio::awaitable<step> run(std::size_t session, diagnostics& diag) override {
    co_await bare_coroutines::run(session, diag);
    co_return co_await append_nothing(session, diag);
  }
};

}  // namespace

std::unique_ptr<workload> make_turns(session_store& store, const plan& p) {
  switch (p.by) {
    case turn_way::runtime:
      return std::make_unique<turns_by_runtime>(store, p);
    case turn_way::store:
      return std::make_unique<turns_by_append>(store, p);
    case turn_way::lock:
      return std::make_unique<turns_by_lock>(store, p);
    case turn_way::coroutine:
      return std::make_unique<bare_coroutines>(store, p);
    case turn_way::parts:
      break;
  }
  return std::make_unique<bare_parts>(store, p);
}

}  // namespace atto::cli::bench
