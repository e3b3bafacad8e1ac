// What session_runtime promises: a test of each sentence of its header.

#include "unit/runtime/runtime_fixture.hpp"

#include <atto/store_requests.hpp>

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_future.hpp>

#include <gmock/gmock.h>

#include <barrier>
#include <future>
#include <stdexcept>

namespace atto::test {
namespace {

using namespace std::chrono_literals;
using boost::asio::use_awaitable;

/// Emits its message after it was let go; tells when it began.
turn_handler waits_at(gate& g, std::vector<std::string>& begun) {
  struct at_gate {
    static boost::asio::awaitable<void> run(session_turn& t, gate* g, std::vector<std::string>* begun) {
      begun->emplace_back(t.message().text());
      co_await g->async_receive(use_awaitable);
      t.emit(t.message());
    }
  };
  return [&g, &begun](session_turn& t) { return at_gate::run(t, &g, &begun); };
}

class SessionRuntimeGate : public SessionRuntime {
 protected:
  void make_waiting(runtime_options o = {}) { make(waits_at(at, begun), o); }
  void let_go() {
    at.try_send(error_code());
    settle();
  }

  gate at{context, 100};
  std::vector<std::string> begun;
};

TEST_F(SessionRuntimeGate, TurnsOfOneSessionRunOneAfterAnotherInTheOrderOfArrival) {
  make_waiting();
  const auto first = run("s", "1"), second = run("s", "2"), third = run("s", "3");
  settle();
  EXPECT_THAT(begun, testing::ElementsAre("1"));
  let_go();
  EXPECT_TRUE(first->code);
  EXPECT_THAT(begun, testing::ElementsAre("1", "2"));
  let_go();
  let_go();
  EXPECT_TRUE(third->code);
  EXPECT_EQ(stored("s")->history, (history{json("1"), json("2"), json("3")}));
  EXPECT_EQ(stored("s")->version, 3);
}

TEST_F(SessionRuntimeGate, TurnsOfDifferentSessionsRunAtTheSameTime) {
  make_waiting();
  const auto a = run("a", "1"), b = run("b", "2");
  settle();
  EXPECT_THAT(begun, testing::UnorderedElementsAre("1", "2"));
  let_go();
  let_go();
  EXPECT_TRUE(a->code && b->code);
}

TEST(SessionRuntimeThreads, TurnsOfDifferentSessionsRunOnEveryThreadOfTheExecutor) {
  boost::asio::thread_pool threads(2);
  std::barrier together(2);
  struct meets {
    static boost::asio::awaitable<void> run(session_turn&, std::barrier<>* b) {
      b->arrive_and_wait();
      co_return;
    }
  };
  const std::shared_ptr<session_store> store = memory::open(threads.get_executor());
  std::optional<session_runtime> runtime;
  runtime.emplace(threads.get_executor(), store, [&](session_turn& t) { return meets::run(t, &together); });
  auto a = runtime->async_run("a", json("1"), {}, boost::asio::use_future);
  auto b = runtime->async_run("b", json("2"), {}, boost::asio::use_future);
  a.get();
  b.get();
  runtime.reset();
  threads.join();
}

TEST(SessionRuntimeThreads, TurnsOfLiveSessionsRunBesideWhoStartsThemOnAThreadOfTheExecutor) {
  boost::asio::thread_pool threads(2);
  std::barrier together(2);
  struct meets {
    static boost::asio::awaitable<void> run(session_turn& t, std::barrier<>* b) {
      if (t.history().size() == 1) b->arrive_and_wait();
      t.emit(t.message());
      co_return;
    }
  };
  const std::shared_ptr<session_store> store = memory::open(threads.get_executor());
  std::optional<session_runtime> runtime;
  runtime.emplace(threads.get_executor(), store, [&](session_turn& t) { return meets::run(t, &together); });
  for (const char* id : {"a", "b"}) runtime->async_run(id, json("1"), {}, boost::asio::use_future).get();
  std::promise<std::pair<std::future<history>, std::future<history>>> started;
  boost::asio::post(threads, [&] {
    auto a = runtime->async_run("a", json("2"), {}, boost::asio::use_future);
    auto b = runtime->async_run("b", json("2"), {}, boost::asio::use_future);
    started.set_value({std::move(a), std::move(b)});
  });
  auto [a, b] = started.get_future().get();
  a.get();
  b.get();
  runtime.reset();
  threads.join();
}

TEST_F(SessionRuntimeGate, AFullMailboxRefusesAtOnce) {
  make_waiting({.max_turns_per_session = 2});
  const auto running = run("s", "1"), waiting = run("s", "2"), refused = run("s", "3"), other = run("t", "4");
  settle();
  EXPECT_EQ(refused->code, errc::session_backlog_full);
  EXPECT_FALSE(running->code || waiting->code || other->code);
  for (int i = 0; i < 3; ++i) let_go();
}

TEST_F(SessionRuntimeGate, TheTurnsOfAllSessionsTogetherAreBoundedToo) {
  make_waiting({.max_waiting_turns = 2});
  const auto a = run("a", "1"), b = run("b", "2"), refused = run("c", "3");
  settle();
  EXPECT_EQ(refused->code, errc::session_backlog_full);
  let_go();
  let_go();
  const auto later = run("c", "4");
  settle();
  let_go();
  EXPECT_EQ(later->code, error_code());
}

TEST_F(SessionRuntime, ACallerGetsItsEventsOnceTheyAreDurableNeverBefore) {
  make(echo);
  const auto warm = run("s", "0");
  settle();
  store->holds = true;
  std::vector<std::string> streamed;
  turn_result r;
  runtime->async_stream(
      "s", json("1"), [&](const turn_event& e) { streamed.emplace_back(e.event.text()); }, {},
      [&](error_code ec, history events) {
        r.code = ec;
        r.events = std::move(events);
      });
  settle();
  EXPECT_THAT(streamed, testing::ElementsAre("1"));
  EXPECT_FALSE(r.code);
  store->release();
  settle();
  EXPECT_EQ(r.code, error_code());
  EXPECT_EQ(r.events, history{json("1")});
}

boost::asio::awaitable<void> changes_and_throws(session_turn& t) {
  t.emit(json("\"lost\""));
  t.state().set("k", json("\"lost\""));
  if (t.message() == json("1")) throw std::runtime_error("its own words");
  co_return;
}

TEST_F(SessionRuntime, ATurnThatThrowsLeavesNothingBehind) {
  make(changes_and_throws);
  const auto thrown = run("s", "1");
  settle();
  EXPECT_EQ(thrown->code, errc::handler_failed);
  EXPECT_EQ(thrown->diag.server_message(), "its own words");
  EXPECT_EQ(stored("s"), std::nullopt);
  const auto next = run("s", "2");
  settle();
  EXPECT_EQ(next->code, error_code());
  EXPECT_EQ(stored("s")->version, 1);
}

boost::asio::awaitable<void> never_ends(session_turn& t) {
  t.emit(json("\"lost\""));
  t.state().set("k", json("\"lost\""));
  boost::asio::steady_timer for_ever(co_await boost::asio::this_coro::executor);
  if (t.message() == json("1")) {
    for_ever.expires_at(std::chrono::steady_clock::time_point::max());
    co_await for_ever.async_wait(use_awaitable);
  }
}

TEST_F(SessionRuntime, ATurnThatTimesOutLeavesNothingBehind) {
  make(never_ends);
  const auto late = run("s", "1", 1ms), behind = run("s", "2");
  finish(*behind);
  EXPECT_EQ(late->code, errc::timed_out);
  EXPECT_EQ(behind->code, error_code());
  EXPECT_EQ(stored("s")->version, 1);
  EXPECT_EQ(stored("s")->history.size(), 1U);
}

TEST_F(SessionRuntime, ATurnThatIsCancelledLeavesNothingBehind) {
  make(never_ends);
  boost::asio::cancellation_signal signal, waiting_signal;
  const auto cancelled = run("s", "1", 0ms, signal.slot()), waiting = run("s", "1", 0ms, waiting_signal.slot());
  const auto behind = run("s", "2");
  settle();
  waiting_signal.emit(boost::asio::cancellation_type::total);
  signal.emit(boost::asio::cancellation_type::terminal);
  settle();
  EXPECT_EQ(cancelled->code, errc::operation_aborted);
  EXPECT_EQ(waiting->code, errc::operation_aborted);
  EXPECT_EQ(behind->code, error_code());
  EXPECT_EQ(stored("s")->version, 1);
}

TEST_F(SessionRuntime, AHandlerIsNotCalledForATurnThatWasCutBeforeIt) {
  int calls = 0;
  make([&calls](session_turn& t) {
    ++calls;
    return echo(t);
  });
  run("s", "1");
  settle();
  boost::asio::cancellation_signal signal;
  const auto cut = run("s", "2", 0ms, signal.slot());
  EXPECT_EQ(calls, 1) << "called by who starts the turn";
  signal.emit(boost::asio::cancellation_type::terminal);
  const auto next = run("s", "3");
  settle();
  EXPECT_EQ(cut->code, errc::operation_aborted);
  EXPECT_EQ(next->code, error_code());
  EXPECT_EQ(calls, 2);
}

TEST_F(SessionRuntime, TheStateAndTheHistoryOfATurnAreThoseThatTheLastOneLeft) {
  struct counts {
    static boost::asio::awaitable<void> run(session_turn& t) {
      t.state().set("turns", json(std::to_string(t.history().size() + 1)));
      t.emit(json(std::to_string(t.version())));
      co_return;
    }
  };
  make(counts::run);
  for (int i = 0; i < 3; ++i) run("s", "1");
  settle();
  EXPECT_EQ(stored("s")->state.stored(), json(R"({"turns":3})"));
  EXPECT_EQ(stored("s")->history, (history{json("0"), json("1"), json("2")}));
}

class SessionRuntimeRace : public SessionRuntime {
 protected:
  void another_writes(std::int64_t base) {
    store->async_append("s", base, turn({}, history{json("\"other\"")}), {}, [](error_code, std::int64_t) {});
    --store->writes;
    settle();
  }
};

TEST_F(SessionRuntimeRace, ATurnThatLostARaceIsToldSoAndTheNextSeesTheNewSnapshot) {
  make(echo);
  run("s", "1");
  settle();
  another_writes(1);
  const auto lost = run("s", "2");
  settle();
  EXPECT_EQ(lost->code, errc::concurrent_write);
  EXPECT_EQ(lost->diag.stored_version(), 2);
  const auto next = run("s", "3");
  settle();
  EXPECT_EQ(next->code, error_code());
  EXPECT_EQ(stored("s")->history, (history{json("1"), json("\"other\""), json("3")}));
}

TEST_F(SessionRuntimeRace, ATurnThatLostARaceRunsAgainOnTheNewSnapshotWhenItMay) {
  make(echo, {.conflict = on_conflict::rerun});
  run("s", "1");
  settle();
  another_writes(1);
  std::vector<turn_event::kind> told;
  std::optional<error_code> code;
  runtime->async_stream(
      "s", json("2"), [&](const turn_event& e) { told.push_back(e.what); }, {},
      [&](error_code ec, const history&) { code = ec; });
  settle();
  EXPECT_EQ(code, error_code());
  using kind = turn_event::kind;
  EXPECT_THAT(told, testing::ElementsAre(kind::emitted, kind::restarted, kind::emitted));
  EXPECT_EQ(stored("s")->version, 3);
}

TEST_F(SessionRuntime, ATurnRunsAgainABoundedNumberOfTimes) {
  make(echo, {.conflict = on_conflict::rerun, .max_reruns = 2});
  store->failing_writes.assign(3, errc::concurrent_write);
  const auto lost = run("s", "1");
  settle();
  EXPECT_EQ(lost->code, errc::concurrent_write);
  EXPECT_EQ(store->writes, 3);
}

TEST_F(SessionRuntime, ASessionIsHydratedWithOneLoadEvenWhenManyMessagesArriveAtOnce) {
  make(echo);
  for (int i = 0; i < 50; ++i) run("s", std::to_string(i));
  settle();
  EXPECT_EQ(store->loads, 1);
  EXPECT_EQ(store->writes, 50);
  EXPECT_EQ(stored("s")->version, 50);
}

TEST_F(SessionRuntime, AnIdleSessionIsPassivatedAndHydratedAgainByTheNextMessage) {
  make(echo, {.idle_timeout = 1ms});
  run("s", "1");
  context.run();  // ends when no timer is left
  EXPECT_EQ(runtime->live_sessions(), 0U);
  const auto next = run("s", "2");
  finish(*next);
  EXPECT_EQ(next->code, error_code());
  EXPECT_EQ(store->loads, 2);
}

TEST_F(SessionRuntime, TheLeastRecentlyUsedSessionIsPassivatedWhenThereAreTooMany) {
  make(echo, {.max_live_sessions = 2});
  for (const char* id : {"a", "b", "a", "c"}) {
    run(id, "1");
    settle();
  }
  EXPECT_EQ(runtime->live_sessions(), 2U);
  run("a", "2");
  settle();
  EXPECT_EQ(store->loads, 3);
  run("b", "2");
  settle();
  EXPECT_EQ(store->loads, 4);
}

TEST_F(SessionRuntime, TheLeastRecentlyUsedSessionIsPassivatedWhenTheyAreTooLarge) {
  make(echo, {.max_live_bytes = 300});
  const std::string long_text = '"' + std::string(150, 'x') + '"';
  for (const char* id : {"a", "b"}) {
    run(id, long_text);
    settle();
  }
  EXPECT_EQ(runtime->live_sessions(), 1U);
}

TEST_F(SessionRuntimeGate, ASessionInATurnIsNeverEvicted) {
  make_waiting({.max_live_sessions = 1});
  const auto a = run("a", "1"), b = run("b", "2");
  settle();
  EXPECT_EQ(runtime->live_sessions(), 2U);
  let_go();
  let_go();
  EXPECT_EQ(a->code, error_code());
  EXPECT_EQ(b->code, error_code());
  EXPECT_EQ(runtime->live_sessions(), 1U);
}

TEST_F(SessionRuntime, ATurnMayPutASummaryInThePlaceOfTheHistory) {
  struct compacts {
    static boost::asio::awaitable<void> run(session_turn& t) {
      if (t.version() == 2) t.replace_history(history{json("\"summary\"")});
      t.emit(t.message());
      co_return;
    }
  };
  make(compacts::run, {.hydrate_last = 2});
  for (int i = 1; i <= 4; ++i) run("s", std::to_string(i));
  settle();
  EXPECT_EQ(store->saves, 1);
  EXPECT_EQ(stored("s")->version, 4);
  EXPECT_EQ(stored("s")->history, (history{json("\"summary\""), json("3"), json("4")}));
}

TEST_F(SessionRuntime, ASessionCanBeHydratedWithItsNewestEventsOnly) {
  make(echo);
  for (int i = 1; i <= 5; ++i) run("s", std::to_string(i));
  settle();
  std::vector<std::size_t> seen;
  struct looks {
    static boost::asio::awaitable<void> run(session_turn& t, std::vector<std::size_t>* seen) {
      seen->assign({t.history().size(), static_cast<std::size_t>(t.events_before())});
      co_return;
    }
  };
  make([&](session_turn& t) { return looks::run(t, &seen); }, {.hydrate_last = 2});
  run("s", "6");
  settle();
  EXPECT_THAT(seen, testing::ElementsAre(2U, 3U));
}

TEST_F(SessionRuntime, ReadingGivesTheLiveSnapshotOrTheStoredOneAndMakesNothingLive) {
  make(echo);
  std::vector<std::optional<snapshot>> read;
  const auto look = [&] {
    runtime->async_read("s", {}, [&](error_code, std::optional<snapshot> s) { read.push_back(std::move(s)); });
    settle();
  };
  look();
  EXPECT_EQ(runtime->live_sessions(), 0U);
  run("s", "1");
  settle();
  look();
  EXPECT_EQ(store->loads, 2);
  ASSERT_EQ(read.size(), 2U);
  EXPECT_EQ(read[0], std::nullopt);
  EXPECT_EQ(read[1], stored("s"));
}

TEST_F(SessionRuntime, ReadingASessionThatWasAbsentWhenItsTurnFailedAsksTheStore) {
  make([](session_turn&) -> boost::asio::awaitable<void> { throw std::runtime_error("no"); });
  finish(*run("s", "1"));
  ASSERT_EQ(runtime->live_sessions(), 1U);
  session_runtime other(context.get_executor(), store, echo);
  other.async_run("s", json("1"), {}, [](error_code, const history&) {});
  settle();

  std::optional<snapshot> read;
  runtime->async_read("s", {}, [&](error_code, std::optional<snapshot> s) { read = std::move(s); });
  settle();
  ASSERT_TRUE(read);
  EXPECT_EQ(read, stored("s"));
}

TEST_F(SessionRuntime, AReadThatWaitsForTheStoreIsCancelledThere) {
  class waiting_store final : public store_decorator {
   public:
    using store_decorator::store_decorator;
    void do_load(load_request, handler<std::optional<snapshot>> h) override {
      auto slot = boost::asio::get_associated_cancellation_slot(h);
      ASSERT_TRUE(slot.is_connected());
      slot.assign([h = std::make_shared<handler<std::optional<snapshot>>>(std::move(h))](auto) {
        std::move (*h)(make_error_code(errc::operation_aborted), std::nullopt);
      });
    }
  };
  const auto waiting = std::make_shared<waiting_store>(memory::open(context.get_executor()));
  session_runtime reader(context.get_executor(), waiting, echo);
  boost::asio::cancellation_signal signal;
  std::optional<error_code> told;
  reader.async_read("s", {},
                    boost::asio::bind_cancellation_slot(signal.slot(), [&](error_code ec, const auto&) { told = ec; }));
  settle();
  EXPECT_FALSE(told);
  signal.emit(boost::asio::cancellation_type::terminal);
  settle();
  EXPECT_EQ(told, errc::operation_aborted);
}

}  // namespace
}  // namespace atto::test
