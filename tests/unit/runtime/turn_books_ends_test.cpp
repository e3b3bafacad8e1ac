// How turns end before their time, at every stage, and how the runtime ends: deadlines, cancellation, stop.

#include "unit/runtime/turn_books_fixture.hpp"

namespace atto::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

using TurnBooksEnds = TurnBooks;
using TurnBooksStop = TurnBooks;

std::vector<std::pair<std::string, unfinished_turn::stage>> stages(const std::vector<unfinished_turn>& all) {
  std::vector<std::pair<std::string, unfinished_turn::stage>> out;
  for (const unfinished_turn& t : all) out.emplace_back(t.session_id, t.at);
  return out;
}

TEST_F(TurnBooksEnds, ATurnThatWaitsLeavesItsMailboxWhenItIsCancelled) {
  const auto first = run("s");
  const auto second = submit("s"), third = submit("s");
  cancel(second);
  EXPECT_THAT(failed(), ElementsAre(Pair(second, errc::operation_aborted)));
  EXPECT_THAT(then.cancel, IsEmpty());
  EXPECT_EQ(next(), std::nullopt);
  finish(first);
  EXPECT_EQ(next_turn(), third);
}

TEST_F(TurnBooksEnds, ATurnThatIsCancelledWhileItsSessionIsLoadedLeavesTheSnapshotToTheNext) {
  const auto first = submit("s"), second = submit("s");
  cancel(first);
  EXPECT_THAT(failed(), ElementsAre(Pair(first, errc::operation_aborted)));
  EXPECT_EQ(next(), std::nullopt) << "the load is still outstanding";
  loaded(first, 4);
  EXPECT_THAT(failed(), IsEmpty());
  EXPECT_EQ(next_turn(), second);
  EXPECT_EQ(next(), action::start);
}

TEST_F(TurnBooksEnds, ATurnThatIsCancelledWhileItsLoadFailsIsNotifiedOnce) {
  const auto first = submit("s"), second = submit("s");
  cancel(first);
  not_loaded(first, errc::unavailable);
  EXPECT_THAT(failed(), IsEmpty());
  EXPECT_EQ(next_turn(), second);
}

TEST_F(TurnBooksEnds, ATurnThatIsCancelledWhileItsMessageIsLookedForRunsNothing) {
  const auto first = submit_message("s");
  loaded(first, 3);
  const auto second = submit("s");
  cancel(first);
  not_found(first);
  EXPECT_THAT(failed(), IsEmpty());
  EXPECT_EQ(next_turn(), second);
}

TEST_F(TurnBooksEnds, ATurnThatIsCancelledBeforeItsHandlerIsCalledLeavesItsSessionToTheNext) {
  const auto first = submit("s");
  loaded(first, 0);
  const auto second = submit("s");
  cancel(first);
  EXPECT_THAT(then.cancel, IsEmpty());
  EXPECT_EQ(next(), std::nullopt) << "the start is still outstanding";
  start(first);
  EXPECT_EQ(next_turn(), second);
}

TEST_F(TurnBooksEnds, ATurnThatIsCancelledWhileItsHandlerRunsKeepsItsSessionUntilItReturns) {
  const auto first = run("s");
  const auto second = submit("s");
  cancel(first);
  EXPECT_THAT(failed(), ElementsAre(Pair(first, errc::operation_aborted)));
  EXPECT_THAT(then.cancel, ElementsAre(first));
  EXPECT_EQ(next(), std::nullopt);
  handled(first);
  EXPECT_THAT(failed(), IsEmpty());
  EXPECT_EQ(next_turn(), second) << "nothing of the first is stored";
}

TEST_F(TurnBooksEnds, AHandlerThatThrowsBecauseItWasCancelledFailsNothingASecondTime) {
  const auto t = run("s");
  cancel(t);
  threw(t);
  EXPECT_THAT(failed(), IsEmpty());
  EXPECT_EQ(books->stats().cancelled, 1U);
  EXPECT_EQ(books->stats().failed, 0U);
}

TEST_F(TurnBooksEnds, ATurnThatIsBeingStoredIsNotCancelled) {
  const auto t = storing("s");
  cancel(t);
  EXPECT_THAT(failed(), IsEmpty());
  EXPECT_THAT(then.cancel, IsEmpty());
  stored(t);
  EXPECT_EQ(then.stored, t);
}

TEST_F(TurnBooksEnds, ATurnThatHasEndedIsNotCancelled) {
  const auto t = run("s");
  finish(t);
  cancel(t);
  EXPECT_THAT(failed(), IsEmpty());
}

TEST_F(TurnBooksEnds, ARefusedTurnMayBeCancelled) {
  make({.max_waiting_turns = 1});
  run("a");
  const auto refused = submit("b");
  cancel(refused);
  EXPECT_THAT(failed(), IsEmpty());
}

TEST_F(TurnBooksEnds, TheDeadlineOfATurnEndsItAndNotSooner) {
  const auto t = run("s", 5s);
  EXPECT_EQ(then.next_deadline, start_time + 5s);
  now += 5s - 1ns;
  on_time();
  EXPECT_THAT(failed(), IsEmpty());
  now += 1ns;
  on_time();
  EXPECT_THAT(failed(), ElementsAre(Pair(t, errc::timed_out)));
  EXPECT_THAT(then.cancel, ElementsAre(t));
}

TEST_F(TurnBooksEnds, TurnsThatWaitBehindALateOneEndByTheirOwnDeadlines) {
  const auto first = run("s", 5s);
  const auto second = submit("s", 7s), third = submit("s", 6s);
  now += 6s;
  on_time();
  EXPECT_THAT(failed(), ElementsAre(Pair(first, errc::timed_out), Pair(third, errc::timed_out)));
  EXPECT_EQ(then.next_deadline, start_time + 7s);
  handled(first);
  EXPECT_EQ(next_turn(), second);
}

TEST_F(TurnBooksEnds, ATurnThatIsBeingStoredIsNotLate) {
  const auto t = run("s", 5s);
  handled(t);
  now += 1min;
  on_time();
  EXPECT_THAT(failed(), IsEmpty());
  EXPECT_EQ(then.next_deadline, instant::max()) << "the store has the deadline";
}

TEST_F(TurnBooksEnds, ATurnWhoseDeadlineCameWhileItWasBeingStoredIsLateWhenItLostItsRace) {
  make(rerunning(1));
  const auto t = run("s", 5s);
  handled(t);
  now += 6s;
  on_time();
  not_stored(t, errc::concurrent_write);
  EXPECT_EQ(then.next_deadline, start_time + 5s);
  on_time();
  EXPECT_THAT(failed(), ElementsAre(Pair(t, errc::timed_out)));
}

TEST_F(TurnBooksEnds, AnIdleSessionIsPassivatedWhenItsTimeHasPassed) {
  make({.idle_timeout = 10s});
  finish(run("s"));
  EXPECT_EQ(then.next_deadline, start_time + 10s);
  now += 10s - 1ns;
  on_time();
  EXPECT_EQ(books->live_count(), 1U);
  now += 1ns;
  on_time();
  EXPECT_EQ(books->live_count(), 0U);
  EXPECT_EQ(then.next_deadline, instant::max());
}

TEST_F(TurnBooksEnds, ASessionThatWasUsedMeanwhileIsPassivatedThatMuchLater) {
  make({.idle_timeout = 10s});
  finish(run("s"));
  now += 4s;
  finish(run("s"));
  now += 6s;
  on_time();
  EXPECT_EQ(books->live_count(), 1U);
  EXPECT_EQ(then.next_deadline, start_time + 14s);
}

TEST_F(TurnBooksStop, RefusesNewTurnsAndLetsTheAcceptedOnesEnd) {
  const auto first = run("s");
  const auto second = submit("s");
  stop(now + 10s);
  EXPECT_FALSE(then.stopped);
  EXPECT_EQ(then.next_deadline, now + 10s);
  submit("t");
  EXPECT_EQ(refusal(), errc::runtime_stopped);
  finish(first);
  EXPECT_EQ(next_turn(), second);
  start(second);
  finish(second);
  EXPECT_EQ(then.stored, second);
  ASSERT_TRUE(then.stopped);
  EXPECT_THAT(*then.stopped, IsEmpty());
  EXPECT_EQ(then.next_deadline, instant::max());
}

TEST_F(TurnBooksStop, WithNothingToDoEndsAtOnceAndAgain) {
  stop(now);
  EXPECT_TRUE(then.stopped);
  stop(now + 1h);
  EXPECT_TRUE(then.stopped);
}

TEST_F(TurnBooksStop, CutsWhatIsLeftWhenItsTimeIsOverAndReturnsIt) {
  const auto running = run("running");
  const auto waiting = submit("running");
  const auto loading = submit("loading");
  const auto being_stored = storing("storing");
  stop(now + 10s);
  now += 10s;
  on_time();
  EXPECT_THAT(failed(), ElementsAre(Pair(running, errc::runtime_stopped), Pair(waiting, errc::runtime_stopped),
                                    Pair(loading, errc::runtime_stopped)));
  EXPECT_THAT(then.cancel, ElementsAre(running));
  ASSERT_TRUE(then.stopped);
  using at = unfinished_turn::stage;
  EXPECT_THAT(stages(*then.stopped), ElementsAre(Pair("running", at::running), Pair("running", at::waiting),
                                                 Pair("loading", at::waiting), Pair("storing", at::storing)));
  stored(being_stored);
  EXPECT_EQ(then.stored, being_stored);
  EXPECT_FALSE(then.stopped) << "once";
}

TEST_F(TurnBooksStop, AlsoCutsTheTurnWhoseHandlerIsCalledAtThatMoment) {
  const auto t = submit("s");
  loaded(t, 0);
  stop(now + 1s);
  now += 1s;
  start(t);
  EXPECT_THAT(failed(), ElementsAre(Pair(t, errc::runtime_stopped)));
  EXPECT_THAT(then.cancel, ElementsAre(t));
  EXPECT_EQ(next(), action::run) << "so that its session is not kept for ever";
  handled(t);
  EXPECT_EQ(next(), std::nullopt);
  EXPECT_EQ(books->live_count(), 0U);
}

TEST_F(TurnBooksStop, ASecondCallBringsTheEndForwardAndNeverPutsItOff) {
  run("s");
  stop(now + 10s);
  stop(now + 20s);
  EXPECT_EQ(then.next_deadline, now + 10s);
  stop(now + 5s);
  EXPECT_EQ(then.next_deadline, now + 5s);
  now += 5s;
  on_time();
  EXPECT_TRUE(then.stopped);
}

TEST_F(TurnBooksStop, PassivatesAllSessions) {
  finish(run("a"));
  finish(run("b"));
  stop(now + 10s);
  EXPECT_EQ(books->live_count(), 0U);
  EXPECT_EQ(books->stats().passivations, 2U);
  EXPECT_EQ(books->stats().evictions, 0U);
}

TEST_F(TurnBooksStop, ATurnThatLosesItsRaceThenDoesNotRunAgain) {
  make(rerunning(3));
  const auto t = storing("s");
  stop(now + 10s);
  not_stored(t, errc::concurrent_write);
  EXPECT_THAT(failed(), ElementsAre(Pair(t, errc::concurrent_write)));
  EXPECT_EQ(next(), std::nullopt);
  EXPECT_TRUE(then.stopped);
}

TEST_F(TurnBooksStop, AMessageThatLosesItsRaceThenIsNotLookedFor) {
  const auto t = submit_message("s");
  loaded(t, 0);
  start(t);
  handled(t);
  stop(now + 10s);
  not_stored(t, errc::concurrent_write);
  EXPECT_THAT(failed(), ElementsAre(Pair(t, errc::concurrent_write)));
}

TEST_F(TurnBooksStop, AbandoningCutsAtOnceAndEndsAStopThatWaits) {
  const auto running = run("s");
  const auto being_stored = storing("storing");
  stop(now + 10s);
  then = books->abandon(now);
  EXPECT_THAT(failed(), ElementsAre(Pair(running, errc::runtime_stopped)));
  EXPECT_TRUE(then.stopped);
  EXPECT_EQ(then.next_deadline, instant::max());
  not_stored(being_stored, errc::timed_out);
  EXPECT_THAT(failed(), ElementsAre(Pair(being_stored, errc::timed_out)));
}

}  // namespace
}  // namespace atto::test
