// Claims: kept while turns run, lost, and given back; at every stage of the turn that has the session.

#include "unit/runtime/turn_books_fixture.hpp"

namespace atto::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

class TurnBooksClaims : public TurnBooks {
 protected:
  TurnBooksClaims() { make(claiming()); }
};

TEST_F(TurnBooksClaims, ASessionIsLoadedAgainWhenItsClaimIsOver) {
  finish(run("s"));
  now += 30s - 1ns;
  EXPECT_EQ(live_version("s"), 1);
  now += 1ns;
  EXPECT_EQ(live_version("s"), 0) << "another owner may have written to it";
  submit("s");
  EXPECT_EQ(next(), action::load);
}

TEST_F(TurnBooksClaims, AnAppendRenewsTheClaimFromWhenItWasSent) {
  const auto t = storing("s");
  now += 20s;
  stored(t, start_time + 15s);
  now = start_time + 45s - 1ns;
  EXPECT_EQ(live_version("s"), 1);
  now += 1ns;
  EXPECT_EQ(live_version("s"), 0);
}

TEST_F(TurnBooksClaims, AWholeSnapshotDoesNotRenewTheClaim) {
  const auto t = storing("s");
  now += 20s;
  stored(t, now, history{json("0")});
  now = start_time + 30s;
  EXPECT_EQ(live_version("s"), 0);
}

TEST_F(TurnBooksClaims, ATurnIsStoredUnderTheClaimThatItsSessionHas) {
  const auto t = submit("s");
  loaded(t, 0, 17);
  start(t);
  handled(t);
  EXPECT_EQ(then.next->epoch, 17);
}

TEST_F(TurnBooksClaims, AHandlerThatRunsForLongHasItsClaimRenewedEveryThirdOfTheTtl) {
  const auto t = submit("s");
  loaded(t, 0, 17);
  start(t);
  EXPECT_EQ(then.next_deadline, now + 10s);
  now += 10s;
  on_time();
  EXPECT_THAT(renewals(), ElementsAre(Pair(t, 17)));
  renewed(t, 17, now);
  EXPECT_EQ(then.next_deadline, now + 10s);
  now = start_time + 40s - 1ns;
  EXPECT_TRUE(t->actor->claim.held(now));
  now += 1ns;
  EXPECT_FALSE(t->actor->claim.held(now));
}

TEST_F(TurnBooksClaims, ARenewalThatFailsIsTriedAgainAThirdOfTheTtlLater) {
  const auto t = submit("s");
  loaded(t, 0, 17);
  start(t);
  now += 10s;
  on_time();
  const instant sent = now;
  now += 3s;
  renewed(t, 17, sent, make_error_code(errc::unavailable));
  EXPECT_THAT(failed(), IsEmpty());
  EXPECT_EQ(then.next_deadline, sent + 10s);
  EXPECT_EQ(t->actor->claim.until, start_time + 30s);
}

TEST_F(TurnBooksClaims, ATurnThatIsBeingStoredIsNotRenewed) {
  const auto t = storing("s");
  now += 20s;
  on_time();
  EXPECT_THAT(renewals(), IsEmpty());
  stored(t);
}

TEST_F(TurnBooksClaims, ATurnThatEndedIsNotRenewedWhateverTheLastAnswer) {
  const auto t = run("s");
  now += 10s;
  on_time();
  finish(t);
  renewed(t, 1, now);
  now += 15s;
  on_time();
  EXPECT_THAT(renewals(), IsEmpty());
}

TEST_F(TurnBooksClaims, ARenewalThatFindsTheClaimLostEndsTheTurnAndTheNextClaimsAnew) {
  const auto t = run("s");
  const auto behind = submit("s");
  renewed(t, 1, now, make_error_code(errc::claim_lost));
  EXPECT_THAT(failed(), ElementsAre(Pair(t, errc::claim_lost)));
  EXPECT_THAT(then.cancel, ElementsAre(t));
  EXPECT_EQ(next(), std::nullopt) << "its handler still runs";
  handled(t);
  EXPECT_EQ(next(), action::load);
  EXPECT_EQ(next_turn(), behind);
  EXPECT_THAT(releases(), IsEmpty()) << "it is another owner's";
}

TEST_F(TurnBooksClaims, TheRenewalOfAnEarlierTurnEndsTheOneThatRunsUnderTheSameClaim) {
  const auto first = run("s");
  finish(first);
  const auto second = run("s");
  renewed(first, 1, now, make_error_code(errc::claim_lost));
  EXPECT_THAT(failed(), ElementsAre(Pair(second, errc::claim_lost)));
}

TEST_F(TurnBooksClaims, ATurnThatIsAboutToStartWhenTheClaimIsFoundLostClaimsAnew) {
  const auto first = run("s");
  finish(first);
  const auto second = submit("s");
  EXPECT_EQ(next(), action::start_soon);
  renewed(first, 1, now, make_error_code(errc::claim_lost));
  EXPECT_THAT(failed(), IsEmpty());
  start(second);
  EXPECT_EQ(next(), action::load) << "its handler must not run on what another owner may have changed";
  loaded(second, 2, 2);
  start(second);
  EXPECT_EQ(next(), action::run);
}

TEST_F(TurnBooksClaims, AnAnswerAboutAClaimThatIsNoMoreSaysNothing) {
  const auto first = run("s");
  finish(first);
  now += 1min;
  const auto second = submit("s");
  loaded(second, 1, 2);
  start(second);
  const auto until = second->actor->claim.until;
  renewed(first, 1, now, make_error_code(errc::claim_lost));
  renewed(first, 1, now + 1h);
  EXPECT_THAT(failed(), IsEmpty());
  EXPECT_EQ(second->actor->claim.epoch, 2);
  EXPECT_EQ(second->actor->claim.until, until);
}

TEST_F(TurnBooksClaims, AWriteThatFindsTheClaimLostEndsTheTurnAndGivesNothingBack) {
  const auto t = storing("s");
  not_stored(t, errc::claim_lost);
  EXPECT_THAT(failed(), ElementsAre(Pair(t, errc::claim_lost)));
  EXPECT_THAT(releases(), IsEmpty());
  EXPECT_EQ(books->live_count(), 0U);
}

TEST_F(TurnBooksClaims, ASessionOfAnotherOwnerRefusesAllThatWaitForIt) {
  const auto first = submit("s"), second = submit("s"), third = submit("s");
  not_loaded(first, errc::owned_elsewhere);
  EXPECT_THAT(failed(), ElementsAre(Pair(first, errc::owned_elsewhere), Pair(second, errc::owned_elsewhere),
                                    Pair(third, errc::owned_elsewhere)));
  EXPECT_EQ(next(), std::nullopt);
}

TEST_F(TurnBooksClaims, AClaimThatFailsOtherwiseIsTriedAgainForTheNextTurn) {
  const auto first = submit("s"), second = submit("s");
  not_loaded(first, errc::unavailable);
  EXPECT_THAT(failed(), ElementsAre(Pair(first, errc::unavailable)));
  EXPECT_EQ(next(), action::load);
  EXPECT_EQ(next_turn(), second);
}

TEST_F(TurnBooksClaims, TheClaimOfAPassivatedSessionIsGivenBack) {
  auto o = claiming();
  o.idle_timeout = 10s;
  make(o);
  finish(run("s"));
  EXPECT_THAT(releases(), IsEmpty());
  now += 10s;
  on_time();
  EXPECT_THAT(releases(), ElementsAre("s"));
}

TEST_F(TurnBooksClaims, TheClaimOfAnEvictedSessionIsGivenBack) {
  auto o = claiming();
  o.max_live_sessions = 1;
  make(o);
  finish(run("a"));
  finish(run("b"));
  EXPECT_THAT(releases(), ElementsAre("a"));
}

TEST_F(TurnBooksClaims, TheClaimOfASessionThatIsNoLongerLiveIsGivenBackAfterItsLastTurn) {
  const auto t = storing("s");
  const auto behind = submit("s");
  not_stored(t, errc::outcome_unknown);
  EXPECT_THAT(releases(), IsEmpty()) << "the next turn still uses it";
  cancel(behind);
  EXPECT_THAT(releases(), IsEmpty()) << "its load is outstanding";
  not_loaded(behind, errc::unavailable);
  EXPECT_THAT(releases(), IsEmpty()) << "whether it has the claim is not known";

  const auto last = storing("t");
  not_stored(last, errc::outcome_unknown);
  EXPECT_THAT(releases(), ElementsAre("t"));
}

TEST_F(TurnBooksClaims, AStopGivesClaimsBackSomeAtATimeAndEndsWithTheLastAnswer) {
  for (int i = 0; i < 300; ++i) finish(run("s" + std::to_string(i)));
  stop(now + 10s);
  EXPECT_EQ(then.release.size(), 256U);
  EXPECT_FALSE(then.stopped);
  for (int i = 0; i < 44; ++i) {
    released();
    EXPECT_EQ(then.release.size(), 1U);
  }
  for (int i = 44; i < 299; ++i) {
    released();
    EXPECT_THAT(then.release, IsEmpty());
    EXPECT_FALSE(then.stopped);
  }
  released();
  EXPECT_TRUE(then.stopped);
}

TEST_F(TurnBooksClaims, AStopWhoseTimeIsOverLeavesTheClaimsThatAreLeftToTheirTtl) {
  for (int i = 0; i < 300; ++i) finish(run("s" + std::to_string(i)));
  stop(now);
  now += 1s;
  released();
  EXPECT_THAT(then.release, IsEmpty());
  for (int i = 1; i < 256; ++i) released();
  EXPECT_TRUE(then.stopped);
}

TEST_F(TurnBooksClaims, AStopWaitsForTheHandlersThatItCutAndGivesTheirClaimsBackThen) {
  const auto t = run("s");
  stop(now);
  EXPECT_THAT(failed(), ElementsAre(Pair(t, errc::runtime_stopped)));
  EXPECT_THAT(releases(), IsEmpty()) << "its handler has not seen it";
  EXPECT_FALSE(then.stopped);
  EXPECT_EQ(then.next_deadline, now + 1s);
  handled(t);
  EXPECT_THAT(releases(), ElementsAre("s"));
  EXPECT_FALSE(then.stopped);
  released();
  ASSERT_TRUE(then.stopped);
  EXPECT_EQ(then.stopped->size(), 1U);
}

TEST_F(TurnBooksClaims, AStopWaitsASecondForAHandlerThatDoesNotReturn) {
  run("s");
  stop(now);
  now += 1s - 1ns;
  on_time();
  EXPECT_FALSE(then.stopped);
  now += 1ns;
  on_time();
  EXPECT_TRUE(then.stopped);
  EXPECT_THAT(releases(), IsEmpty()) << "its claim ends by its ttl";
}

TEST_F(TurnBooksClaims, AbandoningEndsAllTurnsAndWaitsForNone) {
  const auto t = run("s");
  then = books->abandon(now);
  EXPECT_EQ(then.next_deadline, instant::max());
  EXPECT_FALSE(then.stopped) << "no one asked";
  handled(t);
  EXPECT_FALSE(then.stopped);
}

}  // namespace
}  // namespace atto::test
