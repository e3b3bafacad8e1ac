#pragma once

#include <atto/testing/contract_fixture.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <future>
#include <string>
#include <utility>
#include <vector>

/// Rules: how operations start, where their handlers run, how they are cancelled and time out.
namespace atto::testing {

/// Starts one operation of each kind, and two that are refused; `handler()` is asked for a handler each time.
template <class MakeHandler>
std::size_t start_one_of_each(session_store& store, MakeHandler handler) {
  store.async_ensure_schema({}, handler());
  store.async_load("s", {}, handler());
  store.async_save("s", numbered_snapshot(1), {}, handler());
  store.async_append("other", 0, numbered_turn(0, 0), {}, handler());
  store.async_remove("nobody", {}, handler());
  store.async_claim("held", "a", {}, handler());
  store.async_renew("nobody", 1, {}, {}, handler());
  store.async_release("nobody", 1, {}, handler());
  store.async_find_turn("s", message_id("m"), {}, handler());
  store.async_sweep({}, handler());
  store.async_list({}, handler());
  store.async_load("", {}, handler());
  store.async_save("s", numbered_snapshot(0), {}, handler());
  return 13;
}

/// Runs `context` until `done` says so. False when it ran out of work before: somebody's handler was forgotten.
template <class Done>
bool run_until(boost::asio::io_context& context, Done done) {
  while (!done()) {
    if (context.stopped()) context.restart();
    if (context.run_one() == 0) return false;
  }
  return true;
}

TEST_P(StoreContract, HandlersRunOnTheirOwnExecutor) {
  boost::asio::io_context own;
  std::size_t here = 0;
  const auto count = [&own, &here](const auto&...) { here += own.get_executor().running_in_this_thread() ? 1U : 0U; };
  const std::size_t started = start_one_of_each(handle(), [&] { return boost::asio::bind_executor(own, count); });
  own.run();  // nothing but the operations keeps it from ending at once
  EXPECT_EQ(here, started);
}

TEST_P(StoreContract, AHandlerWithoutAnExecutorRunsOnTheStores) {
  std::atomic<std::size_t> here{0};
  std::atomic<std::size_t> all{0};
  std::promise<void> last;
  constexpr std::size_t expected = 13;
  const auto count = [&](const auto&...) {
    here += executor().running_in_this_thread() ? 1U : 0U;
    if (++all == expected) last.set_value();
  };
  ASSERT_EQ(start_one_of_each(handle(), [&] { return count; }), expected);
  last.get_future().wait();
  EXPECT_EQ(here, expected);
}

TEST_P(StoreContract, HandlersAreNeverCalledInline) {
  boost::asio::io_context own;
  session_store& store = handle();
  std::size_t inside = 0;
  std::size_t called = 0;
  std::size_t started = 0;
  bool starting = false;
  const auto check = [&](const auto&...) {
    inside += starting ? 1U : 0U;
    ++called;
  };
  // Started on the handlers' own executor, where a dispatch would call them at once.
  boost::asio::post(own, [&] {
    starting = true;
    started = start_one_of_each(store, [&] { return boost::asio::bind_executor(own, check); });
    starting = false;
  });
  own.run();
  EXPECT_EQ(called, started);
  EXPECT_EQ(inside, 0U);
}

TEST_P(StoreContract, HandlersAreNotCalledInlineOnTheStoresExecutor) {
  boost::asio::io_context own(1);
  handle();  // makes the schema
  auto store = open(own.get_executor());
  std::size_t inside = 0;
  std::size_t called = 0;
  std::size_t started = 0;
  bool starting = false;
  const auto check = [&](const auto&...) {
    inside += starting ? 1U : 0U;
    ++called;
  };
  boost::asio::post(own, [&] {
    starting = true;
    started = start_one_of_each(*store, [&] { return check; });
    starting = false;
  });
  EXPECT_TRUE(run_until(own, [&] { return started > 0 && called == started; }));
  EXPECT_EQ(inside, 0U);
  store.reset();
  own.restart();
  own.run();
}

TEST_P(StoreContract, AnOperationGivesAFuture) {
  EXPECT_EQ(handle().async_append("s", 0, numbered_turn(0, 0), {}, boost::asio::use_future).get(), 1);
  auto loaded = handle().async_load("s", {}, boost::asio::use_future);
  EXPECT_EQ(loaded.get(), numbered_snapshot(1));
}

/// A turn as a coroutine takes it.
inline boost::asio::awaitable<std::int64_t> take_a_turn(session_store& store) {
  const auto loaded = co_await store.async_load("s", {.last = 1}, boost::asio::use_awaitable);
  const std::int64_t base = loaded ? loaded->version : 0;
  turn t = numbered_turn(base, base);
  co_return co_await store.async_append("s", base, std::move(t), {}, boost::asio::use_awaitable);
}

TEST_P(StoreContract, AnOperationCanBeAwaited) {
  for (std::int64_t v = 1; v <= 3; ++v) {
    EXPECT_EQ(boost::asio::co_spawn(executor(), take_a_turn(handle()), boost::asio::use_future).get(), v);
  }
  expect_stored("s", numbered_snapshot(3, 3));
}

TEST_P(StoreContract, ADeferredOperationTakesItsArgumentsAtTheCall) {
  std::string id = "s";
  std::string prefix = "s";
  snapshot snap = numbered_snapshot(1);
  turn t = numbered_turn(1, 1);
  auto save = handle().async_save(id, snap);
  auto append = handle().async_append(id, 1, t);
  auto list = handle().async_list({.prefix = prefix});
  auto load = handle().async_load(id);
  auto remove = handle().async_remove(id);
  id = "other";
  prefix = "other";
  snap = numbered_snapshot(9, 9);
  t = {};
  EXPECT_EQ(std::move(save)(boost::asio::use_future).get(), 1);
  EXPECT_EQ(std::move(append)(boost::asio::use_future).get(), 2);
  EXPECT_EQ(std::move(list)(boost::asio::use_future).get().size(), 1U);
  EXPECT_EQ(std::move(load)(boost::asio::use_future).get(), numbered_snapshot(2, 2));
  EXPECT_TRUE(std::move(remove)(boost::asio::use_future).get());
  EXPECT_TRUE(db().list().empty());
}

TEST_P(StoreContract, ADeferredOperationThatIsNotStartedDoesNothing) {
  { auto never = handle().async_save("s", numbered_snapshot(1)); }
  expect_absent("s");
}

TEST_P(StoreContract, DiagnosticsAreEmptyAfterSuccess) {
  diagnostics diag;
  const auto soil = [&diag] {
    diag = diagnostics();
    diag.message("old").server_message("old").code("old").versions(1, 2).offset(3).pointer("/old").limit(4, 5);
    diag.owner_address("old");
  };
  const auto expect_empty = [&diag](const char* operation) {
    EXPECT_EQ(diag.message() + diag.server_message() + diag.code(), "") << operation;
    EXPECT_FALSE(diag.stored_version() || diag.supplied_version() || diag.offset()) << operation;
    EXPECT_FALSE(diag.pointer() || diag.limit() || diag.size() || diag.owner_address()) << operation;
  };
  const auto check = [&](const char* operation, const std::function<void()>& call) {
    soil();
    call();
    expect_empty(operation);
  };
  check("ensure_schema", [&] { db().ensure_schema({.diag = &diag}); });
  check("save", [&] { db().save("s", numbered_snapshot(1), {.diag = &diag}); });
  check("append", [&] { db().append("s", 1, {}, {.diag = &diag}); });
  check("load", [&] { static_cast<void>(db().load("s", {.diag = &diag})); });
  if (GetParam().has_claims) {
    std::int64_t epoch = 0;
    check("claim", [&] { epoch = db().claim("s", "a", {.diag = &diag}).epoch; });
    check("renew", [&] { db().renew("s", epoch, std::chrono::seconds(1), {.diag = &diag}); });
    check("release", [&] { db().release("s", epoch, {.diag = &diag}); });
    check("sweep", [&] { db().sweep({.diag = &diag}); });
  }
  if (GetParam().has_message_ids) {
    check("find_turn", [&] { static_cast<void>(db().find_turn("s", message_id("m"), {.diag = &diag})); });
  }
  check("list", [&] { static_cast<void>(db().list({.diag = &diag})); });
  check("remove", [&] { db().remove("s", {.diag = &diag}); });
  check("close", [&] { db().close({.diag = &diag}); });
}

TEST_P(StoreContract, DiagnosticsOfAnErrorHoldNothingOld) {
  db().save("s", numbered_snapshot(4));
  diagnostics diag;
  diag.message("old").offset(3).pointer("/old").limit(4, 5);
  EXPECT_EQ(attempt([&] { return db().append("s", 1, {}, {.diag = &diag}); }).code, errc::concurrent_write);
  EXPECT_FALSE(diag.offset() || diag.pointer() || diag.limit() || diag.size());
  EXPECT_EQ(diag.stored_version(), 4);
}

TEST_P(StoreContract, ManyOperationsCanBeOutstandingAtOnce) {
  std::vector<std::future<std::int64_t>> writes;
  for (int i = 0; i < 100; ++i) {
    writes.push_back(handle(static_cast<std::size_t>(i % 2))
                         .async_append("s" + std::to_string(i), 0, numbered_turn(0, i), {}, boost::asio::use_future));
  }
  for (auto& write : writes) EXPECT_EQ(write.get(), 1);
  std::vector<std::future<std::optional<snapshot>>> reads;
  for (int i = 0; i < 100; ++i) {
    reads.push_back(handle().async_load("s" + std::to_string(i), {}, boost::asio::use_future));
  }
  for (int i = 0; i < 100; ++i) {
    const auto loaded = reads[static_cast<std::size_t>(i)].get();
    ASSERT_TRUE(loaded.has_value());
    ASSERT_EQ(loaded->history.size(), 1U);
    EXPECT_EQ(loaded->history[0], numbered_event(i));
  }
}

TEST_P(StoreContract, ATimeoutOfAnyLengthIsTaken) {
  EXPECT_EQ(db().append("s", 0, {}, {.timeout = std::chrono::milliseconds::max()}), 1);
  EXPECT_TRUE(db().load("s", {.timeout = std::chrono::milliseconds::max()}).has_value());
}

TEST_P(StoreContract, AWriteThatTimedOutWroteNothing) {
  constexpr std::chrono::milliseconds shortest(1);
  for (int i = 0; i < 30; ++i) {
    const std::string id = "s" + std::to_string(i);
    const auto written = attempt([&] { return db().append(id, 0, numbered_turn(0, 0), {.timeout = shortest}); });
    const auto read = attempt([&] { return db().load(id, {.timeout = shortest}); });
    EXPECT_TRUE(!read.code || read.code == errc::timed_out) << read.code.message();
    if (!written.code) {
      expect_stored(id, numbered_snapshot(1));
    } else if (written.code != errc::outcome_unknown) {
      EXPECT_EQ(written.code, errc::timed_out);
      expect_absent(id);
    }
  }
}

/// Starts an operation with `start(handler)`, lets it run for about `steps` small steps of work, cancels, and waits.
template <class T, class Start>
error_code cancelled_after(int steps, boost::asio::cancellation_type type, Start start) {
  boost::asio::io_context home;
  boost::asio::cancellation_signal signal;
  error_code result;
  int called = 0;
  auto handler = [&](error_code ec, T) {
    result = ec;
    ++called;
  };
  start(boost::asio::bind_cancellation_slot(signal.slot(), boost::asio::bind_executor(home, handler)));
  std::atomic<int> step{0};
  while (step < 100 * steps) ++step;  // so that cancellation meets the operation at different places
  signal.emit(type);
  home.run();
  signal.emit(type);  // done: no effect
  EXPECT_EQ(called, 1);
  return result;
}

TEST_P(StoreContract, ACancelledWriteTellsWhatItWrote) {
  using boost::asio::cancellation_type;
  for (int i = 0; i < 30; ++i) {
    const auto type = i % 3 == 0   ? cancellation_type::terminal
                      : i % 3 == 1 ? cancellation_type::partial
                                   : cancellation_type::total;
    const std::string id = "s" + std::to_string(i);
    const error_code ec = cancelled_after<std::int64_t>(
        i * i, type, [&](auto handler) { handle().async_append(id, 0, numbered_turn(0, 0), {}, std::move(handler)); });
    if (!ec) {
      expect_stored(id, numbered_snapshot(1));
    } else if (ec == errc::operation_aborted) {
      expect_absent(id);
    } else {
      EXPECT_EQ(ec, errc::outcome_unknown);
      EXPECT_NE(type, cancellation_type::total) << "nothing can be told of this write";
    }
  }
}

TEST_P(StoreContract, ACancelledReadIsAbortedOrDone) {
  db().save("s", numbered_snapshot(1));
  for (int i = 0; i < 30; ++i) {
    const error_code ec = cancelled_after<std::optional<snapshot>>(
        i * i, boost::asio::cancellation_type::terminal,
        [&](auto handler) { handle().async_load("s", {}, std::move(handler)); });
    EXPECT_TRUE(!ec || ec == errc::operation_aborted) << ec.message();
  }
  expect_stored("s", numbered_snapshot(1));
}

}  // namespace atto::testing
