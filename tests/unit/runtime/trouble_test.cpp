// Bad input, a store that fails, and ends in the middle of turns.

#include "unit/runtime/runtime_fixture.hpp"

#include "support/failure_of.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_future.hpp>

#include <gmock/gmock.h>

#include <future>
#include <thread>

namespace atto::test {
namespace {

using namespace std::chrono_literals;
using boost::asio::use_awaitable;

TEST_F(SessionRuntime, RefusesOptionsOutOfRangeAndMissingParts) {
  EXPECT_EQ(failure_of([&] { make(nullptr); }).code, errc::invalid_argument);
  EXPECT_EQ(failure_of([&] { make(echo, {.max_turns_per_session = 0}); }).code, errc::invalid_argument);
  EXPECT_EQ(failure_of([&] { make(echo, {.idle_timeout = 0ms}); }).code, errc::invalid_argument);
  EXPECT_EQ(failure_of([&] { session_runtime(context.get_executor(), nullptr, echo); }).code, errc::invalid_argument);
}

TEST_F(SessionRuntime, RefusesBadSessionIdsAndTimeouts) {
  make(echo);
  const auto no_id = run("", "1"), no_time = run("s", "1", -1ms);
  settle();
  EXPECT_EQ(no_id->code, errc::invalid_session_id);
  EXPECT_EQ(no_time->code, errc::invalid_argument);
}

TEST_F(SessionRuntime, AHandlerThatCallsForItsOwnSessionIsToldAtOnce) {
  struct calls {
    static boost::asio::awaitable<void> run(session_turn& t, session_runtime* r) {
      error_code ec;
      boost::asio::steady_timer away(co_await boost::asio::this_coro::executor, 0ms);
      co_await away.async_wait(use_awaitable);  // the rule holds wherever its coroutine goes on
      const std::string target(t.message() == json("1") ? "s" : "other");
      if (t.session_id() == "s") co_await r->async_run(target, json("3"), {}, redirect_error(use_awaitable, ec));
      t.emit(json(std::to_string(ec.value())));
    }
  };
  make([this](session_turn& t) { return calls::run(t, runtime.get()); });
  const auto itself = run("s", "1"), another = run("s", "2");
  finish(*another);
  EXPECT_EQ(itself->events, history{json(std::to_string(static_cast<int>(errc::would_deadlock)))});
  EXPECT_EQ(another->events, history{json("0")});
}

TEST_F(SessionRuntime, ACallerIsToldOfItsStoredTurnAlsoWhenTheNextOneCannotBegin) {
  make(echo);
  run("s", "0");
  settle();
  store->throws_questions = true;
  const auto first = run("s", "1");
  runtime->async_run("s", json("2"), {.message_id = message_id("2")}, [](error_code, const history&) {});
  context.restart();
  EXPECT_THROW(context.poll(), std::runtime_error);
  settle();
  EXPECT_EQ(first->code, error_code());
}

TEST_F(SessionRuntime, AHandlerMayCallAnotherRuntimeForASessionOfTheSameName) {
  const auto elsewhere = std::make_shared<scripted_store>(memory::open(context.get_executor()));
  session_runtime other(context.get_executor(), elsewhere, echo);
  struct calls {
    static boost::asio::awaitable<void> run(session_turn& t, session_runtime* r) {
      const history told = co_await r->async_run("s", json("2"), {}, use_awaitable);
      for (const json& event : told) t.emit(event);
    }
  };
  make([&other](session_turn& t) { return calls::run(t, &other); });
  const auto told = run("s", "1");
  finish(*told);
  EXPECT_EQ(told->events, history{json("2")});
}

TEST_F(SessionRuntime, LetsGoOfItsStoreWhenItIsDestroyedThoughNobodyRunsWhatIsOutstanding) {
  make(echo);
  store->holds = true;
  const auto hydrating = run("s", "1");
  settle();
  ASSERT_EQ(store->loads, 1);
  const auto inner = std::make_shared<scripted_store>(memory::open(context.get_executor()));
  const std::weak_ptr<scripted_store> left = store;
  store = inner;
  runtime.reset();
  EXPECT_TRUE(left.expired());
}

TEST_F(SessionRuntime, ATurnOfASessionAtTheHighestVersionIsRefusedAlsoWhenItReplacesTheHistory) {
  bool saved = false;
  store->async_save("s", snapshot(max_version, {}, {}), {}, [&](error_code ec, std::int64_t) { saved = !ec; });
  settle();
  ASSERT_TRUE(saved);
  struct compacts {
    static boost::asio::awaitable<void> run(session_turn& t) {
      if (t.message() == json("1")) t.replace_history({});
      co_return;
    }
  };
  make(compacts::run);
  for (const char* message : {"1", "2"}) {
    const auto told = run("s", message);
    finish(*told);
    EXPECT_EQ(told->code, errc::invalid_argument) << message;
  }
}

TEST_F(SessionRuntime, WhatATurnEmitsAfterItsEndIsRefused) {
  std::vector<error_code> told;
  struct clings {
    static boost::asio::awaitable<void> run(session_turn& t, std::vector<error_code>* told) {
      error_code ec;
      boost::asio::steady_timer for_ever(co_await boost::asio::this_coro::executor,
                                         std::chrono::steady_clock::time_point::max());
      co_await for_ever.async_wait(redirect_error(use_awaitable, ec));
      EXPECT_TRUE(t.cancelled());
      told->push_back(failure_of([&] { t.emit(json("1")); }).code);
    }
  };
  make([&](session_turn& t) { return clings::run(t, &told); });
  const auto late = run("s", "1", 1ms);
  finish(*late);
  settle();
  EXPECT_EQ(late->code, errc::timed_out);
  EXPECT_THAT(told, testing::ElementsAre(make_error_code(errc::operation_aborted)));
  EXPECT_EQ(stored("s"), std::nullopt);
}

TEST_F(SessionRuntime, AnEventPastTheSizeLimitIsTooLargeAndTheSessionGoesOn) {
  store = std::make_shared<scripted_store>(memory::open(context.get_executor(), {.max_session_bytes = 100}));
  make(echo);
  const auto large = run("s", '"' + std::string(200, 'x') + '"'), small = run("s", "1");
  settle();
  EXPECT_EQ(large->code, errc::too_large);
  EXPECT_EQ(small->code, error_code());
}

TEST_F(SessionRuntime, AStoreThatFailsOnHydrateFailsTheTurnAndTheNextTriesAgain) {
  make(echo);
  store->failing_loads = {errc::unavailable};
  const auto failed = run("s", "1"), next = run("s", "2");
  settle();
  EXPECT_EQ(failed->code, errc::unavailable);
  EXPECT_EQ(failed->diag.message(), "as the script says");
  EXPECT_EQ(next->code, error_code());
}

TEST_F(SessionRuntime, AStoreThatFailsOnAppendFailsTheTurnAndTheNextStandsOnTheLastDurableSnapshot) {
  make(echo);
  run("s", "1");
  settle();
  store->failing_writes = {errc::unavailable};
  const auto failed = run("s", "2"), next = run("s", "3");
  settle();
  EXPECT_EQ(failed->code, errc::unavailable);
  EXPECT_EQ(next->code, error_code());
  EXPECT_EQ(store->loads, 1);
  EXPECT_EQ(stored("s")->history, (history{json("1"), json("3")}));
}

TEST_F(SessionRuntime, AfterAnUnknownOutcomeTheSessionIsReadAnew) {
  make(echo);
  run("s", "1");
  settle();
  store->failing_writes = {errc::outcome_unknown};
  const auto unknown = run("s", "2"), next = run("s", "3");
  settle();
  EXPECT_EQ(unknown->code, errc::outcome_unknown);
  EXPECT_EQ(next->code, error_code());
  EXPECT_EQ(store->loads, 2);
}

TEST_F(SessionRuntime, AThousandMessagesAtOnceRunInOrderOrAreRefused) {
  make(echo, {.max_turns_per_session = 600});
  std::vector<std::shared_ptr<turn_result>> all;
  for (int i = 0; i < 1000; ++i) all.push_back(run("s", std::to_string(i)));
  settle();
  for (std::size_t i = 0; i < all.size(); ++i) {
    EXPECT_EQ(all[i]->code, i < 600 ? error_code() : make_error_code(errc::session_backlog_full)) << i;
  }
  const auto s = stored("s");
  ASSERT_EQ(s->history.size(), 600U);
  for (std::size_t i = 0; i < 600; ++i) EXPECT_EQ(s->history[i], json(std::to_string(i)));
}

class SessionRuntimeStop : public SessionRuntime {
 protected:
  void stop(std::chrono::milliseconds timeout) {
    runtime->async_stop(timeout, [this](error_code ec, const std::vector<unfinished_turn>& turns) {
      EXPECT_EQ(ec, error_code());
      cut = turns;
    });
  }
  void wait_for_stop() {
    context.restart();
    while (!cut) context.run_one();
  }

  std::optional<std::vector<unfinished_turn>> cut;
};

TEST_F(SessionRuntimeStop, StoppingLetsAcceptedTurnsEndAndRefusesNewOnes) {
  make(echo);
  const auto running = run("s", "1"), waiting = run("s", "2");
  stop(1h);
  const auto refused = run("s", "3");
  wait_for_stop();
  settle();
  EXPECT_EQ(running->code, error_code());
  EXPECT_EQ(waiting->code, error_code());
  EXPECT_EQ(refused->code, errc::runtime_stopped);
  EXPECT_TRUE(cut->empty());
  EXPECT_EQ(runtime->live_sessions(), 0U);
}

TEST_F(SessionRuntimeStop, StoppingReturnsWhatItHadToCut) {
  struct waits {
    static boost::asio::awaitable<void> run(session_turn&) {
      boost::asio::steady_timer for_ever(co_await boost::asio::this_coro::executor,
                                         std::chrono::steady_clock::time_point::max());
      co_await for_ever.async_wait(use_awaitable);
    }
  };
  make(waits::run);
  const auto running = run("s", "1"), waiting = run("s", "2");
  settle();
  stop(1ms);
  wait_for_stop();
  settle();
  EXPECT_EQ(running->code, errc::runtime_stopped);
  EXPECT_EQ(waiting->code, errc::runtime_stopped);
  ASSERT_EQ(cut->size(), 2U);
  EXPECT_EQ(cut->at(0).at, unfinished_turn::stage::running);
  EXPECT_EQ(cut->at(1).at, unfinished_turn::stage::waiting);
  EXPECT_EQ(stored("s"), std::nullopt);
}

TEST_F(SessionRuntimeStop, StoppingWithNothingToDoEndsAtOnceAndTwiceIsHarmless) {
  make(echo);
  stop(1h);
  settle();
  ASSERT_TRUE(cut);
  cut.reset();
  stop(1h);
  settle();
  EXPECT_TRUE(cut);
}

TEST_F(SessionRuntimeStop, AStoppedRuntimeLeavesTheExecutorNoWork) {
  make(echo);
  const auto ended = run("s", "1");
  settle();
  EXPECT_FALSE(context.stopped());
  stop(1h);
  settle();
  EXPECT_TRUE(context.stopped());
}

TEST_F(SessionRuntimeStop, StoppingDuringHydrateCutsTheTurn) {
  make(echo);
  store->holds = true;
  const auto hydrating = run("s", "1");
  settle();
  stop(0ms);
  wait_for_stop();
  ASSERT_EQ(cut->size(), 1U);
  EXPECT_EQ(cut->at(0).at, unfinished_turn::stage::waiting);
  store->release();
  settle();
  EXPECT_EQ(hydrating->code, errc::runtime_stopped);
  EXPECT_EQ(store->writes, 0);
}

TEST_F(SessionRuntimeStop, ATurnThatIsBeingStoredIsNotCutAndItsCallerIsTold) {
  make(echo);
  finish(*run("s", "0"));
  store->holds = true;
  const auto storing = run("s", "1");
  settle();
  stop(0ms);
  wait_for_stop();
  ASSERT_EQ(cut->size(), 1U);
  EXPECT_EQ(cut->at(0).at, unfinished_turn::stage::storing);
  store->release();
  settle();
  EXPECT_EQ(storing->code, error_code());
  EXPECT_EQ(runtime->stats().stopped, 0U);
  EXPECT_EQ(stored("s")->version, 2);
}

TEST_F(SessionRuntimeStop, StoppingWithVeryManyTurnsCutsEachOnce) {
  make(echo, {.max_turns_per_session = 20'000});
  store->holds = true;
  for (int i = 0; i < 20'000; ++i) run("s" + std::to_string(i % 400), "1");
  settle();
  stop(0ms);
  settle();  // it took a minute when each cut looked at all others
  ASSERT_TRUE(cut);
  EXPECT_EQ(cut->size(), 20'000U);
  EXPECT_EQ(runtime->stats().stopped, 20'000U);
}

TEST_F(SessionRuntime, ARefusedTurnMayBeCancelled) {
  class cancels final : public runtime_observer {
   public:
    explicit cancels(boost::asio::cancellation_signal& s) : signal(s) {}
    void on_backlog_refused(std::string_view) noexcept override { signal.emit(boost::asio::cancellation_type::total); }
    boost::asio::cancellation_signal& signal;
  };
  boost::asio::cancellation_signal signal;
  store->holds = true;
  make(echo, {.max_waiting_turns = 1, .observer = std::make_shared<cancels>(signal)});
  run("s", "1");
  const auto refused = run("t", "2", 0ms, signal.slot());
  settle();
  EXPECT_EQ(refused->code, errc::session_backlog_full);
}

TEST_F(SessionRuntime, ASessionIsNeverPassivatedForBeingIdleWhenThatTimeIsForEver) {
  make(echo, {.idle_timeout = std::chrono::milliseconds::max()});
  finish(*run("s", "1"));
  finish(*run("s", "2"));
  EXPECT_EQ(store->loads, 1);
  EXPECT_EQ(runtime->stats().passivations, 0U);
}

TEST_F(SessionRuntime, EveryHandlerRunsWhenTheRuntimeIsDestroyedWithTurnsInFlight) {
  make(echo);
  run("s", "0");
  settle();
  store->holds = true;
  const auto storing = run("s", "1"), waiting = run("s", "2"), hydrating = run("t", "3");
  settle();
  runtime.reset();
  settle();
  EXPECT_EQ(waiting->code, errc::runtime_stopped);
  EXPECT_EQ(hydrating->code, errc::runtime_stopped);
  store->release();
  settle();
  EXPECT_EQ(storing->code, error_code());
  EXPECT_EQ(stored("s")->version, 2);
  EXPECT_EQ(stored("t"), std::nullopt);
}

TEST_F(SessionRuntime, APlainFunctionRunsOnThePoolItIsGiven) {
  boost::asio::thread_pool pool(1);
  const auto here = std::this_thread::get_id();
  runtime = std::make_unique<session_runtime>(context.get_executor(), store, pool.get_executor(),
                                              blocking_turn_handler([here](session_turn& t) {
                                                EXPECT_NE(std::this_thread::get_id(), here);
                                                t.emit(t.message());
                                              }));
  const auto r = run("s", "1");
  const auto busy = boost::asio::make_work_guard(context);
  finish(*r);
  EXPECT_EQ(r->events, history{json("1")});
  pool.join();
}

TEST_F(SessionRuntime, APlainFunctionIsNotCalledForATurnThatWasCutWhileThePoolWasBusy) {
  boost::asio::thread_pool pool(1);
  std::promise<void> busy;
  boost::asio::post(pool, [is_over = busy.get_future().share()] { is_over.wait(); });
  int calls = 0;
  runtime = std::make_unique<session_runtime>(context.get_executor(), store, pool.get_executor(),
                                              blocking_turn_handler([&](session_turn&) { ++calls; }));
  boost::asio::cancellation_signal signal;
  const auto cut = run("s", "1", 0ms, signal.slot());
  settle();
  signal.emit(boost::asio::cancellation_type::terminal);
  const auto next = run("s", "2");
  busy.set_value();
  const auto work = boost::asio::make_work_guard(context);
  finish(*next);
  EXPECT_EQ(cut->code, errc::operation_aborted);
  EXPECT_EQ(next->code, error_code());
  pool.join();
  EXPECT_EQ(calls, 1);
}

TEST_F(SessionRuntime, APlainFunctionSeesThatItWasCancelled) {
  boost::asio::thread_pool pool(1);
  runtime = std::make_unique<session_runtime>(context.get_executor(), store, pool.get_executor(),
                                              blocking_turn_handler([](session_turn& t) {
                                                while (!t.cancelled()) std::this_thread::yield();
                                              }));
  const auto r = run("s", "1", 1ms);
  const auto busy = boost::asio::make_work_guard(context);
  finish(*r);
  EXPECT_EQ(r->code, errc::timed_out);
  pool.join();
  settle();
  EXPECT_EQ(store->writes, 0);
}

TEST(SessionRuntimeThreads, ManyCallersOfManySessionsOnManyThreadsLoseNothing) {
  boost::asio::thread_pool threads(4);
  const std::shared_ptr<session_store> store = memory::open(threads.get_executor());
  std::optional<session_runtime> runtime;
  runtime.emplace(threads.get_executor(), store, echo,
                  runtime_options{.max_turns_per_session = 1000, .max_live_sessions = 5});
  std::vector<std::future<history>> all;
  for (int i = 0; i < 2000; ++i) {
    all.push_back(
        runtime->async_run("s" + std::to_string(i % 10), json(std::to_string(i)), {}, boost::asio::use_future));
  }
  for (auto& f : all) EXPECT_EQ(f.get().size(), 1U);
  std::size_t events = 0;
  for (int i = 0; i < 10; ++i) {
    events += store->async_load("s" + std::to_string(i), {}, boost::asio::use_future).get()->history.size();
  }
  EXPECT_EQ(events, 2000U);
  runtime.reset();
  threads.join();
}

}  // namespace
}  // namespace atto::test
