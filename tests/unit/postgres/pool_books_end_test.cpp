#include "postgres/pool_books.hpp"

#include "unit/postgres/pool_script.hpp"
#include "unit/postgres/script.hpp"

#include <gmock/gmock.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

/// What ends a ticket: an answer, a loss, a deadline, a cancellation, a close, and the end of the pool.
namespace atto::postgres {
namespace {

using script::pool_script;
using script::scripted_ptr;
using stage = ticket::stage;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;

constexpr auto never = pool_script::time_point::max();

/// "timed_out: the deadline passed; nothing was read", or nothing.
std::string error_of(const std::vector<failure>& failures) {
  std::string all;
  for (const failure& f : failures) all += f.code.message() + ": " + f.diag.message();
  return all;
}

/// Connections 1 and so on, and operations that were sent on the first of them.
class PoolBooksEnds : public testing::Test {
 protected:
  void open(int connections) {
    for (int i = 0; i < connections; ++i) pool.open();
  }
  scripted_ptr sent(scripted_ptr op) {
    pool.run_posted();
    EXPECT_EQ(op->at, stage::sent);
    return op;
  }

  pool_script pool;
};

// --- answers and losses --------------------------------------------------------------------------------------------

TEST_F(PoolBooksEnds, AnOperationCompletesAtItsSyncAndLeavesNothing) {
  open(1);
  const auto op = sent(pool.write("a"));
  pool.answer(1);
  EXPECT_EQ(op->completed, 1);
  EXPECT_EQ(op->at, stage::ended);
  EXPECT_EQ(pool.store->outstanding, 0U);
  EXPECT_EQ(pool.books.next_deadline(), never);
  EXPECT_EQ(pool.books.count().busy, 0U);
}

TEST_F(PoolBooksEnds, AnotherRoundWaitsAndIsSent) {
  open(1);
  auto op = pool.make(true, "a");
  op->script.rounds = 2;
  pool.submit(op);
  sent(op);
  pool.answer(1);
  EXPECT_EQ(op->completed, 0);
  EXPECT_EQ(op->at, stage::sent);
  pool.answer(1);
  EXPECT_EQ(op->completed, 1);
}

TEST_F(PoolBooksEnds, ALossSendsAgainWhatCanFindOutWhatBecameOfItAndCountsTheWrites) {
  open(2);
  const auto write = pool.write("a");
  sent(write);
  pool.lose(1);
  EXPECT_THAT(pool.closed_links, ElementsAre(Pair(1U, closing::broke)));
  EXPECT_EQ(pool.writes_sent_again, 1U);
  EXPECT_EQ(write->at, stage::sent);
  pool.answer(2);
  EXPECT_EQ(write->completed, 1);
}

TEST_F(PoolBooksEnds, ALossFailsWhatCannotGoOn) {
  open(1);
  auto write = pool.make(true, "a"), read = pool.make(false, "b");
  for (const auto& op : {write, read}) {
    op->script.resends = false;
    sent(pool.submit(op));
    pool.lose(*pool.links.begin());
    open(1);
  }
  EXPECT_THAT(error_of(write->failures), testing::StartsWith(make_error_code(errc::outcome_unknown).message()));
  EXPECT_THAT(error_of(write->failures),
              HasSubstr("its fate is not known; reload and compare (the connection to db:5432"
                        " broke)"));
  EXPECT_THAT(error_of(read->failures), testing::StartsWith(make_error_code(errc::unavailable).message()));
  EXPECT_THAT(error_of(read->failures), HasSubstr("nothing was read; try again (the connection to db:5432 broke)"));
}

TEST_F(PoolBooksEnds, AConnectionThatTheServerSpoiledServesItsGroupAndIsClosed) {
  open(2);
  const auto op = sent(pool.write("a"));
  pool.books.on_reply(1, script::error("25006"));
  EXPECT_THAT(pool.closed_links, IsEmpty());
  pool.carry_out(pool.books.on_sync(1, true));
  EXPECT_THAT(pool.closed_links, ElementsAre(Pair(1U, closing::doomed)));
  EXPECT_EQ(op->entry.link, 2U) << "another connection may lead to the right place";
  pool.answer(2);
  EXPECT_EQ(op->completed, 1);
}

TEST_F(PoolBooksEnds, NothingIsHeardOfAConnectionThatIsGone) {
  open(1);
  sent(pool.write("a"));
  pool.lose(1);
  pool.books.on_reply(1, reply());
  EXPECT_FALSE(pool.books.on_sync(1, true).dispatch == pool_steps::when::now);
  EXPECT_THAT(pool.books.on_lost(1, {}).close_links, IsEmpty());
  EXPECT_THAT(pool.books.on_checked(1, false, pool.now).close_links, IsEmpty());
}

TEST_F(PoolBooksEnds, AnErrandIsSentAfterItsOperationAndACloseWaitsForIt) {
  open(1);
  auto op = pool.make(true, "a");
  op->script.leaves = std::make_unique<script::scripted_exchange>();
  pool.submit(op);
  sent(op);
  const auto close = pool.close(pool.store);
  pool.answer(1);
  EXPECT_EQ(op->completed, 1);
  EXPECT_EQ(close.end->succeeded, 0);
  EXPECT_EQ(pool.books.next_deadline(), std::min(close.t->deadline(), pool.now + pool_books::errand_timeout));
  pool.answer(1);
  EXPECT_EQ(close.end->succeeded, 1);
}

TEST_F(PoolBooksEnds, AnErrandIsNotBegunByAPoolThatWasShutDown) {
  open(1);
  auto op = pool.make(true, "a");
  op->script.leaves = std::make_unique<script::scripted_exchange>();
  pool.submit(op);
  sent(op);
  pool.shut_down();
  pool.answer(1);
  EXPECT_EQ(op->completed, 1);
  EXPECT_TRUE(pool.finished);
}

// --- deadlines and cancellation ------------------------------------------------------------------------------------

TEST_F(PoolBooksEnds, WhatWaitsEndsAtItsOwnDeadline) {
  const auto late = pool.write("a", 20), soon = pool.read("b", 10);
  const auto lease = pool.lease(15);
  EXPECT_EQ(pool.books.next_deadline(), pool.in(10));
  pool.pass(10);
  EXPECT_THAT(error_of(soon->failures), HasSubstr("the deadline passed; nothing was read"));
  EXPECT_EQ(pool.books.next_deadline(), pool.in(5));
  pool.pass(5);
  EXPECT_THAT(error_of(lease.end->failures), HasSubstr("the deadline passed; no connection was lent"));
  pool.pass(5);
  EXPECT_THAT(error_of(late->failures), HasSubstr("the deadline passed; nothing was written"));
  EXPECT_EQ(pool.books.next_deadline(), never);
  EXPECT_EQ(pool.books.count().waiting, 0U);
}

TEST_F(PoolBooksEnds, TheNextOfItsSessionGoesWhenOneThatWaitsIsGivenUp) {
  open(1);
  sent(pool.write("busy"));
  const auto first = pool.write("a"), second = pool.read("a");
  pool.cancel(first);
  EXPECT_TRUE(pool.dispatch_is_due);
  pool.answer(1);
  EXPECT_EQ(second->at, stage::sent);
}

TEST_F(PoolBooksEnds, AWriteThatWasSentEndsWithItsOutcomeUnknownAndAReadWithNothingRead) {
  open(2);
  const auto write = sent(pool.write("a", 10));
  const auto read = sent(pool.read("b", 10));
  pool.pass(10);
  EXPECT_THAT(error_of(write->failures), HasSubstr("its fate is not known"));
  EXPECT_THAT(error_of(read->failures), HasSubstr("the deadline passed; nothing was read"));
  pool.answer(1);
  pool.answer(2);
  EXPECT_EQ(write->completed + read->completed, 0);
}

TEST_F(PoolBooksEnds, TotalCancellationLeavesAWriteInDoubtAlone) {
  open(2);
  const auto write = sent(pool.write("a")), read = sent(pool.read("b"));
  pool.cancel(write, true);
  EXPECT_THAT(write->failures, IsEmpty());
  pool.cancel(read, true);
  EXPECT_THAT(error_of(read->failures), HasSubstr("cancelled; nothing was read"));
  pool.cancel(write, false);
  EXPECT_THAT(error_of(write->failures), HasSubstr("its fate is not known"));
}

TEST_F(PoolBooksEnds, TotalCancellationEndsAWriteThatWaits) {
  const auto write = pool.write("a");
  pool.cancel(write, true);
  EXPECT_THAT(error_of(write->failures), HasSubstr("cancelled; nothing was written"));
}

TEST_F(PoolBooksEnds, AWriteThatWaitsToBeSentAgainIsInDoubt) {
  open(1);
  const auto write = sent(pool.write("a"));
  pool.lose(1);
  pool.cancel(write, true);
  EXPECT_THAT(write->failures, IsEmpty());
  pool.cancel(write, false);
  EXPECT_THAT(error_of(write->failures), HasSubstr("its fate is not known"));
}

TEST_F(PoolBooksEnds, CancellationHasNoEffectOnWhatHasEnded) {
  open(1);
  const auto op = sent(pool.write("a"));
  pool.answer(1);
  pool.cancel(op);
  EXPECT_THAT(op->failures, IsEmpty());
}

TEST_F(PoolBooksEnds, ALeaseThatIsGivenUpWhileItIsPreparedCostsItsConnection) {
  open(2);
  const auto lease = pool.lease();
  pool.cancel(lease.t);
  EXPECT_THAT(error_of(lease.end->failures), HasSubstr("cancelled; no connection was lent"));
  EXPECT_THAT(pool.closed_links, ElementsAre(Pair(1U, closing::lease_given_up)));
  EXPECT_EQ(pool.books.count().leased, 0U);
  pool.prepared(1);
  EXPECT_EQ(pool.lent, 0) << "its end was on its way";
}

// --- decoding ------------------------------------------------------------------------------------------------------

TEST_F(PoolBooksEnds, WhileOneDecodesItsConnectionAndItsSessionAreFree) {
  pool.holds_decoding = true;
  open(1);
  const auto first = sent(pool.write("a")), second = pool.write("a");
  pool.answer(1);
  EXPECT_EQ(first->at, stage::decoding);
  EXPECT_EQ(first->completed, 0);
  EXPECT_EQ(second->at, stage::sent);
  pool.decoded();
  EXPECT_EQ(first->completed, 1);
  EXPECT_EQ(second->at, stage::sent);
}

TEST_F(PoolBooksEnds, OneThatDecodesCanBeCancelledAndExpire) {
  pool.holds_decoding = true;
  open(2);
  const auto read = sent(pool.read("a")), other = sent(pool.read("b", 10));
  pool.answer(1);
  pool.answer(2);
  pool.cancel(read);
  EXPECT_THAT(error_of(read->failures), HasSubstr("cancelled; nothing was read"));
  pool.pass(10);
  EXPECT_THAT(error_of(other->failures), HasSubstr("the deadline passed; nothing was read"));
  EXPECT_EQ(pool.books.next_deadline(), never);
  pool.decoded();
  EXPECT_EQ(read->completed + other->completed, 0);
}

TEST_F(PoolBooksEnds, AWriteThatDecodesIsInDoubtSinceItWasDone) {
  pool.holds_decoding = true;
  open(1);
  const auto write = sent(pool.write("a"));
  pool.answer(1);
  pool.cancel(write, true);
  EXPECT_THAT(write->failures, IsEmpty());
  pool.cancel(write, false);
  EXPECT_THAT(error_of(write->failures), HasSubstr("its fate is not known"));
}

TEST_F(PoolBooksEnds, ALossOrAShutDownWaitsForWhatDecodes) {
  pool.holds_decoding = true;
  open(1);
  const auto read = sent(pool.read("a"));
  pool.answer(1);
  pool.lose(1);
  pool.shut_down();
  EXPECT_FALSE(pool.finished);
  pool.decoded();
  EXPECT_EQ(read->completed, 1);
  EXPECT_TRUE(pool.finished);
}

// --- a server that is silent ---------------------------------------------------------------------------------------

TEST_F(PoolBooksEnds, AConnectionIsCheckedASecondAfterItsRoundWhenACallerGaveUp) {
  open(1);
  const auto hasty = sent(pool.write("a", 10));
  pool.pass(10);
  EXPECT_EQ(pool.books.next_deadline(), pool.in(990));
  pool.pass(989);
  EXPECT_EQ(pool.checks, 0);
  pool.pass(1);
  EXPECT_EQ(pool.checks, 1);
  EXPECT_THAT(pool.closed_links, ElementsAre(Pair(1U, closing::silent)));
}

TEST_F(PoolBooksEnds, AConnectionIsCheckedNoSoonerThanTheDeadlineOfOneThatWasCancelled) {
  open(1);
  const auto op = sent(pool.write("a", 5000));
  pool.cancel(op);
  EXPECT_EQ(pool.books.next_deadline(), pool.in(5000));
}

TEST_F(PoolBooksEnds, ASyncEndsTheWatch) {
  open(1);
  sent(pool.write("a", 10));
  pool.pass(10);
  pool.answer(1);
  EXPECT_EQ(pool.books.next_deadline(), never);
}

TEST_F(PoolBooksEnds, ASilentConnectionTakesTheIdleOnesWithIt) {
  open(3);
  sent(pool.read("a", 10));
  sent(pool.write("busy", 60'000));
  pool.pass(10);
  pool.pass(990);
  EXPECT_THAT(pool.closed_links,
              testing::UnorderedElementsAre(Pair(1U, closing::silent), Pair(3U, closing::beside_a_silent)));
  EXPECT_THAT(pool.links, ElementsAre(2U));
}

TEST_F(PoolBooksEnds, ANeighbourOnASilentConnectionIsSentAgain) {
  open(1);
  const auto hasty = pool.write("a", 10), patient = pool.write("b", 60'000);
  pool.run_posted();
  pool.pass(1000);
  EXPECT_EQ(hasty->failures.size(), 1U);
  EXPECT_EQ(patient->at, stage::waiting);
  EXPECT_EQ(pool.open(), 2U);
  pool.answer(2);
  EXPECT_EQ(patient->completed, 1);
}

TEST_F(PoolBooksEnds, AConnectionThatIsHeardIsCheckedAgain) {
  open(1);
  const auto hasty = pool.write("a", 10), patient = pool.write("b", 60'000);
  pool.run_posted();
  pool.pass(10);
  pool.heard = {1};
  pool.pass(990);
  EXPECT_THAT(pool.closed_links, IsEmpty());
  EXPECT_EQ(pool.books.next_deadline(), pool.in(1000));
  EXPECT_TRUE(pool.heard.contains(1)) << "one still waits, and has a deadline of its own";
  pool.cancel(patient);
  pool.pass(1000);
  EXPECT_THAT(pool.closed_links, IsEmpty());
  EXPECT_FALSE(pool.heard.contains(1)) << "no one waits: another byte must come";
  pool.pass(1000);
  EXPECT_THAT(pool.closed_links, ElementsAre(Pair(1U, closing::silent)));
}

// --- closing -------------------------------------------------------------------------------------------------------

TEST_F(PoolBooksEnds, ACloseWaitsForTheTicketsOfItsClientAndForNoOthers) {
  open(1);
  const auto mine = sent(pool.write("a"));
  const auto theirs = pool.submit(pool.make(true, "b", 100, std::make_shared<client>()));
  const auto close = pool.close(pool.store);
  EXPECT_EQ(close.end->succeeded, 0);
  pool.answer(1);
  EXPECT_EQ(close.end->succeeded, 1);
  EXPECT_EQ(theirs->at, stage::sent);
}

TEST_F(PoolBooksEnds, ACloseOfAClientWithoutTicketsSucceedsAtOnceAndSoDoesASecondOne) {
  EXPECT_EQ(pool.close(pool.store).end->succeeded, 1);
  EXPECT_EQ(pool.close(pool.store).end->succeeded, 1);
  EXPECT_EQ(pool.books.next_deadline(), never);
}

TEST_F(PoolBooksEnds, ACloseWhoseDeadlinePassesEndsTheOthersAndASecondCloseSucceeds) {
  open(1);
  const auto sent_one = sent(pool.write("a", 1000)), waits = pool.write("a", 1000);
  const auto first = pool.close(pool.store, 10), second = pool.close(pool.store, 500);
  pool.pass(10);
  EXPECT_THAT(error_of(first.end->failures), HasSubstr("the deadline passed; the store stays closed"));
  EXPECT_EQ(second.end->succeeded, 1);
  EXPECT_THAT(error_of(sent_one->failures), HasSubstr("its fate is not known"));
  EXPECT_THAT(error_of(waits->failures), HasSubstr("the store or its pool was closed"));
}

TEST_F(PoolBooksEnds, ACloseThatIsCancelledEndsAloneAndTheClientStaysClosed) {
  const auto op = pool.write("a");
  const auto close = pool.close(pool.store);
  pool.cancel(close.t);
  EXPECT_THAT(error_of(close.end->failures), HasSubstr("cancelled; the store stays closed"));
  EXPECT_THAT(op->failures, IsEmpty());
  EXPECT_EQ(pool.write("b")->failures.size(), 1U);
}

TEST_F(PoolBooksEnds, AnAbandonedClientEndsWithItsCloseAndLeavesTheOthers) {
  const auto op = pool.write("a");
  const auto theirs = pool.submit(pool.make(true, "b", 100, std::make_shared<client>()));
  const auto close = pool.close(pool.store);
  pool.abandon(pool.store);
  EXPECT_THAT(error_of(op->failures), HasSubstr("the store or its pool was closed"));
  EXPECT_EQ(close.end->succeeded + static_cast<int>(close.end->failures.size()), 1);
  EXPECT_THAT(theirs->failures, IsEmpty());
  EXPECT_EQ(pool.store->outstanding, 0U);
}

TEST_F(PoolBooksEnds, AShutDownFinishesWithTheLastTicketAndClosesTheConnections) {
  open(2);
  const auto first = sent(pool.write("a")), second = sent(pool.write("b"));
  pool.shut_down();
  pool.answer(1);
  EXPECT_FALSE(pool.finished);
  pool.answer(2);
  EXPECT_TRUE(pool.finished);
  EXPECT_THAT(pool.links, IsEmpty());
  EXPECT_THAT(pool.closed_links, ElementsAre(Pair(1U, closing::pool_closed), Pair(2U, closing::pool_closed)));
}

TEST_F(PoolBooksEnds, AShutDownDoesNotWaitForTheRepliesOfWhatWasGivenUp) {
  open(1);
  const auto op = sent(pool.write("a"));
  pool.shut_down();
  pool.cancel(op);
  EXPECT_TRUE(pool.finished);
  EXPECT_THAT(pool.links, IsEmpty());
  EXPECT_EQ(pool.books.next_deadline(), never);
}

TEST_F(PoolBooksEnds, AShutDownOfAnIdlePoolFinishesAtOnce) {
  open(1);
  pool.shut_down();
  EXPECT_TRUE(pool.finished);
}

TEST_F(PoolBooksEnds, ThePoolsEndEndsEverything) {
  open(2);
  const auto write = sent(pool.write("a")), waits = pool.write("a");
  const auto lease = pool.lease(), close = pool.close(pool.store);
  pool.abandon_all();
  EXPECT_TRUE(pool.finished);
  EXPECT_EQ(write->failures.size(), 1U);
  EXPECT_EQ(waits->failures.size(), 1U);
  EXPECT_EQ(lease.end->failures.size(), 1U);
  EXPECT_EQ(close.end->succeeded + static_cast<int>(close.end->failures.size()), 1);
  EXPECT_THAT(pool.links, IsEmpty());
  EXPECT_THAT(pool.preparing, IsEmpty());
}

}  // namespace
}  // namespace atto::postgres
