// What a runtime tells of itself: its numbers, and its observer.

#include "unit/runtime/runtime_fixture.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_future.hpp>

#include <gmock/gmock.h>

#include <atomic>
#include <future>
#include <stdexcept>

namespace atto::test {
namespace {

using namespace std::chrono_literals;
using boost::asio::use_awaitable;
using testing::ElementsAre;

/// Writes down what it is told, a line each.
class noting_observer final : public runtime_observer {
 public:
  void on_turn_started(std::string_view id, std::chrono::nanoseconds waiting) noexcept override {
    note("started", id);
    waited.push_back(waiting);
  }
  void on_turn_ended(const turn_outcome& t) noexcept override {
    note(t.ec ? "ended with " + t.ec.message() : "ended", t.session_id);
    ended.push_back(t);
    ended.back().session_id = {};
    if (at_end) at_end();
  }
  void on_hydrated(std::string_view id, std::chrono::nanoseconds took, const error_code& ec) noexcept override {
    note(ec ? "not hydrated" : "hydrated", id);
    hydrations.push_back(took);
  }
  void on_passivated(std::string_view id, bool evicted) noexcept override {
    note(evicted ? "evicted" : "passivated", id);
  }
  void on_conflict(std::string_view id, bool reruns) noexcept override {
    note(reruns ? "conflict, reruns" : "conflict", id);
  }
  void on_backlog_refused(std::string_view id) noexcept override { note("refused", id); }

  std::vector<std::string> told;
  std::vector<std::chrono::nanoseconds> waited, hydrations;
  std::vector<turn_outcome> ended;
  std::function<void()> at_end;

 private:
  void note(const std::string& what, std::string_view id) { told.push_back(what + ": " + std::string(id)); }
};

class SessionRuntimeObserver : public SessionRuntime {
 protected:
  void make_observed(turn_handler h, runtime_options o = {}) {
    o.observer = observer;
    make(std::move(h), std::move(o));
  }

  std::shared_ptr<noting_observer> observer = std::make_shared<noting_observer>();
};

boost::asio::awaitable<void> throws_at_2(session_turn& t) {
  if (t.message() == json("2")) throw std::runtime_error("its own words");
  co_return;
}

boost::asio::awaitable<void> waits_for_ever(session_turn&) {
  boost::asio::steady_timer for_ever(co_await boost::asio::this_coro::executor,
                                     std::chrono::steady_clock::time_point::max());
  co_await for_ever.async_wait(use_awaitable);
}

TEST_F(SessionRuntimeObserver, ItIsToldOfATurnInTheOrderOfWhatHappens) {
  make_observed(echo);
  run("s", "1");
  settle();
  EXPECT_THAT(observer->told, ElementsAre("hydrated: s", "started: s", "ended: s"));
  run("s", "2");
  settle();
  EXPECT_THAT(observer->told, ElementsAre("hydrated: s", "started: s", "ended: s", "started: s", "ended: s"));
}

TEST_F(SessionRuntimeObserver, ItIsToldBeforeTheCallerOfTheTurn) {
  make_observed(echo);
  bool caller_told = false, first = false;
  observer->at_end = [&] { first = !caller_told; };
  runtime->async_run("s", json("1"), {}, [&](error_code, const history&) { caller_told = true; });
  settle();
  EXPECT_TRUE(caller_told);
  EXPECT_TRUE(first);
}

TEST_F(SessionRuntimeObserver, ItMayCallTheRuntime) {
  make_observed(echo);
  runtime_stats seen;
  observer->at_end = [&] { seen = runtime->stats(); };
  run("s", "1");
  settle();
  EXPECT_EQ(seen.done, 1U);
}

TEST_F(SessionRuntimeObserver, ItMayCallForTheSessionOfATurnThatFailed) {
  make_observed(throws_at_2);
  run("s", "1");
  settle();
  std::shared_ptr<turn_result> next;
  observer->at_end = [&] {
    observer->at_end = nullptr;
    next = run("s", "3");
  };
  run("s", "2");
  settle();
  ASSERT_NE(next, nullptr);
  EXPECT_EQ(next->code, error_code());
}

TEST_F(SessionRuntimeObserver, ItIsToldHowLongATurnWaitedAndRan) {
  make_observed(echo);
  const auto before = std::chrono::steady_clock::now();
  run("s", "1");
  settle();
  const auto all = std::chrono::steady_clock::now() - before;
  ASSERT_EQ(observer->ended.size(), 1U);
  const turn_outcome& t = observer->ended.front();
  EXPECT_GT(t.waiting, 0ns);
  EXPECT_GT(t.running, 0ns);
  EXPECT_LE(t.waiting + t.running, all);
  EXPECT_THAT(observer->waited, ElementsAre(t.waiting));
  ASSERT_EQ(observer->hydrations.size(), 1U);
  EXPECT_GT(observer->hydrations[0], 0ns);
  EXPECT_LE(observer->hydrations[0], t.waiting);
}

TEST_F(SessionRuntimeObserver, ATurnThatNeverRanHasOnlyWaited) {
  make_observed(waits_for_ever);
  boost::asio::cancellation_signal signal;
  run("s", "1");
  run("s", "2", 0ms, signal.slot());
  settle();
  signal.emit(boost::asio::cancellation_type::terminal);
  ASSERT_EQ(observer->ended.size(), 1U);
  EXPECT_EQ(observer->ended[0].ec, errc::operation_aborted);
  EXPECT_GT(observer->ended[0].waiting, 0ns);
  EXPECT_EQ(observer->ended[0].running, 0ns);
}

TEST_F(SessionRuntimeObserver, ItIsToldOfEveryRaceAndOfTheTurnOnce) {
  make_observed(echo, {.conflict = on_conflict::rerun, .max_reruns = 1});
  store->failing_writes.assign(2, errc::concurrent_write);
  run("s", "1");
  settle();
  EXPECT_THAT(observer->told,
              ElementsAre("hydrated: s", "started: s", "conflict, reruns: s", "hydrated: s", "conflict: s",
                          "ended with " + make_error_code(errc::concurrent_write).message() + ": s"));
  EXPECT_EQ(observer->ended[0].reruns, 1U);
}

TEST_F(SessionRuntimeObserver, ItIsToldOfWhatIsPassivatedEvictedAndRefused) {
  make_observed(echo, {.max_turns_per_session = 1, .max_live_sessions = 1});
  run("a", "1");
  run("a", "2");
  settle();
  run("b", "1");
  settle();
  stop();
  EXPECT_THAT(observer->told, ElementsAre("refused: a", "hydrated: a", "started: a", "ended: a", "hydrated: b",
                                          "started: b", "ended: b", "evicted: a", "passivated: b"));
}

TEST_F(SessionRuntimeObserver, ItIsToldOfALoadThatFailed) {
  make_observed(echo);
  store->failing_loads = {errc::unavailable};
  run("s", "1");
  settle();
  EXPECT_THAT(observer->told,
              ElementsAre("not hydrated: s", "ended with " + make_error_code(errc::unavailable).message() + ": s"));
}

TEST_F(SessionRuntimeObserver, ItIsToldOfTurnsThatEndAfterTheRuntime) {
  make_observed(echo);
  run("s", "1");
  settle();
  store->holds = true;
  run("s", "2");
  settle();
  runtime.reset();
  const std::weak_ptr<noting_observer> shared = observer;
  store->release();
  settle();
  EXPECT_EQ(observer->told.back(), "passivated: s");
  EXPECT_EQ(observer->ended.size(), 2U);
  EXPECT_FALSE(observer->ended[1].ec);
  observer.reset();
  EXPECT_TRUE(shared.expired());
}

TEST(SessionRuntimeObserverThreads, EveryTurnThatStartsEndsOnceOnManyThreads) {
  class counting_observer final : public runtime_observer {
   public:
    void on_turn_started(std::string_view, std::chrono::nanoseconds) noexcept override { ++started; }
    void on_turn_ended(const turn_outcome&) noexcept override { ++ended; }
    std::atomic<int> started = 0, ended = 0;
  };
  const auto observer = std::make_shared<counting_observer>();
  boost::asio::thread_pool threads(4);
  const std::shared_ptr<session_store> store = memory::open(threads.get_executor());
  std::optional<session_runtime> runtime;
  runtime.emplace(threads.get_executor(), store, echo,
                  runtime_options{.max_turns_per_session = 500, .max_live_sessions = 3, .observer = observer});
  std::vector<std::future<history>> all;
  for (int i = 0; i < 500; ++i) {
    all.push_back(runtime->async_run("s" + std::to_string(i % 7), json("1"), {}, boost::asio::use_future));
  }
  for (auto& f : all) f.get();
  EXPECT_EQ(runtime->stats().done, 500U);
  EXPECT_EQ(observer->started, 500);
  EXPECT_EQ(observer->ended, 500);
  runtime.reset();
  threads.join();
}

using SessionRuntimeStats = SessionRuntime;

TEST_F(SessionRuntimeStats, TheyCountTheSessionsInMemoryAndTheirBytes) {
  make(echo);
  EXPECT_EQ(runtime->stats().live_bytes, 0U);
  run("session", "\"xxxxxxxx\"");
  settle();
  const runtime_stats s = runtime->stats();
  EXPECT_EQ(s.live_sessions, 1U);
  EXPECT_GE(s.live_bytes, std::string("session").size() + 10);
  EXPECT_LT(s.live_bytes, 100U);
}

TEST_F(SessionRuntimeStats, TheyCountTheTurnsThatWaitAndThoseThatRun) {
  make(waits_for_ever);
  for (const char* message : {"1", "2", "3"}) run("a", message);
  run("b", "1");
  EXPECT_EQ(runtime->stats().waiting_turns, 2U);
  EXPECT_EQ(runtime->stats().running_turns, 2U);
  settle();
  EXPECT_EQ(runtime->stats().running_turns, 2U);
  stop();
  EXPECT_EQ(runtime->stats().waiting_turns, 0U);
  EXPECT_EQ(runtime->stats().running_turns, 0U);
  EXPECT_EQ(runtime->stats().stopped, 4U);
}

TEST_F(SessionRuntimeStats, EveryTurnEndsAsExactlyOneKind) {
  make(throws_at_2);
  run("s", "1");
  run("s", "2");
  settle();
  store->failing_writes = {errc::concurrent_write, errc::unavailable};
  run("s", "1");
  run("s", "1");
  settle();
  boost::asio::cancellation_signal signal;
  store->holds = true;
  run("new", "1", 0ms, signal.slot());
  const auto late = run("another", "1", 1ms);
  finish(*late);
  signal.emit(boost::asio::cancellation_type::terminal);
  const runtime_stats s = runtime->stats();
  EXPECT_EQ(s.done, 1U);
  EXPECT_EQ(s.failed, 2U);
  EXPECT_EQ(s.conflict, 1U);
  EXPECT_EQ(s.cancelled, 1U);
  EXPECT_EQ(s.timed_out, 1U);
  EXPECT_EQ(s.stopped, 0U);
  EXPECT_EQ(s.waiting_turns + s.running_turns, 0U);
  store->release();
}

TEST_F(SessionRuntimeStats, TheyCountHydrationsPassivationsRacesAndRefusals) {
  make(echo, {.max_turns_per_session = 1, .max_live_sessions = 1, .conflict = on_conflict::rerun});
  run("a", "1");
  run("a", "2");
  settle();
  store->failing_writes = {errc::concurrent_write};
  run("b", "1");
  settle();
  store->failing_loads = {errc::unavailable};
  run("c", "1");
  settle();
  runtime_stats s = runtime->stats();
  EXPECT_EQ(s.backlog_refusals, 1U);
  EXPECT_EQ(s.hydrations, 4U);
  EXPECT_EQ(s.failed_hydrations, 1U);
  EXPECT_EQ(s.conflicts, 1U);
  EXPECT_EQ(s.reruns, 1U);
  EXPECT_EQ(s.passivations, 1U);
  EXPECT_EQ(s.evictions, 1U);
  stop();
  s = runtime->stats();
  EXPECT_EQ(s.passivations, 2U);
  EXPECT_EQ(s.evictions, 1U);
}

}  // namespace
}  // namespace atto::test
