#pragma once

#include <atto/memory_store.hpp>
#include <atto/session_runtime.hpp>
#include <atto/store_requests.hpp>

#include "support/store_decorator.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/experimental/channel.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <gtest/gtest.h>

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace atto::test {

/// The memory store, with a note of what it was asked, and failures and delays as a test orders them.
class scripted_store final : public store_decorator {
 public:
  using store_decorator::store_decorator;

  void do_load(load_request r, handler<std::optional<snapshot>> h) override {
    ++loads;
    if (const auto why = next(failing_loads)) return refuse<std::optional<snapshot>>(*why, r.diag, std::move(h));
    if (!holds) return store_decorator::do_load(std::move(r), std::move(h));
    held.push_back([this, r = std::make_shared<load_request>(std::move(r)),
                    h = std::make_shared<handler<std::optional<snapshot>>>(std::move(h))] {
      store_decorator::do_load(std::move(*r), std::move(*h));
    });
  }
  void do_append(append_request r, handler<std::int64_t> h) override {
    ++writes;
    if (const auto why = next(failing_writes)) return refuse<std::int64_t>(*why, r.diag, std::move(h));
    if (!holds) return store_decorator::do_append(std::move(r), std::move(h));
    held.push_back([this, r = std::make_shared<append_request>(std::move(r)),
                    h = std::make_shared<handler<std::int64_t>>(std::move(h))] {
      store_decorator::do_append(std::move(*r), std::move(*h));
    });
  }
  void do_save(save_request r, handler<std::int64_t> h) override {
    ++saves;
    store_decorator::do_save(std::move(r), std::move(h));
  }

  void do_claim(claim_request r, handler<claimed_session> h) override {
    ++claims;
    if (const auto why = next(failing_claims)) return refuse<claimed_session>(*why, r.diag, std::move(h));
    store_decorator::do_claim(std::move(r), std::move(h));
  }
  void do_renew(renew_request r, handler<> h) override {
    ++renewals;
    if (const auto why = next(failing_renewals)) return refuse(*why, r.diag, std::move(h));
    if (!holds_renewals) return store_decorator::do_renew(std::move(r), std::move(h));
    held.push_back(
        [this, r = std::make_shared<renew_request>(std::move(r)), h = std::make_shared<handler<>>(std::move(h))] {
          store_decorator::do_renew(std::move(*r), std::move(*h));
        });
  }
  void do_release(release_request r, handler<bool> h) override {
    ++releases;
    if (!holds_releases) return store_decorator::do_release(std::move(r), std::move(h));
    held.push_back(
        [this, r = std::make_shared<release_request>(std::move(r)), h = std::make_shared<handler<bool>>(std::move(h))] {
          store_decorator::do_release(std::move(*r), std::move(*h));
        });
  }

  void do_find_turn(find_turn_request r, handler<std::optional<turn_record>> h) override {
    ++questions;
    if (throws_questions) throw std::runtime_error("as the script says");
    if (const auto why = next(failing_questions)) return refuse<std::optional<turn_record>>(*why, r.diag, std::move(h));
    store_decorator::do_find_turn(std::move(r), std::move(h));
  }

  void release() {
    holds = false;
    for (auto& go : std::exchange(held, {})) go();
  }

  int loads = 0, writes = 0, saves = 0, claims = 0, renewals = 0, releases = 0, questions = 0;
  std::deque<errc> failing_loads, failing_writes, failing_claims, failing_renewals, failing_questions;
  bool holds = false, holds_renewals = false, holds_releases = false, throws_questions = false;
  std::vector<std::function<void()>> held;

 private:
  static std::optional<errc> next(std::deque<errc>& failing) {
    if (failing.empty()) return std::nullopt;
    const errc why = failing.front();
    failing.pop_front();
    return why;
  }
  template <class... T>
  void refuse(errc why, diagnostics* diag, handler<T...> h) {
    if (diag != nullptr) diag->message("as the script says");
    boost::asio::post(get_executor(),
                      [h = std::move(h), why]() mutable { std::move(h)(make_error_code(why), T()...); });
  }
};

/// Where a handler of a test waits until it is let go.
using gate = boost::asio::experimental::channel<void(error_code)>;

/// How a turn ended; code is empty until then.
struct turn_result {
  std::optional<error_code> code;
  history events;
  diagnostics diag;
};

class SessionRuntime : public ::testing::Test {
 protected:
  SessionRuntime() : store(std::make_shared<scripted_store>(memory::open(context.get_executor()))) {}

  void make(turn_handler h, runtime_options o = {}) {
    runtime = std::make_unique<session_runtime>(context.get_executor(), store, std::move(h), std::move(o));
  }

  std::shared_ptr<turn_result> run(const std::string& id, const std::string& message,
                                   std::chrono::milliseconds timeout = std::chrono::milliseconds(0),
                                   boost::asio::cancellation_slot slot = {}) {
    auto r = std::make_shared<turn_result>();
    runtime->async_run(id, json(message), {.timeout = timeout, .diag = &r->diag},
                       boost::asio::bind_cancellation_slot(slot, [r](error_code ec, history events) {
                         EXPECT_FALSE(r->code) << "told twice";
                         r->code = ec;
                         r->events = std::move(events);
                       }));
    return r;
  }

  /// Runs what is ready, and all that follows from it, without waiting for a timer.
  void settle() {
    context.restart();
    context.poll();
  }
  /// Runs until the turn has ended.
  void finish(const turn_result& r) {
    context.restart();
    while (!r.code) context.run_one();
  }

  /// Stops the runtime, and cuts what is left in it.
  void stop() {
    runtime->async_stop(std::chrono::milliseconds(0), [](error_code, const std::vector<unfinished_turn>&) {});
    settle();
  }

  std::optional<snapshot> stored(const std::string& id) {
    std::optional<snapshot> found;
    bool done = false;
    store->async_load(id, {}, [&](error_code ec, std::optional<snapshot> s) {
      EXPECT_EQ(ec, error_code());
      found = std::move(s);
      done = true;
    });
    --store->loads;  // the test's own
    context.restart();
    while (!done) context.run_one();
    return found;
  }

  boost::asio::io_context context;
  std::shared_ptr<scripted_store> store;
  std::unique_ptr<session_runtime> runtime;
};

/// A handler that emits its message.
inline boost::asio::awaitable<void> echo(session_turn& t) {
  t.emit(t.message());
  co_return;
}

}  // namespace atto::test
