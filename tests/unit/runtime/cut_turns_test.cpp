// Turns that are cut at the very moment at which they would go on.

#include "unit/runtime/runtime_fixture.hpp"

#include <atto/store_requests.hpp>

#include <boost/asio/thread_pool.hpp>

#include <array>
#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace atto::test {
namespace {

using namespace std::chrono_literals;
using boost::asio::awaitable;
using boost::asio::cancellation_type;

/// It leaves something in the state, too, so that a snapshot that is no more is missed.
awaitable<void> keep_message(session_turn& t) {
  t.state().set("last message", t.message());
  t.emit(t.message());
  co_return;
}

class CutTurns : public SessionRuntime {
 protected:
  /// A turn of another session waits for the store as one of "s" begins, which stops the runtime; both are told.
  void expect_the_waiting_one_is_cut_and_the_other_ends_with(const error_code& code) {
    store->holds = true;
    const auto waiting = run("other", "1");
    settle();
    store->holds = false;
    const auto stopping = run("s", "2");
    settle();
    EXPECT_EQ(stopping->code, code);
    EXPECT_EQ(waiting->code, errc::runtime_stopped);
  }
  void let_the_store_answer() {
    store->release();
    settle();
  }
};

TEST_F(CutTurns, OneThatIsCancelledAsItIsToldThatItRunsAgainLeavesItsSessionToTheNext) {
  make(keep_message, {.conflict = on_conflict::rerun});
  run("s", "1");
  settle();
  store->failing_writes.assign(1, errc::concurrent_write);
  boost::asio::cancellation_signal cancel;
  const turn_event_handler told = [&](const turn_event& e) {
    if (e.what == turn_event::kind::restarted) cancel.emit(cancellation_type::terminal);
  };
  std::optional<error_code> code;
  runtime->async_stream(
      "s", json("2"), told, {},
      boost::asio::bind_cancellation_slot(cancel.slot(), [&](error_code ec, const history&) { code = ec; }));
  settle();
  EXPECT_EQ(code, errc::operation_aborted);
  const auto next = run("s", "3");
  settle();
  EXPECT_EQ(next->code, error_code());
  EXPECT_EQ(stored("s")->history, (history{json("1"), json("3")}));
}

TEST_F(CutTurns, TheNextOfASessionMayBeCutByAStopBeforeItBegins) {
  /// Stops when it is told of the conflict: the turn behind has its session then, and has not begun.
  struct stopping_observer final : runtime_observer {
    void on_conflict(std::string_view, bool) noexcept override { stop(); }
    std::function<void()> stop;
  };
  const auto observer = std::make_shared<stopping_observer>();
  std::optional<std::vector<unfinished_turn>> cut;
  observer->stop = [&] {
    runtime->async_stop(0ms, [&](error_code, const std::vector<unfinished_turn>& turns) { cut = turns; });
  };
  make(keep_message, {.observer = observer});
  run("s", "1");
  settle();
  store->failing_writes.assign(1, errc::concurrent_write);
  const auto lost = run("s", "2"), behind = run("s", "3");
  settle();
  EXPECT_EQ(lost->code, errc::concurrent_write);
  EXPECT_EQ(behind->code, errc::runtime_stopped);
  ASSERT_TRUE(cut);
  ASSERT_EQ(cut->size(), 1U);
  EXPECT_EQ(cut->front().at, unfinished_turn::stage::waiting);
  EXPECT_EQ(runtime->live_sessions(), 0U);
}

/// Stops the runtime and returns when the stop's time is over, before its timer can tell.
void stop_and_be_late(session_runtime& r) {
  r.async_stop(1ms, [](error_code, const std::vector<unfinished_turn>&) {});
  const auto over = std::chrono::steady_clock::now() + 2ms;
  while (std::chrono::steady_clock::now() < over) continue;
}

TEST_F(CutTurns, WhoseTimeIsOverAsAnotherHandlerReturnsAreTold) {
  struct stops {
    static awaitable<void> late(session_turn&, session_runtime* r) {
      stop_and_be_late(*r);
      co_return;
    }
  };
  make([this](session_turn& t) { return stops::late(t, runtime.get()); });
  expect_the_waiting_one_is_cut_and_the_other_ends_with({});
  let_the_store_answer();
}

TEST_F(CutTurns, WhoseTimeIsOverAsAnotherHandlerIsToBeCalledAreToldAndSoIsThatOne) {
  struct stopping_observer final : runtime_observer {
    void on_hydrated(std::string_view, std::chrono::nanoseconds, const error_code&) noexcept override { stop(); }
    std::function<void()> stop;
  };
  const auto observer = std::make_shared<stopping_observer>();
  observer->stop = [&] { stop_and_be_late(*runtime); };
  make(keep_message, {.observer = observer});
  expect_the_waiting_one_is_cut_and_the_other_ends_with(errc::runtime_stopped);
  observer->stop = [] {};
  let_the_store_answer();
}

TEST(CutTurnsThreads, EveryCallerIsToldWhateverCutsAndFailsMeanwhile) {
  /// Every seventh write is lost to nobody.
  class flaky_store final : public store_decorator {
   public:
    using store_decorator::store_decorator;
    void do_append(append_request r, handler<std::int64_t> h) override {
      if (++writes_ % 7 != 0) return store_decorator::do_append(std::move(r), std::move(h));
      boost::asio::post(get_executor(),
                        [h = std::move(h)]() mutable { std::move(h)(make_error_code(errc::concurrent_write), 0); });
    }

   private:
    std::atomic<unsigned> writes_ = 0;
  };
  boost::asio::thread_pool threads(3);
  const auto store = std::make_shared<flaky_store>(memory::open(threads.get_executor()));
  std::optional<session_runtime> runtime;
  runtime.emplace(threads.get_executor(), store, keep_message,
                  runtime_options{.max_live_sessions = 2, .conflict = on_conflict::rerun, .max_reruns = 1});
  constexpr std::size_t callers = 4, turns = 500;
  std::atomic<std::size_t> told = 0;
  std::array<std::thread, callers> all;
  for (std::size_t c = 0; c < callers; ++c) {
    all[c] = std::thread([&, c] {
      for (std::size_t i = 0; i < turns; ++i) {
        std::promise<void> ended;
        runtime->async_run("session " + std::to_string((c + i) % 3), json("1"), {.timeout = 1ms + 1ms * (i % 3)},
                           [&](error_code, const history&) {
                             ++told;
                             ended.set_value();
                           });
        ended.get_future().wait();
      }
    });
  }
  for (std::thread& t : all) t.join();
  runtime.reset();
  threads.join();
  EXPECT_EQ(told, callers * turns);
}

TEST_F(CutTurns, RunOnTheRuntimesExecutorWhereverTheStoreIs) {
  boost::asio::io_context elsewhere;
  const std::shared_ptr<session_store> far = memory::open(elsewhere.get_executor());
  int handled = 0;
  session_runtime here(context.get_executor(), far, [&](session_turn& t) {
    ++handled;
    return keep_message(t);
  });
  std::optional<error_code> code;
  here.async_run("s", json("1"), {}, [&](error_code ec, const history&) { code = ec; });
  for (int i = 0; i < 20 && !code; ++i) {
    const int before = handled;
    elsewhere.restart();
    elsewhere.poll();
    EXPECT_EQ(handled, before);
    EXPECT_FALSE(code);
    settle();
  }
  EXPECT_EQ(code, error_code());
  EXPECT_EQ(handled, 1);
}

}  // namespace
}  // namespace atto::test
