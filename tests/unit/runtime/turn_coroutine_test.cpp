// One coroutine runs the handlers of many turns, and no turn notices.

#include "runtime/turn_coroutine.hpp"

#include "runtime/session_actor.hpp"
#include "unit/runtime/runtime_fixture.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/thread_pool.hpp>

#include <chrono>
#include <exception>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace atto::test {
namespace {

using namespace std::chrono_literals;
using boost::asio::any_io_executor;
using boost::asio::awaitable;
using boost::asio::use_awaitable;
namespace this_coro = boost::asio::this_coro;

/// Handlers of these tests are static functions: GCC 12 miscompiles lambdas that are coroutines.
struct handlers {
  static awaitable<void> keep_executor(std::optional<any_io_executor>* kept) {
    if (kept != nullptr) *kept = co_await this_coro::executor;
  }
};

/// Turns without a runtime: which coroutine they are given is seen.
class TurnCoroutinesAlone : public testing::Test {
 protected:
  /// A turn that has its coroutine.
  detail::turn_call_ptr prepare(const std::string& id) {
    auto c = std::make_shared<detail::turn_call>(
        json("1"), std::nullopt, nullptr, std::chrono::steady_clock::time_point::max(),
        completion<history>([](error_code, const history&) {}, context.get_executor(), nullptr));
    detail::turn_call::ticket(c)->actor = std::make_shared<detail::session_actor>(id);
    c->draft.emplace(c->session_id(), c->message, absent, c->deadline, c->on_event);
    coroutines.prepare(*c);
    return c;
  }
  /// Runs a turn, and tells by what.
  const void* run(const detail::turn_call_ptr& c) {
    coroutines.run({std::shared_ptr<const detail::on_handled_function>(std::shared_ptr<void>(), &on_handled), c});
    return c->coroutine.get();
  }
  const void* turn(const std::string& id) { return run(prepare(id)); }

  boost::asio::io_context context;
  std::optional<any_io_executor>* keeps = nullptr;
  int handled = 0;
  const detail::on_handled_function on_handled = [this](const detail::turn_call_ptr&, const std::exception_ptr&) {
    ++handled;
  };
  const snapshot absent;
  detail::turn_coroutines coroutines{context.get_executor(),
                                     [this](session_turn&) { return handlers::keep_executor(keeps); }};
};

TEST_F(TurnCoroutinesAlone, OneServesASessionAfterAnother) {
  const void* const first = turn("a");
  EXPECT_EQ(turn("b"), first);
  EXPECT_EQ(turn("a"), first);
  EXPECT_EQ(handled, 3);
}

TEST_F(TurnCoroutinesAlone, OneServesNobodyWhileItsExecutorIsHeld) {
  std::optional<any_io_executor> held;
  keeps = &held;
  const void* const first = turn("a");
  keeps = nullptr;
  EXPECT_NE(turn("b"), first);
  held.reset();
  EXPECT_NE(turn("c"), first) << "it was let go";
}

TEST_F(TurnCoroutinesAlone, OneThatWaitsKeepsNoExecutorAtWork) {
  turn("a");
  context.restart();
  EXPECT_EQ(context.run(), 0U);
}

TEST_F(TurnCoroutinesAlone, OneWhoseTurnNeverBeginsEndsWithIt) {
  turn("a");
  auto dropped = prepare("b");
  const std::weak_ptr<detail::turn_coroutine> waited = dropped->coroutine;
  dropped.reset();
  EXPECT_TRUE(waited.expired());
}

TEST_F(TurnCoroutinesAlone, ThoseThatAreHeldAreLetGoSoThatOthersCanWait) {
  std::vector<std::optional<any_io_executor>> held(80);
  for (auto& one : held) {
    keeps = &one;
    turn("a");
  }
  keeps = nullptr;
  const void* const first = turn("b");
  EXPECT_EQ(turn("c"), first);
}

TEST_F(TurnCoroutinesAlone, NoneIsKeptAfterClose) {
  auto before = prepare("a");
  run(before);
  coroutines.close();
  auto after = prepare("b");
  run(after);
  const std::weak_ptr<detail::turn_coroutine> one = before->coroutine, other = after->coroutine;
  before.reset();
  after.reset();
  context.restart();
  context.poll();
  EXPECT_TRUE(one.expired());
  EXPECT_TRUE(other.expired());
}

class TurnCoroutines : public SessionRuntime {};

TEST_F(TurnCoroutines, WhatAHandlerLeftRunningIsInNoTurn) {
  struct leaving {
    static awaitable<void> run(session_turn& t, session_runtime* r, std::optional<error_code>* told, gate* open) {
      if (t.session_id() == "first") {
        const any_io_executor executor = co_await this_coro::executor;
        boost::asio::post(executor, [r, told] {
          r->async_run("second", json("2"), {}, [told](error_code ec, const history&) { *told = ec; });
        });
        co_return;
      }
      if (t.message() == json("1")) co_await open->async_receive(use_awaitable);
    }
  };
  gate open(context, 1);
  std::optional<error_code> told;
  make([&](session_turn& t) { return leaving::run(t, runtime.get(), &told, &open); });
  const auto second = run("second", "1");
  settle();
  run("first", "1");
  settle();
  EXPECT_FALSE(told) << "it waits behind the turn that runs";
  open.try_send(error_code());
  settle();
  EXPECT_EQ(second->code, error_code());
  EXPECT_EQ(told, error_code());
}

TEST_F(TurnCoroutines, BeginEachTurnWithTheCancellationStateOfTheFirst) {
  struct changing {
    static awaitable<void> run(session_turn& t, bool* threw, gate* open) {
      if (t.message() == json("1")) {
        co_await this_coro::throw_if_cancelled(false);
        co_await this_coro::reset_cancellation_state(boost::asio::disable_cancellation());
        co_return;
      }
      try {
        co_await open->async_receive(use_awaitable);
      } catch (...) {
        *threw = true;
        throw;
      }
    }
  };
  gate open(context, 1);
  bool threw = false;
  make([&](session_turn& t) { return changing::run(t, &threw, &open); });
  run("a", "1");
  settle();
  boost::asio::cancellation_signal cancel;
  const auto cut = run("b", "2", 0ms, cancel.slot());
  settle();
  cancel.emit(boost::asio::cancellation_type::terminal);
  settle();
  EXPECT_EQ(cut->code, errc::operation_aborted);
  EXPECT_TRUE(threw);
}

TEST_F(TurnCoroutines, AreNotCancelledForTheTurnAfterTheOneThatWas) {
  struct waiting {
    static awaitable<void> run(session_turn& t, gate* open) {
      if (t.message() == json("1")) co_await open->async_receive(use_awaitable);
      boost::asio::steady_timer soon(co_await this_coro::executor, 0ms);
      co_await soon.async_wait(use_awaitable);
      t.emit(t.message());
    }
  };
  gate open(context, 1);
  make([&](session_turn& t) { return waiting::run(t, &open); });
  boost::asio::cancellation_signal cancel;
  const auto cut = run("a", "1", 0ms, cancel.slot());
  settle();
  cancel.emit(boost::asio::cancellation_type::terminal);
  for (const char* id : {"a", "b"}) {
    const auto next = run(id, "2");
    finish(*next);
    EXPECT_EQ(next->code, error_code());
  }
  EXPECT_EQ(cut->code, errc::operation_aborted);
}

TEST_F(TurnCoroutines, ComeBackToTheirStrandFromAHandlerThatReturnsElsewhere) {
  /// Told on the pool's thread, if at all, when it is told where the handler has returned.
  struct observer_of_turns final : runtime_observer {
    void on_turn_ended(const turn_outcome&) noexcept override { where = std::this_thread::get_id(); }
    std::thread::id where;
  };
  struct leaving {
    static awaitable<void> run(boost::asio::thread_pool* pool) {
      auto there = boost::asio::bind_executor(*pool, use_awaitable);
      co_await boost::asio::post(there);
      throw std::runtime_error("elsewhere");
    }
  };
  boost::asio::thread_pool pool(1);
  const auto observer = std::make_shared<observer_of_turns>();
  make([&](session_turn&) { return leaving::run(&pool); }, {.observer = observer});
  for (const char* id : {"a", "b"}) {
    const auto one = run(id, "1");
    finish(*one);
    EXPECT_EQ(one->code, errc::handler_failed);
    EXPECT_EQ(observer->where, std::this_thread::get_id());
  }
}

TEST_F(TurnCoroutines, AnyNumberOfTurnsThatFailAtOnceFollowEachOther) {
  struct failing {
    static awaitable<void> run(session_turn& t) {
      if (t.message() == json("0")) co_return;
      throw std::runtime_error("as the test says");
    }
  };
  constexpr int many = 20'000;
  make([](session_turn& t) { return failing::run(t); }, {.max_turns_per_session = many});
  run("s", "0");
  settle();
  std::vector<std::shared_ptr<turn_result>> all;
  for (int i = 1; i <= many; ++i) all.push_back(run("s", std::to_string(i)));
  settle();
  for (const auto& one : all) ASSERT_EQ(one->code, errc::handler_failed);
}

TEST_F(TurnCoroutines, LetACutHandlerThatOutlivesItsRuntimeReturn) {
  struct outliving {
    static awaitable<void> run(gate* open, bool* returned) {
      co_await this_coro::reset_cancellation_state(boost::asio::disable_cancellation());
      co_await open->async_receive(use_awaitable);
      *returned = true;
    }
  };
  gate open(context, 1);
  bool returned = false;
  make([&](session_turn&) { return outliving::run(&open, &returned); });
  const auto cut = run("a", "1");
  settle();
  runtime.reset();
  settle();
  EXPECT_EQ(cut->code, errc::runtime_stopped);
  EXPECT_FALSE(returned);
  open.try_send(error_code());
  settle();
  EXPECT_TRUE(returned);
}

}  // namespace
}  // namespace atto::test
