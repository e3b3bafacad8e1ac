#include "postgres/pool_books.hpp"

#include "unit/postgres/pool_script.hpp"
#include "unit/postgres/script.hpp"

#include <gmock/gmock.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

/// Which ticket is admitted, and which gets which connection. What ends them: pool_books_end_test.cpp.
namespace atto::postgres {
namespace {

using script::pool_script;
using script::scripted_ptr;
using stage = ticket::stage;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;

errc code_of(const std::vector<failure>& failures) {
  return failures.size() == 1 ? static_cast<errc>(failures.front().code.value()) : errc();
}

// --- admission ---------------------------------------------------------------------------------------------------

TEST(PoolBooks, RefusesOneMoreThanMayWaitOperationsAndLeasesTogether) {
  pool_script pool({.connections = 3, .max_waiting = 2});
  pool.write("a");
  pool.lease();
  const auto refused = pool.write("b");
  ASSERT_EQ(code_of(refused->failures), errc::unavailable);
  EXPECT_THAT(refused->failures.front().diag.message(), HasSubstr("2 operations wait already"));
  EXPECT_EQ(code_of(pool.lease().end->failures), errc::unavailable);
  EXPECT_EQ(pool.store->outstanding, 1U);
}

TEST(PoolBooks, WhatWasSentDoesNotWait) {
  pool_script pool({.connections = 1, .max_waiting = 1});
  pool.open();
  pool.write("a");
  pool.run_posted();
  EXPECT_THAT(pool.write("b")->failures, IsEmpty());
  EXPECT_EQ(code_of(pool.write("c")->failures), errc::unavailable);
}

TEST(PoolBooks, RefusesTicketsOfAClosedClientAndServesTheOthers) {
  pool_script pool;
  const auto other = std::make_shared<client>();
  pool.close(pool.store);
  EXPECT_EQ(code_of(pool.write("a")->failures), errc::closed);
  EXPECT_THAT(pool.submit(pool.make(true, "b", 100, other))->failures, IsEmpty());
}

TEST(PoolBooks, RefusesTicketsAfterItWasShutDown) {
  pool_script pool;
  pool.shut_down();
  EXPECT_EQ(code_of(pool.write("a")->failures), errc::closed);
  EXPECT_EQ(code_of(pool.lease().end->failures), errc::closed);
}

TEST(PoolBooks, APoolOfOneConnectionHasNoneToLend) {
  pool_script pool({.connections = 1});
  EXPECT_EQ(code_of(pool.lease().end->failures), errc::invalid_argument);
  EXPECT_EQ(pool.books.count().waiting, 0U);
}

TEST(PoolBooks, ARefusedTicketLeavesNothing) {
  pool_script pool({.connections = 1});
  const auto t = pool.lease();
  pool.cancel(t.t);
  pool.pass(1000);
  EXPECT_EQ(t.end->failures.size(), 1U);
  EXPECT_EQ(pool.books.next_deadline(), pool_script::time_point::max());
}

// --- connections for tickets ---------------------------------------------------------------------------------------

TEST(PoolBooks, AnOperationWaitsForThoseThatComeWithItAndALeaseDoesNot) {
  pool_script pool;
  pool.open();
  pool.write("a");
  EXPECT_THAT(pool.in_flight, IsEmpty());
  EXPECT_TRUE(pool.dispatch_is_due);
  pool.write("b");
  pool.run_posted();
  EXPECT_THAT(pool.in_flight, ElementsAre(Pair(1U, 2U)));
  pool.open();
  pool.lease();
  EXPECT_THAT(pool.preparing, ElementsAre(2U));
}

TEST(PoolBooks, UsesTheConnectionThatWasMadeFirst) {
  pool_script pool;
  for (int i = 0; i < 3; ++i) pool.open();
  pool.write("a");
  pool.run_posted();
  EXPECT_THAT(pool.in_flight, ElementsAre(Pair(1U, 1U)));
}

TEST(PoolBooks, AConnectionHasOneGroupAtATime) {
  pool_script pool;
  pool.open();
  pool.write("a");
  pool.run_posted();
  const auto next = pool.write("b");
  pool.run_posted();
  EXPECT_EQ(next->at, stage::waiting);
  pool.answer(1);
  EXPECT_EQ(next->at, stage::sent);
}

TEST(PoolBooks, ClosesWhatIsNotUsableAndSendsOnTheNext) {
  pool_script pool;
  for (int i = 0; i < 3; ++i) pool.open();
  pool.dead = {1, 2};
  pool.write("a");
  pool.run_posted();
  EXPECT_THAT(pool.closed_links, ElementsAre(Pair(1U, closing::broke_idle), Pair(2U, closing::broke_idle)));
  EXPECT_THAT(pool.in_flight, ElementsAre(Pair(3U, 1U)));
}

TEST(PoolBooks, ASessionsNextWriteIsSentWhenTheFirstHasItsSync) {
  pool_script pool;
  pool.open();
  pool.open();
  const auto first = pool.write("a"), second = pool.write("a");
  pool.run_posted();
  EXPECT_EQ(second->at, stage::waiting);
  pool.answer(1);
  EXPECT_EQ(first->completed, 1);
  EXPECT_EQ(second->at, stage::sent);
}

TEST(PoolBooks, CountsAWaitOnceAndUntilTheFirstSending) {
  pool_script pool;
  const auto op = pool.write("a");
  pool.pass(30);
  static_cast<void>(pool.books.on_opened(true));
  pool_steps s = pool.books.dispatch([](std::size_t) { return true; }, pool.now);
  EXPECT_EQ(s.send.operations, 1U);
  EXPECT_EQ(s.send.waits.operations, 1U);
  EXPECT_EQ(s.send.waits.all, std::chrono::milliseconds(30));
  static_cast<void>(pool.books.on_lost(1, {}));
  static_cast<void>(pool.books.on_opened(true));
  s = pool.books.dispatch([](std::size_t) { return true; }, pool.now);
  EXPECT_EQ(s.send.operations, 1U);
  EXPECT_EQ(s.send.waits.operations, 0U);
}

// --- leases --------------------------------------------------------------------------------------------------------

TEST(PoolBooks, NeverLendsTheLastConnection) {
  pool_script pool({.connections = 3});
  for (int i = 0; i < 3; ++i) pool.open();
  for (int i = 0; i < 3; ++i) pool.lease();
  EXPECT_THAT(pool.preparing, ElementsAre(1U, 2U));
  pool.prepared(1);
  pool.prepared(2);
  EXPECT_EQ(pool.lent, 2);
  pool.take_back();
  EXPECT_THAT(pool.preparing, IsEmpty()) << "what is on its way back is still lent";
  EXPECT_EQ(pool.renewed(), 4U);
  EXPECT_THAT(pool.preparing, ElementsAre(3U)) << "now one more may be lent";
}

TEST(PoolBooks, LeasesAndGroupsTakeTurns) {
  pool_script pool({.connections = 4});
  pool.write("a");
  pool.lease();
  pool.read("b");
  pool.lease();
  for (int i = 0; i < 4; ++i) pool.open();
  EXPECT_THAT(pool.in_flight, ElementsAre(Pair(1U, 1U), Pair(3U, 1U)));
  EXPECT_THAT(pool.preparing, ElementsAre(2U, 4U));
}

TEST(PoolBooks, ALeaseGoesWhenNoOperationCan) {
  pool_script pool;
  pool.open();
  pool.write("a");
  pool.run_posted();
  pool.write("a");
  pool.lease();
  pool.open();
  EXPECT_THAT(pool.preparing, ElementsAre(2U));
}

TEST(PoolBooks, ALeaseEndsWithItsConnectionAndTheConnectionServesNoOperation) {
  pool_script pool;
  pool.open();
  const auto l = pool.lease();
  EXPECT_EQ(pool.books.count().open, 0U);
  EXPECT_EQ(pool.books.count().leased, 1U);
  EXPECT_EQ(l.end->succeeded, 0);
  pool.prepared(1);
  EXPECT_EQ(l.end->succeeded, 1);
  EXPECT_EQ(pool.books.next_deadline(), pool_script::time_point::max());
  pool.take_back();
  EXPECT_EQ(pool.renewing, 1);
  EXPECT_EQ(pool.renewed(), 2U);
  EXPECT_EQ(pool.books.count().leased, 0U);
  EXPECT_EQ(pool.books.count().open, 1U);
}

TEST(PoolBooks, ALeaseWhoseConnectionBreaksGetsAnotherOneInItsOldPlace) {
  pool_script pool({.connections = 2});
  pool.open();
  const auto first = pool.lease(), second = pool.lease();
  pool.prepared(1, false);
  EXPECT_THAT(pool.closed_links, ElementsAre(Pair(1U, closing::broke)));
  EXPECT_EQ(pool.books.count().leased, 0U);
  EXPECT_EQ(pool.open(), 2U);
  pool.prepared(2);
  EXPECT_EQ(first.end->succeeded, 1);
  EXPECT_EQ(second.end->succeeded, 0);
}

TEST(PoolBooks, AConnectionThatCannotBeRenewedIsNotLentAnyMore) {
  pool_script pool({.connections = 2});
  pool.open();
  pool.lease();
  pool.prepared(1);
  pool.take_back();
  EXPECT_EQ(pool.renewed(false), 0U);
  EXPECT_EQ(pool.books.count().leased, 0U);
  EXPECT_EQ(pool.books.count().open, 0U);
}

// --- connections that are wanted -----------------------------------------------------------------------------------

TEST(PoolBooks, AsksForConnectionsForThoseThatCouldUseOneNow) {
  pool_script pool({.connections = 3});
  pool.write("a");
  for (int i = 0; i < 3; ++i) pool.lease();
  ASSERT_TRUE(pool.demand);
  EXPECT_EQ(pool.demand->waiting, 3U) << "the third lease cannot: it would be the last connection";
  EXPECT_EQ(pool.demand->open, 0U);
  EXPECT_EQ(pool.demand->latest, 4U);
  pool.open();
  EXPECT_EQ(pool.demand->open, 1U);
  pool.open();
  EXPECT_EQ(pool.demand->lent, 1U);
}

TEST(PoolBooks, WantsNoConnectionsWhenItWasShutDownAndNothingWaits) {
  pool_script pool;
  pool.open();
  const auto op = pool.write("a");
  pool.run_posted();
  pool.shut_down();
  EXPECT_FALSE(pool.books.on_attempts_due().open);
  EXPECT_EQ(pool.open(), 0U);
  EXPECT_FALSE(pool.finished) << "one is still on its way";
}

TEST(PoolBooks, WantsConnectionsForWhatStillWaitsWhenItWasShutDown) {
  pool_script pool;
  const auto op = pool.write("a");
  pool.shut_down();
  EXPECT_TRUE(pool.books.on_attempts_due().open);
  EXPECT_EQ(pool.open(), 1U);
  pool.answer(1);
  EXPECT_EQ(op->completed, 1);
  EXPECT_TRUE(pool.finished);
}

TEST(PoolBooks, ALeaseThatComesBackToAPoolThatWasShutDownIsNotRenewed) {
  pool_script pool;
  pool.open();
  pool.lease();
  pool.prepared(1);
  pool.shut_down();
  pool.take_back();
  EXPECT_EQ(pool.renewing, 0);
  EXPECT_EQ(pool.books.count().leased, 0U);
}

TEST(PoolBooks, ARefusalFailsWhatArrivedBeforeTheAttemptAndNothingLater) {
  pool_script pool;
  const auto first = pool.write("a");
  const auto lease = pool.lease();
  const std::uint64_t latest = pool.demand->latest;
  const auto later = pool.write("b");
  pool.refuse(latest);
  ASSERT_EQ(code_of(first->failures), errc::unavailable);
  EXPECT_EQ(first->failures.front().diag.message(), "refused");
  EXPECT_EQ(code_of(lease.end->failures), errc::unavailable);
  EXPECT_THAT(later->failures, IsEmpty());
  EXPECT_EQ(pool.books.count().waiting, 1U);
  EXPECT_TRUE(pool.demand) << "the later one needs an attempt";
}

TEST(PoolBooks, ARefusalFailsNothingWhileAConnectionIsOpen) {
  pool_script pool({.connections = 2});
  pool.open();
  pool.write("a");
  pool.run_posted();
  const auto waits = pool.write("a");
  pool.refuse(waits->arrival);
  EXPECT_THAT(waits->failures, IsEmpty());
}

TEST(PoolBooks, ARefusalFailsNeitherAWriteInDoubtNorAClose) {
  pool_script pool;
  pool.open();
  const auto op = pool.write("a");
  pool.run_posted();
  const auto close = pool.close(pool.store);
  pool.lose(1);
  ASSERT_EQ(op->at, stage::waiting);
  pool.refuse(close.t->arrival);
  EXPECT_THAT(op->failures, IsEmpty());
  EXPECT_THAT(close.end->failures, IsEmpty());
  EXPECT_EQ(pool.open(), 2U);
  pool.answer(2);
  EXPECT_EQ(op->completed, 1);
  EXPECT_EQ(close.end->succeeded, 1);
}

}  // namespace
}  // namespace atto::postgres
