// A turn's way from the mailbox to its place in the store: every stage, and a failure at every stage.

#include "unit/runtime/turn_books_fixture.hpp"

namespace atto::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

using TurnBooks = TurnBooks;

TEST_F(TurnBooks, AnAbsentSessionIsLoadedThenItsHandlerRunsThenItsTurnIsStored) {
  const auto t = submit("s");
  EXPECT_EQ(next(), action::load);
  loaded(t, 0);
  EXPECT_EQ(next(), action::start);
  ASSERT_NE(then.next->base, nullptr);
  EXPECT_EQ(then.next->base->version, 0);
  start(t);
  EXPECT_EQ(next(), action::run);
  handled(t);
  EXPECT_EQ(next(), action::store);
  EXPECT_EQ(then.stored, nullptr) << "not before it is durable";
  stored(t);
  EXPECT_EQ(then.stored, t);
  EXPECT_EQ(then.events, history{json("1")});
  EXPECT_TRUE(then.only_stored());
  EXPECT_EQ(live_version("s"), 1);
}

TEST_F(TurnBooks, ALiveSessionIsNotLoadedAndStartsBesideTheCallThatSubmitted) {
  finish(run("s"));
  const auto t = submit("s");
  EXPECT_EQ(next(), action::start_soon);
  EXPECT_EQ(next_turn(), t);
  EXPECT_EQ(then.next->base->version, 1);
}

TEST_F(TurnBooks, TheNextTurnOfASessionBeginsWhenTheOneBeforeIsStoredAndNotSooner) {
  const auto first = run("s");
  const auto second = submit("s"), third = submit("s");
  EXPECT_EQ(next(), std::nullopt);
  handled(first);
  EXPECT_EQ(next_turn(), first);
  stored(first);
  EXPECT_EQ(then.stored, first);
  EXPECT_FALSE(then.only_stored()) << "the next one may take its time";
  EXPECT_EQ(next(), action::start);
  EXPECT_EQ(next_turn(), second);
  start(second);
  finish(second);
  EXPECT_EQ(next_turn(), third);
}

TEST_F(TurnBooks, TurnsOfDifferentSessionsDoNotWaitForEachOther) {
  run("a");
  const auto other = submit("b");
  EXPECT_EQ(next_turn(), other);
}

TEST_F(TurnBooks, AFullMailboxRefusesTheTurnAndNothingElse) {
  make({.max_turns_per_session = 2});
  const auto first = run("s");
  submit("s");
  const auto refused = submit("s");
  EXPECT_EQ(refusal(), errc::session_backlog_full);
  EXPECT_EQ(then.refused->why.diag.message(), "2 turns of the session wait already; try again later");
  EXPECT_EQ(refused->at, stage::ended);
  submit("t");
  EXPECT_EQ(refusal(), error_code());
  finish(first);
  submit("s");
  EXPECT_EQ(refusal(), error_code());
}

TEST_F(TurnBooks, TheTurnsOfAllSessionsTogetherAreBounded) {
  make({.max_waiting_turns = 2});
  const auto first = run("a");
  submit("b");
  submit("c");
  EXPECT_EQ(refusal(), errc::session_backlog_full);
  EXPECT_EQ(then.refused->why.diag.message(), "2 turns of this process wait already; try again later");
  finish(first);
  submit("c");
  EXPECT_EQ(refusal(), error_code());
  EXPECT_EQ(books->stats().backlog_refusals, 1U);
}

TEST_F(TurnBooks, ATurnThatIsCalledFromATurnOfItsOwnSessionIsRefused) {
  const auto t = run("s");
  submit("s", 60s, false, t->actor->id.data());
  EXPECT_EQ(refusal(), errc::would_deadlock);
  submit("other", 60s, false, t->actor->id.data());
  EXPECT_EQ(refusal(), error_code());
  const std::string of_another_runtime = "s";
  submit("s", 60s, false, of_another_runtime.data());
  EXPECT_EQ(refusal(), error_code());
}

TEST_F(TurnBooks, ASessionThatIsIdleMayBeCalledByWhatItsLastHandlerLeftRunning) {
  const auto t = run("s");
  finish(t);
  submit("s", 60s, false, t->actor->id.data());
  EXPECT_EQ(refusal(), error_code());
}

TEST_F(TurnBooks, ALoadThatFailsEndsItsTurnAndTheNextLoadsAgain) {
  const auto first = submit("s"), second = submit("s");
  not_loaded(first, errc::unavailable);
  EXPECT_THAT(failed(), ElementsAre(Pair(first, errc::unavailable)));
  EXPECT_EQ(then.failed.front().why.diag.message(), "script");
  EXPECT_EQ(next(), action::load);
  EXPECT_EQ(next_turn(), second);
  EXPECT_EQ(books->stats().failed_hydrations, 1U);
}

TEST_F(TurnBooks, ALoadThatFailsForTheOnlyTurnLeavesNothingBehind) {
  not_loaded(submit("s"), errc::unavailable);
  EXPECT_EQ(books->live_count(), 0U);
  EXPECT_EQ(then.next_deadline, instant::max());
}

TEST_F(TurnBooks, AHandlerThatFailsEndsItsTurnAndTheNextStandsOnTheOldSnapshot) {
  finish(run("s"));
  const auto t = submit("s");
  start(t);
  const auto behind = submit("s");
  threw(t);
  EXPECT_THAT(failed(), ElementsAre(Pair(t, errc::handler_failed)));
  EXPECT_EQ(next(), action::start);
  EXPECT_EQ(next_turn(), behind);
  EXPECT_EQ(live_version("s"), 1);
}

TEST_F(TurnBooks, AWriteThatCertainlyDidNothingKeepsTheSessionLive) {
  for (const errc why : {errc::unavailable, errc::misconfigured, errc::timed_out, errc::operation_aborted,
                         errc::too_large, errc::invalid_document}) {
    make({});
    finish(run("s"));
    const auto t = storing("s");
    not_stored(t, why);
    EXPECT_THAT(failed(), ElementsAre(Pair(t, why)));
    EXPECT_EQ(live_version("s"), 1);
  }
}

TEST_F(TurnBooks, AfterAWriteThatMayHaveHappenedTheSessionIsLoadedAnew) {
  for (const errc why : {errc::outcome_unknown, errc::concurrent_write, errc::invalid_argument, errc::claim_lost}) {
    make({});
    finish(run("s"));
    const auto t = storing("s");
    const auto behind = submit("s");
    not_stored(t, why);
    EXPECT_THAT(failed(), ElementsAre(Pair(t, why)));
    EXPECT_EQ(next(), action::load);
    EXPECT_EQ(next_turn(), behind);
  }
}

TEST_F(TurnBooks, ATurnMayPutASummaryInThePlaceOfTheHistory) {
  const auto t = storing("s");
  stored(t, now, history{json("\"summary\"")});
  const auto live = books->live_snapshot("s", now);
  ASSERT_TRUE(live);
  EXPECT_EQ(live->history, (history{json("\"summary\""), json("1")}));
  EXPECT_EQ(live->events_before, 0);
}

TEST_F(TurnBooks, AMessageOfASessionWithTurnsIsLookedForInTheStore) {
  const auto t = submit_message("s");
  loaded(t, 3);
  EXPECT_EQ(next(), action::find_turn);
  not_found(t);
  EXPECT_EQ(next(), action::start);
}

TEST_F(TurnBooks, AMessageOfASessionThatWasAbsentWhenItWasLoadedForItIsNotLookedFor) {
  const auto t = submit_message("s");
  loaded(t, 0);
  EXPECT_EQ(next(), action::start);
}

TEST_F(TurnBooks, AMessageIsLookedForWhenTheSessionWasAbsentForAnEarlierTurn) {
  threw(run("s"));
  submit_message("s");
  EXPECT_EQ(next(), action::find_turn) << "another node may have begun the session since";
}

TEST_F(TurnBooks, AMessageWhoseTurnIsStoredGetsItsEventsAndRunsNothing) {
  const auto t = submit_message("s");
  loaded(t, 3);
  found(t, 2);
  EXPECT_EQ(then.stored, t);
  EXPECT_EQ(then.events, history{json("7")});
  EXPECT_EQ(next(), std::nullopt);
  EXPECT_EQ(live_version("s"), 3);
}

TEST_F(TurnBooks, AStoredTurnThatIsNewerThanTheLiveSnapshotMakesItLoadAnew) {
  finish(run("s"));
  const auto t = submit_message("s"), behind = submit("s");
  found(t, 2);
  EXPECT_EQ(next(), action::load);
  EXPECT_EQ(next_turn(), behind);
}

TEST_F(TurnBooks, AMessageThatCannotBeLookedForFailsAndRunsNothing) {
  const auto t = submit_message("s");
  loaded(t, 3);
  not_found(t, {errc::unavailable, "script"});
  EXPECT_THAT(failed(), ElementsAre(Pair(t, errc::unavailable)));
  EXPECT_EQ(next(), std::nullopt);
}

TEST_F(TurnBooks, ALostRaceFailsTheTurnWhenItMayNotRunAgain) {
  const auto t = storing("s");
  not_stored(t, errc::concurrent_write);
  EXPECT_THAT(failed(), ElementsAre(Pair(t, errc::concurrent_write)));
  EXPECT_EQ(then.restarted, nullptr);
  EXPECT_EQ(books->stats().conflicts, 1U);
}

TEST_F(TurnBooks, ATurnThatLostARaceRunsAgainOnTheNewSnapshotABoundedNumberOfTimes) {
  make(rerunning(2));
  const auto t = storing("s");
  for (std::int64_t round = 1; round <= 2; ++round) {
    not_stored(t, errc::concurrent_write);
    EXPECT_EQ(then.restarted, t);
    EXPECT_EQ(next(), action::load);
    loaded(t, round);
    EXPECT_EQ(then.next->base->version, round);
    start(t);
    handled(t);
  }
  not_stored(t, errc::concurrent_write);
  EXPECT_EQ(then.restarted, nullptr);
  EXPECT_THAT(failed(), ElementsAre(Pair(t, errc::concurrent_write)));
  EXPECT_EQ(books->stats().reruns, 2U);
}

TEST_F(TurnBooks, AMessageThatLostARaceIsLookedForOnceAndNeverRunsAgain) {
  const auto t = submit_message("s");
  loaded(t, 0);
  start(t);
  handled(t);
  not_stored(t, errc::concurrent_write);
  EXPECT_EQ(next(), action::load);
  EXPECT_EQ(then.restarted, nullptr);
  loaded(t, 1);
  EXPECT_EQ(next(), action::find_turn);
  not_found(t);
  EXPECT_THAT(failed(), ElementsAre(Pair(t, errc::concurrent_write)));
  EXPECT_EQ(next(), std::nullopt);
}

TEST_F(TurnBooks, AMessageThatLostARaceToItselfGetsTheWinnersEvents) {
  const auto t = submit_message("s");
  loaded(t, 0);
  start(t);
  handled(t);
  not_stored(t, errc::concurrent_write);
  loaded(t, 1);
  found(t, 1);
  EXPECT_EQ(then.stored, t);
  EXPECT_THAT(failed(), IsEmpty());
}

TEST_F(TurnBooks, AMessageThatLostARaceToARemoveFailsWithoutAQuestion) {
  const auto t = submit_message("s");
  loaded(t, 3);
  not_found(t);
  start(t);
  handled(t);
  not_stored(t, errc::concurrent_write);
  loaded(t, 0);
  EXPECT_THAT(failed(), ElementsAre(Pair(t, errc::concurrent_write)));
  EXPECT_EQ(next(), std::nullopt);
}

TEST_F(TurnBooks, AMessageWhoseLostRaceCannotBeFoundOutFailsWithThat) {
  const auto t = submit_message("s");
  loaded(t, 0);
  start(t);
  handled(t);
  not_stored(t, errc::concurrent_write);
  loaded(t, 1);
  not_found(t, {errc::unavailable, "script"});
  EXPECT_THAT(failed(), ElementsAre(Pair(t, errc::unavailable)));
}

TEST_F(TurnBooks, AReadOfAnAbsentSessionAsksTheStore) {
  threw(run("s"));
  EXPECT_EQ(books->live_count(), 1U);
  EXPECT_EQ(books->live_snapshot("s", now), std::nullopt);
  EXPECT_EQ(books->live_snapshot("unknown", now), std::nullopt);
}

TEST_F(TurnBooks, ASessionInATurnIsReadAsItWasBefore) {
  finish(run("s"));
  storing("s");
  EXPECT_EQ(live_version("s"), 1);
}

TEST_F(TurnBooks, TheLeastRecentlyUsedSessionIsEvictedWhenATurnEndsAndNoneInATurn) {
  make({.max_live_sessions = 1});
  const auto busy = run("busy");
  finish(run("a"));
  EXPECT_EQ(live_version("a"), 0) << "there was no room beside the one in a turn";
  finish(busy);
  EXPECT_EQ(live_version("busy"), 1);
  EXPECT_EQ(books->stats().evictions, 1U);
}

TEST_F(TurnBooks, TimeNeverGoesBackWhicheverThreadReadTheClockFirst) {
  runtime_options o;
  o.observer = std::make_shared<runtime_observer>();
  make(o);
  struct waiting_times final : runtime_observer {
    void on_turn_ended(const turn_outcome& t) noexcept override { running = t.running; }
    std::chrono::nanoseconds running{-1};
  } seen;
  const auto t = run("s");
  now -= 1s;
  cancel(t);
  for (const auto& note : then.notes) note(seen);
  EXPECT_EQ(seen.running, 0ns);
}

}  // namespace
}  // namespace atto::test
