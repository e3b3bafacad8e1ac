// Sessions that one runtime at a time owns.

#include "unit/runtime/runtime_fixture.hpp"

#include <atto/store_requests.hpp>

#include "support/failure_of.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>

#include <gmock/gmock.h>

#include <atomic>
#include <chrono>
#include <future>
#include <thread>

namespace atto::test {
namespace {

using namespace std::chrono_literals;
using boost::asio::use_awaitable;

class RuntimeClaim : public SessionRuntime {
 protected:
  static runtime_options owned_by(std::string owner, std::chrono::milliseconds ttl = 24h) {
    const std::string address = owner + ".example:1";
    return {.claims = runtime_claim_options{.ttl = ttl, .address = address, .owner = std::move(owner)}};
  }
  /// Another node, on the same store.
  std::unique_ptr<session_runtime> other(turn_handler h = echo) {
    return std::make_unique<session_runtime>(context.get_executor(), store, std::move(h), owned_by("b"));
  }
  std::shared_ptr<turn_result> run_on(session_runtime& node, const std::string& id) {
    auto r = std::make_shared<turn_result>();
    node.async_run(id, json("1"), {.diag = &r->diag}, [r](error_code ec, history events) {
      r->code = ec;
      r->events = std::move(events);
    });
    return r;
  }
  /// Takes the claim of "a" away, as a node does when its ttl has passed for the store.
  void take_over(const std::string& id) {
    bool done = false;
    store->async_claim(id, "a", {}, [&](error_code ec, const claimed_session&) {
      EXPECT_EQ(ec, error_code());
      done = true;
    });
    --store->claims;  // the test's own
    context.restart();
    while (!done) context.run_one();
  }
  /// A handler that waits until it is let go.
  auto waiting_handler() {
    return [this](session_turn& t) { return wait(t, opened); };
  }

  /// One that does not heed that it is cut, either.
  static boost::asio::awaitable<void> stubborn(gate* open) {
    co_await boost::asio::this_coro::reset_cancellation_state(boost::asio::disable_cancellation());
    co_await open->async_receive(use_awaitable);
  }

  gate opened{context, 8};

 private:
  static boost::asio::awaitable<void> wait(session_turn& t, gate& g) {
    co_await g.async_receive(use_awaitable);
    t.emit(t.message());
  }
};

TEST_F(RuntimeClaim, RefusesSettingsOutOfRange) {
  EXPECT_EQ(failure_of([&] { make(echo, owned_by("a", 0ms)); }).code, errc::invalid_argument);
  EXPECT_EQ(failure_of([&] { make(echo, owned_by("a", 25h)); }).code, errc::invalid_argument);
  EXPECT_EQ(failure_of([&] { make(echo, owned_by(std::string(513, 'a'))); }).code, errc::invalid_argument);
}

TEST_F(RuntimeClaim, TurnsOfASessionThatIsLiveWithinItsTtlCostNoRoundTripMore) {
  make(echo, owned_by("a"));
  for (int turn = 0; turn < 3; ++turn) finish(*run("s", "1"));
  EXPECT_EQ(store->claims, 1);
  EXPECT_EQ(store->loads + store->renewals, 0);
  EXPECT_EQ(store->writes, 3);
}

TEST_F(RuntimeClaim, ASessionThatAnotherNodeOwnsIsRefusedWithItsAddressToAllWhoWait) {
  make(echo, owned_by("a"));
  finish(*run("s", "1"));
  const auto b = other();
  const auto first = run_on(*b, "s"), second = run_on(*b, "s");
  finish(*first);
  finish(*second);
  for (const auto& told : {first, second}) {
    EXPECT_EQ(told->code, errc::owned_elsewhere);
    EXPECT_EQ(told->diag.owner_address(), "a.example:1");
  }
  EXPECT_EQ(store->claims, 2);
  EXPECT_EQ(b->stats().owned_elsewhere, 2U);
}

TEST_F(RuntimeClaim, AStoppedRuntimeGivesItsSessionsBackBeforeItSaysSo) {
  make(echo, owned_by("a"));
  finish(*run("s", "1"));
  bool stopped = false;
  runtime->async_stop(1s, [&](error_code, const std::vector<unfinished_turn>&) {
    EXPECT_EQ(store->releases, 1);
    stopped = true;
  });
  settle();
  ASSERT_TRUE(stopped);
  const auto b = other();
  const auto told = run_on(*b, "s");
  finish(*told);
  EXPECT_EQ(told->code, error_code());
  EXPECT_EQ(stored("s")->version, 2);
}

TEST_F(RuntimeClaim, AStopGivesTheClaimsOfTheTurnsThatItCutsBackBeforeItSaysSo) {
  make([this](session_turn&) { return stubborn(&opened); }, owned_by("a"));
  const auto running = run("s", "1"), behind = run("s", "2");
  settle();
  bool stopped = false;
  runtime->async_stop(0ms, [&](error_code, const std::vector<unfinished_turn>& cut) {
    EXPECT_EQ(store->releases, 1);
    EXPECT_EQ(cut.size(), 2U);
    stopped = true;
  });
  settle();
  EXPECT_FALSE(stopped);
  opened.try_send(error_code());
  settle();
  EXPECT_TRUE(stopped);
  EXPECT_EQ(running->code, errc::runtime_stopped);
  EXPECT_EQ(behind->code, errc::runtime_stopped);
  const auto b = other();
  const auto told = run_on(*b, "s");
  finish(*told);
  EXPECT_EQ(told->code, error_code());
}

TEST_F(RuntimeClaim, AStopWaitsForTheClaimOfATurnThatIsBeingStored) {
  make(echo, owned_by("a"));
  finish(*run("s", "1"));
  store->holds = true;
  const auto storing = run("s", "2");
  settle();
  bool stopped = false;
  runtime->async_stop(0ms, [&](error_code, const std::vector<unfinished_turn>& cut) {
    EXPECT_EQ(store->releases, 1);
    EXPECT_TRUE(cut.empty());
    stopped = true;
  });
  settle();
  EXPECT_FALSE(stopped);
  store->release();
  settle();
  EXPECT_TRUE(stopped);
  EXPECT_EQ(storing->code, error_code());
}

TEST_F(RuntimeClaim, AStopDoesNotWaitForAHandlerThatDoesNotEnd) {
  make([this](session_turn&) { return stubborn(&opened); }, owned_by("a"));
  run("s", "1");
  settle();
  bool stopped = false;
  runtime->async_stop(0ms, [&](error_code, const std::vector<unfinished_turn>&) { stopped = true; });
  context.restart();
  while (!stopped) context.run_one();
  EXPECT_EQ(store->releases, 0);
  opened.try_send(error_code());
  settle();
  EXPECT_EQ(store->releases, 1);  // as long as the executor goes on
}

TEST_F(RuntimeClaim, AStopThatWaitsForAHandlerEndsWithTheRuntime) {
  store->holds = true;
  make(echo, owned_by("a"));
  run("s", "1");
  settle();
  bool stopped = false;
  runtime->async_stop(0ms, [&](error_code, const std::vector<unfinished_turn>& cut) {
    EXPECT_EQ(cut.size(), 1U);
    stopped = true;
  });
  settle();
  EXPECT_FALSE(stopped);
  runtime.reset();
  settle();
  EXPECT_TRUE(stopped);
  store->release();
  settle();
}

TEST_F(RuntimeClaim, APassivatedSessionIsGivenBack) {
  auto o = owned_by("a");
  o.max_live_sessions = 1;
  make(echo, o);
  finish(*run("s", "1"));
  finish(*run("t", "1"));
  settle();
  EXPECT_EQ(store->releases, 1);
  const auto b = other();
  const auto told = run_on(*b, "s");
  finish(*told);
  EXPECT_EQ(told->code, error_code());
}

TEST_F(RuntimeClaim, AZombieStoresNothingThoughTheVersionWouldFitAndItsNextTurnClaimsAnew) {
  make(echo, owned_by("a"));
  finish(*run("s", "1"));
  take_over("s");
  const auto lost = run("s", "2");
  finish(*lost);
  EXPECT_EQ(lost->code, errc::claim_lost);
  EXPECT_EQ(stored("s")->version, 1);
  const auto next = run("s", "3");
  finish(*next);
  EXPECT_EQ(next->code, error_code());
  EXPECT_EQ(stored("s")->version, 2);
  EXPECT_EQ(store->claims, 2);
  EXPECT_EQ(runtime->stats().claim_lost, 1U);
}

TEST_F(RuntimeClaim, AZombiesCompactionStoresNothingEither) {
  struct compacts {
    static boost::asio::awaitable<void> run(session_turn& t) {
      t.replace_history(history{json("\"summary\"")});
      co_return;
    }
  };
  make(compacts::run, owned_by("a"));
  finish(*run("s", "1"));
  take_over("s");
  const auto lost = run("s", "2");
  finish(*lost);
  EXPECT_EQ(lost->code, errc::claim_lost);
  EXPECT_EQ(stored("s")->version, 1);
}

TEST_F(RuntimeClaim, ALongTurnRenewsItsClaimUntilItEnds) {
  make(waiting_handler(), owned_by("a", 30ms));
  const auto told = run("s", "1");
  context.restart();
  while (store->renewals < 3) context.run_one();
  opened.try_send(error_code());
  finish(*told);
  EXPECT_EQ(told->code, error_code());
  EXPECT_EQ(store->claims, 1);
}

TEST_F(RuntimeClaim, ALongTurnThatCannotBeRenewedGoesOnAndTriesAgain) {
  make(waiting_handler(), owned_by("a", 30ms));
  store->failing_renewals = {errc::unavailable, errc::timed_out};
  const auto told = run("s", "1");
  context.restart();
  while (store->renewals < 3) context.run_one();
  opened.try_send(error_code());
  finish(*told);
  EXPECT_EQ(told->code, error_code());
}

TEST_F(RuntimeClaim, ATurnIsCancelledWhenItsClaimIsFoundToBeLost) {
  make(waiting_handler(), owned_by("a", 30ms));
  store->failing_renewals = {errc::claim_lost};
  const auto lost = run("s", "1"), next = run("s", "2");
  finish(*lost);
  EXPECT_EQ(lost->code, errc::claim_lost);
  settle();  // its handler has ended
  opened.try_send(error_code());
  finish(*next);
  EXPECT_EQ(next->code, error_code());
  EXPECT_EQ(store->claims, 2);
  EXPECT_EQ(stored("s")->history, history{json("2")});
}

TEST_F(RuntimeClaim, ALateAnswerToTheRenewalOfAnEarlierClaimDoesNotHarmTheTurnUnderTheNextOne) {
  auto o = owned_by("a", 60ms);
  o.conflict = on_conflict::rerun;
  make(waiting_handler(), o);
  store->holds_renewals = true;
  const auto told = run("s", "1");
  context.restart();
  while (store->renewals < 1) context.run_one();
  // Another writer, without a claim, is first: the turn runs again under a claim of its own.
  bool written = false;
  store->async_save("s", snapshot(1, {}, {}), {}, [&](error_code ec, std::int64_t) { written = !ec; });
  while (!written) context.run_one();
  opened.try_send(error_code());
  while (store->claims < 2) context.run_one();
  settle();
  store->holds_renewals = false;
  store->release();  // of the first claim: claim_lost
  settle();
  opened.try_send(error_code());
  finish(*told);
  EXPECT_EQ(told->code, error_code());
  EXPECT_EQ(stored("s")->version, 2);
}

TEST_F(RuntimeClaim, AnObserverIsToldOfAClaimThatWasLost) {
  struct notes final : runtime_observer {
    void on_claim_lost(std::string_view id) noexcept override { lost += std::string(id) + ";"; }
    std::string lost;
  };
  const auto observer = std::make_shared<notes>();
  auto o = owned_by("a");
  o.observer = observer;
  make(echo, o);
  finish(*run("s", "1"));
  take_over("s");
  const auto told = run("s", "2");
  finish(*told);
  EXPECT_EQ(told->code, errc::claim_lost);
  EXPECT_EQ(observer->lost, "s;");
}

TEST_F(RuntimeClaim, AClaimWhoseAnswerIsLostIsNoTurnWhoseOutcomeIsUnknown) {
  make(echo, owned_by("a"));
  store->failing_claims = {errc::outcome_unknown};
  const auto told = run("s", "1");
  finish(*told);
  EXPECT_EQ(told->code, errc::unavailable);
  EXPECT_THAT(told->diag.message(), testing::HasSubstr("nothing was written"));
  EXPECT_EQ(store->writes, 0);
}

TEST_F(RuntimeClaim, AStopGivesBackVeryManySessionsWithoutFloodingTheStore) {
  make(echo, owned_by("a"));
  for (int i = 0; i < 2000; ++i) run("s" + std::to_string(i), "1");
  settle();
  int most = 0, before = store->releases;
  bool stopped = false;
  runtime->async_stop(1h, [&](error_code, const std::vector<unfinished_turn>&) { stopped = true; });
  context.restart();
  while (!stopped && context.run_one() != 0) {
    most = std::max(most, store->releases - before);
    before = store->releases;
  }
  EXPECT_TRUE(stopped);
  EXPECT_EQ(store->releases, 2000);
  EXPECT_LE(most, 256);
}

TEST_F(RuntimeClaim, AStopWhoseTimeIsOverLeavesTheClaimsThatAreLeftToTheirTtl) {
  make(echo, owned_by("a"));
  for (int i = 0; i < 300; ++i) run("s" + std::to_string(i), "1");
  settle();
  store->holds_releases = true;
  bool stopped = false;
  runtime->async_stop(0ms, [&](error_code, const std::vector<unfinished_turn>&) { stopped = true; });
  settle();
  EXPECT_EQ(store->releases, 256);
  EXPECT_FALSE(stopped);
  // As a store that is slow: the first answers come when nothing more is to be begun.
  boost::asio::steady_timer slow(context, 1s);
  bool over = false;
  slow.async_wait([&](error_code) { over = true; });
  context.restart();
  while (!over) context.run_one();
  store->release();
  settle();
  EXPECT_TRUE(stopped);
  EXPECT_EQ(store->releases, 256);
}

TEST_F(RuntimeClaim, AClaimThatIsOverIsMadeAnewBeforeTheNextTurn) {
  make(echo, owned_by("a", 1ms));
  finish(*run("s", "1"));
  for (const auto end = std::chrono::steady_clock::now() + 1ms; std::chrono::steady_clock::now() < end;) {
  }
  const auto told = run("s", "2");
  finish(*told);
  EXPECT_EQ(told->code, error_code());
  EXPECT_EQ(store->claims, 2);
  EXPECT_EQ(stored("s")->version, 2);
}

TEST_F(RuntimeClaim, AClaimThatFailsIsToldAndTriedAgainForTheNextTurn) {
  make(echo, owned_by("a"));
  store->failing_claims = {errc::unavailable};
  const auto failed = run("s", "1"), next = run("s", "2");
  finish(*failed);
  finish(*next);
  EXPECT_EQ(failed->code, errc::unavailable);
  EXPECT_EQ(next->code, error_code());
}

TEST_F(RuntimeClaim, AReadOfASessionThatIsNoLongerCertainlyOursAsksTheStore) {
  make(echo, owned_by("a", 1ms));
  finish(*run("s", "1"));
  for (const auto end = std::chrono::steady_clock::now() + 1ms; std::chrono::steady_clock::now() < end;) {
  }
  std::optional<snapshot> found;
  runtime->async_read("s", {}, [&](error_code, std::optional<snapshot> s) { found = std::move(s); });
  settle();
  EXPECT_EQ(store->loads, 1);
  EXPECT_EQ(found, stored("s"));
}

TEST_F(RuntimeClaim, TwoRuntimesWithoutNamesAreTwoOwners) {
  make(echo, {.claims = runtime_claim_options{}});
  finish(*run("s", "1"));
  session_runtime second(context.get_executor(), store, echo, {.claims = runtime_claim_options{}});
  const auto told = run_on(second, "s");
  finish(*told);
  EXPECT_EQ(told->code, errc::owned_elsewhere);
}

/// Answers a renewal when the test says so.
class holding_store final : public store_decorator {
 public:
  using store_decorator::store_decorator;

  void do_renew(renew_request, handler<> h) override { held.emplace(std::move(h)); }

  std::optional<handler<>> held;
};

TEST_F(RuntimeClaim, ATurnIsCutWhenTheRenewalOfTheOneBeforeTellsThatTheirClaimIsLost) {
  struct waiting {
    static boost::asio::awaitable<void> run(gate* open) { co_await open->async_receive(use_awaitable); }
  };
  gate open(context, 1);
  const auto holding = std::make_shared<holding_store>(memory::open(context.get_executor()));
  session_runtime other(context.get_executor(), holding, [&](session_turn&) { return waiting::run(&open); },
                        {.claims = runtime_claim_options{.ttl = 6s}});
  const auto first = run_on(other, "s");
  context.restart();
  while (!holding->held) context.run_one();
  open.try_send(error_code());
  finish(*first);
  const auto second = run_on(other, "s");
  settle();
  std::move (*holding->held)(make_error_code(errc::claim_lost));
  settle();
  EXPECT_EQ(first->code, error_code());
  EXPECT_EQ(second->code, errc::claim_lost);
}

/// Loses the claim of whoever asks to renew it, and tells who looks that it was asked.
class losing_store final : public store_decorator {
 public:
  using store_decorator::store_decorator;

  void do_renew(renew_request, handler<> h) override {
    boost::asio::post(get_executor(),
                      [h = std::move(h)]() mutable { std::move(h)(make_error_code(errc::claim_lost)); });
    asked = true;
  }

  std::atomic<bool> asked = false;
};

TEST(RuntimeClaimThreads, AClaimThatIsLostAsTheHandlerEndsIsToldAsLostOrTheTurnIsStored) {
  boost::asio::thread_pool threads(2), pool(1);
  const auto store = std::make_shared<losing_store>(memory::open(threads.get_executor()));
  runtime_options o;
  o.claims = runtime_claim_options{.ttl = 3ms};
  std::atomic<int> turns = 0;
  std::optional<session_runtime> runtime;
  runtime.emplace(threads.get_executor(), store, pool.get_executor(), blocking_turn_handler([&](session_turn& t) {
                    while (!store->asked && !t.cancelled()) std::this_thread::yield();
                    // A little later each time, so that it ends before, with and after the answer.
                    for (int i = 0; i < turns % 100; ++i) std::this_thread::yield();
                  }),
                  o);
  for (; turns < 1000; ++turns) {
    store->asked = false;
    std::promise<error_code> ended;
    runtime->async_run("s", json("1"), {}, [&](error_code ec, const history&) { ended.set_value(ec); });
    const error_code ec = ended.get_future().get();
    EXPECT_TRUE(!ec || ec == errc::claim_lost) << ec.message();
  }
  runtime.reset();
  threads.join();
  pool.join();
}

}  // namespace
}  // namespace atto::test
