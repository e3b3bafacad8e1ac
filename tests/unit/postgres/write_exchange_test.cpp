#include "postgres/write_exchange.hpp"

#include <atto/store_requests.hpp>

#include "unit/postgres/script.hpp"

#include <gmock/gmock.h>

#include <optional>
#include <string>
#include <vector>

namespace atto::postgres {
namespace {

using script::error;
using script::rows_affected;
using script::stored;

constexpr std::size_t limit = 1000;

save_exchange a_save(std::int64_t version, guard g = guard::newer, std::int64_t base = 0) {
  save_request r;
  r.id = "s";
  r.snap.version = version;
  r.guard = g;
  r.base = base;
  return {script::store(), std::move(r), std::string(16, 'w')};
}

append_exchange an_append(std::int64_t base, std::size_t max_bytes = limit) {
  append_request r;
  r.id = "s";
  r.base = base;
  r.turn = turn({}, history{json("1")});
  return {script::store(max_bytes), std::move(r), std::string(16, 'w')};
}

remove_exchange a_remove(std::optional<std::int64_t> base = {}) {
  remove_request r;
  r.id = "s";
  r.base = base;
  return {script::store(), std::move(r)};
}

/// What a save that wrote a row answers: how many turns of the tail it replaced.
reply saved(std::int64_t turns_replaced = 0) {
  return script::rows({{write_int8(turns_replaced)}});
}

/// Plays one round; true when the exchange has ended.
bool play(exchange& x, std::vector<reply> replies) {
  EXPECT_FALSE(x.next().empty());
  return x.on_replies(std::move(replies));
}

TEST(PostgresSaveExchange, EndsAfterOneRoundWhenARowWasWritten) {
  auto save = a_save(7);
  ASSERT_TRUE(play(save, {saved()}));
  const auto o = save.take();
  ASSERT_FALSE(o.has_error());
  EXPECT_EQ(*o, 7);
}

TEST(PostgresSaveExchange, TellsBothVersionsWhenNoRowWasWritten) {
  auto save = a_save(7);
  ASSERT_FALSE(play(save, {script::rows({})}));
  ASSERT_TRUE(play(save, {stored(9, 0)}));
  const auto o = save.take();
  EXPECT_EQ(o.error().code, errc::concurrent_write);
  EXPECT_EQ(o.error().diag.stored_version(), 9);
  EXPECT_EQ(o.error().diag.supplied_version(), 7);
}

TEST(PostgresSaveExchange, ReportsVersionZeroWhenTheSessionWasGoneByThen) {
  auto save = a_save(7, guard::exact, 6);
  ASSERT_FALSE(play(save, {script::rows({})}));
  ASSERT_TRUE(play(save, {script::rows({})}));
  EXPECT_EQ(save.take().error().diag.stored_version(), 0);
}

TEST(PostgresSaveExchange, WhoseRowsAreSwallowedByTheServerEnds) {
  auto save = a_save(7, guard::exact, 3);
  int rounds = 0;
  do {
    ASSERT_LT(++rounds, 50);
    ASSERT_FALSE(play(save, {script::rows({})}));
  } while (!play(save, {stored(3, 0)}));
  EXPECT_EQ(save.take().error().code, errc::storage_failure);
}

TEST(PostgresSaveExchange, WithAnExactGuardTellsTheBaseItStoodOn) {
  auto save = a_save(7, guard::exact, 3);
  ASSERT_FALSE(play(save, {script::rows({})}));
  ASSERT_TRUE(play(save, {stored(5, 0)}));
  EXPECT_EQ(save.take().error().diag.supplied_version(), 3);
}

TEST(PostgresSaveExchange, IsSentOnceMoreWhenItsGuardHoldsByTheTimeItIsLookedAt) {
  auto save = a_save(7, guard::exact, 3);
  ASSERT_FALSE(play(save, {script::rows({})}));
  ASSERT_FALSE(play(save, {stored(3, 0)}));
  EXPECT_TRUE(save.in_doubt());
  EXPECT_EQ(save.kind(), round_kind::write);
  ASSERT_TRUE(play(save, {saved()}));
  EXPECT_EQ(save.take().value(), 7);
}

TEST(PostgresSaveExchange, IsInDoubtOnlyWhileItsWriteIsInFlight) {
  auto save = a_save(7);
  EXPECT_TRUE(save.in_doubt());
  ASSERT_FALSE(play(save, {script::rows({})}));
  EXPECT_FALSE(save.in_doubt());
}

TEST(PostgresSaveExchange, AnErrorInAnyReplyOfAnyRoundEndsIt) {
  auto failing = a_save(7);
  ASSERT_TRUE(play(failing, {error("40001")}));
  EXPECT_EQ(failing.take().error().code, errc::unavailable);
  auto save = a_save(7);
  ASSERT_FALSE(play(save, {script::rows({})}));
  ASSERT_TRUE(play(save, {error("57014")}));
  EXPECT_EQ(save.take().error().code, errc::timed_out);
}

TEST(PostgresSaveExchange, AnErrorOfTheCommitItselfIsNotSuccess) {
  auto save = a_save(7);
  ASSERT_TRUE(play(save, {saved(), error("53100")}));
  EXPECT_EQ(save.take().error().code, errc::storage_failure);
}

TEST(PostgresSaveExchange, SeedSaveIsOneInsertOnConflictDoUpdateWhereAndNoBegin) {
  auto save = a_save(7);
  const auto round = save.next();
  ASSERT_EQ(round.size(), 1U);
  EXPECT_THAT(round[0].sql->text, testing::AllOf(testing::StartsWith("INSERT INTO"), testing::HasSubstr("ON CONFLICT"),
                                                 testing::HasSubstr("DO UPDATE"),
                                                 testing::HasSubstr("WHERE t.version < EXCLUDED.version")));
  for (const statement& s : round) EXPECT_THAT(s.sql->text, testing::Not(testing::HasSubstr("BEGIN")));
}

TEST(PostgresSaveExchange, LeavesAnErrandWhenItReplacedTurnsAndOnlyThen) {
  auto plain = a_save(7);
  ASSERT_TRUE(play(plain, {saved(0)}));
  EXPECT_EQ(plain.errand(), nullptr);
  auto compacting = a_save(7);
  ASSERT_TRUE(play(compacting, {saved(3)}));
  const auto errand = compacting.errand();
  ASSERT_NE(errand, nullptr);
  EXPECT_EQ(errand->session().id, "s");
  EXPECT_THAT(errand->next().front().sql->text, testing::StartsWith("DELETE FROM"));
}

TEST(PostgresAppendExchange, YieldsTheNextVersion) {
  auto append = an_append(4);
  ASSERT_TRUE(play(append, {rows_affected(1)}));
  EXPECT_EQ(append.take().value(), 5);
}

TEST(PostgresAppendExchange, OnAnotherVersionIsAConcurrentWrite) {
  auto append = an_append(4);
  ASSERT_FALSE(play(append, {rows_affected(0)}));
  ASSERT_TRUE(play(append, {stored(5, 0)}));
  const auto o = append.take();
  EXPECT_EQ(o.error().code, errc::concurrent_write);
  EXPECT_EQ(o.error().diag.stored_version(), 5);
  EXPECT_EQ(o.error().diag.supplied_version(), 4);
}

TEST(PostgresAppendExchange, OnItsVersionButPastTheLimitIsTooLarge) {
  auto append = an_append(4);
  ASSERT_FALSE(play(append, {rows_affected(0)}));
  ASSERT_TRUE(play(append, {stored(4, static_cast<std::int64_t>(limit))}));
  const auto o = append.take();
  EXPECT_EQ(o.error().code, errc::too_large);
  EXPECT_EQ(o.error().diag.limit(), limit);
}

TEST(PostgresAppendExchange, DoesNotSendTheHistory) {
  auto append = an_append(4);
  const auto round = append.next();
  ASSERT_EQ(round.size(), 1U);
  EXPECT_THAT(round[0].sql->text, testing::Not(testing::HasSubstr("history")));
}

TEST(PostgresRemoveExchange, TellsWhetherThereWasOne) {
  auto present = a_remove();
  ASSERT_FALSE(play(present, {stored(4, 0)}));
  ASSERT_TRUE(play(present, {rows_affected(1), rows_affected(3)}));
  EXPECT_TRUE(present.take().value());
  auto absent = a_remove();
  ASSERT_TRUE(play(absent, {script::rows({})}));
  const auto o = absent.take();
  ASSERT_FALSE(o.has_error());
  EXPECT_FALSE(*o);
}

TEST(PostgresRemoveExchange, WithoutABaseTakesTheVersionItSawAndLooksAgainWhenAnotherIsThere) {
  auto remove = a_remove();
  EXPECT_EQ(remove.kind(), round_kind::read);
  EXPECT_FALSE(remove.in_doubt());
  ASSERT_FALSE(play(remove, {stored(4, 0)}));
  EXPECT_EQ(remove.kind(), round_kind::write);
  EXPECT_EQ(remove.next().front().parameters.at(1).bytes, write_int8(4));
  ASSERT_FALSE(remove.on_replies({rows_affected(0), rows_affected(0)}));
  ASSERT_FALSE(play(remove, {stored(5, 0)}));
  EXPECT_EQ(remove.next().front().parameters.at(1).bytes, write_int8(5));
  ASSERT_TRUE(remove.on_replies({rows_affected(1), rows_affected(0)}));
  EXPECT_TRUE(remove.take().value());
}

TEST(PostgresRemoveExchange, OfASessionThatReachedItsBaseOnlyAfterwardsIsSentOnceMore) {
  auto remove = a_remove(3);
  ASSERT_FALSE(play(remove, {rows_affected(0), rows_affected(0)}));
  ASSERT_FALSE(play(remove, {stored(3, 0)}));
  ASSERT_TRUE(play(remove, {rows_affected(1), rows_affected(0)}));
  EXPECT_TRUE(remove.take().value());
}

TEST(PostgresRemoveExchange, WithABaseTellsAnAbsentSessionFromAnotherVersion) {
  auto absent = a_remove(3);
  ASSERT_FALSE(play(absent, {rows_affected(0), rows_affected(0)}));
  ASSERT_TRUE(play(absent, {script::rows({})}));
  EXPECT_FALSE(absent.take().has_error());
  auto other = a_remove(3);
  ASSERT_FALSE(play(other, {rows_affected(0), rows_affected(0)}));
  ASSERT_TRUE(play(other, {stored(4, 0)}));
  EXPECT_EQ(other.take().error().code, errc::concurrent_write);
}

const std::string ours(16, 'w');
const std::string others(16, 'o');

/// What is found of a session after a write of it was lost.
reply found(std::int64_t version, std::int64_t base_version, const std::string& write_id, std::int64_t epoch = 0) {
  return script::rows({{write_int8(version), write_int8(0), write_int8(epoch), write_int8(base_version), write_id}});
}

reply turn_by(const std::string& write_id) {
  return script::rows({{write_id}});
}

const reply nothing = script::rows({});

/// Loses the first try, plays the second, and gives how it ended.
template <class Exchange>
auto sent_again(Exchange x, const reply& write, const reply& session, const reply& turn) {
  EXPECT_FALSE(x.next().empty());
  EXPECT_TRUE(x.on_lost());
  EXPECT_TRUE(x.in_doubt());
  EXPECT_EQ(x.next().size(), 3U);
  EXPECT_TRUE(x.on_replies({write, session, turn}));
  return x.take();
}

TEST(PostgresWriteSentAgain, IsTheSameStatementWithTheSameWriteId) {
  auto append = an_append(4);
  const auto first = append.next();
  ASSERT_TRUE(append.on_lost());
  const auto second = append.next();
  EXPECT_EQ(first.front().sql, second.front().sql);
  for (std::size_t i = 0; i < first.front().parameters.size(); ++i) {
    EXPECT_EQ(first.front().parameters[i].bytes, second.front().parameters[i].bytes);
  }
}

TEST(PostgresWriteSentAgain, ThatFindsItsGuardHoldWasNotDoneBefore) {
  EXPECT_EQ(sent_again(an_append(4), rows_affected(1), found(5, 1, others), turn_by(ours)).value(), 5);
  EXPECT_EQ(sent_again(a_save(7), saved(), found(7, 7, ours), nothing).value(), 7);
}

TEST(PostgresWriteSentAgain, ThatFindsItselfWasDoneBefore) {
  EXPECT_EQ(sent_again(an_append(4), rows_affected(0), found(5, 1, others), turn_by(ours)).value(), 5);
  EXPECT_EQ(sent_again(an_append(0), rows_affected(0), found(1, 1, ours), nothing).value(), 1);
  EXPECT_EQ(sent_again(a_save(7), nothing, found(7, 7, ours), nothing).value(), 7);
}

TEST(PostgresWriteSentAgain, ThatLaterTurnsHaveCoveredIsFoundAllTheSame) {
  EXPECT_EQ(sent_again(an_append(4), rows_affected(0), found(9, 1, others), turn_by(ours)).value(), 5);
  EXPECT_EQ(sent_again(an_append(0), rows_affected(0), found(3, 1, ours), nothing).value(), 1);
  EXPECT_EQ(sent_again(a_save(7), nothing, found(8, 7, ours), nothing).value(), 7);
}

TEST(PostgresWriteSentAgain, ThatFindsAnotherWriteOfItsVersionHasLost) {
  const auto append = sent_again(an_append(4), rows_affected(0), found(6, 1, others), turn_by(others));
  EXPECT_EQ(append.error().code, errc::concurrent_write);
  EXPECT_EQ(append.error().diag.stored_version(), 6);
  const auto save = sent_again(a_save(7), nothing, found(7, 7, others), nothing);
  EXPECT_EQ(save.error().code, errc::concurrent_write);
  // Appends made version 7: a whole save of it would have become the base.
  EXPECT_EQ(sent_again(a_save(7), nothing, found(8, 2, others), nothing).error().code, errc::concurrent_write);
}

TEST(PostgresWriteSentAgain, ThatALaterWholeSaveOrARemoveHasCoveredStaysUnknown) {
  EXPECT_EQ(sent_again(an_append(4), rows_affected(0), found(9, 9, others), nothing).error().code,
            errc::outcome_unknown);
  EXPECT_EQ(sent_again(an_append(4), rows_affected(0), nothing, nothing).error().code, errc::outcome_unknown);
  EXPECT_EQ(sent_again(a_save(7), nothing, found(9, 9, others), nothing).error().code, errc::outcome_unknown);
  EXPECT_EQ(sent_again(a_save(7, guard::exact, 6), nothing, nothing, nothing).error().code, errc::outcome_unknown);
}

TEST(PostgresWriteSentAgain, ThatLeftATurnOfItsMessageIsFoundUnderLaterWholeSaves) {
  EXPECT_EQ(sent_again(a_save(7), nothing, found(9, 9, others), turn_by(ours)).value(), 7);
  EXPECT_EQ(sent_again(an_append(4), rows_affected(0), found(9, 9, others), turn_by(ours)).value(), 5);
  EXPECT_EQ(sent_again(a_save(7), nothing, found(9, 9, others), turn_by(others)).error().code, errc::outcome_unknown);
}

TEST(PostgresWriteSentAgain, ThatCameBeforeItsBaseStaysUnknownForTheFirstMayYetFindIt) {
  EXPECT_EQ(sent_again(an_append(4), rows_affected(0), found(3, 3, others), nothing).error().code,
            errc::outcome_unknown);
  const auto save = [](std::int64_t stored) {
    return sent_again(a_save(7, guard::exact, 3), nothing, found(stored, 1, others), nothing).error().code;
  };
  EXPECT_EQ(save(2), errc::outcome_unknown);
  EXPECT_EQ(save(4), errc::concurrent_write);
}

TEST(PostgresWriteSentAgain, IsSentOnceMoreWhenItsBaseHasComeMeanwhile) {
  auto append = an_append(4);
  ASSERT_TRUE(append.on_lost());
  ASSERT_FALSE(append.on_replies({rows_affected(0), found(4, 4, others), nothing}));
  EXPECT_EQ(append.next().size(), 3U);
  ASSERT_TRUE(append.on_replies({rows_affected(1), found(5, 4, others), turn_by(ours)}));
  EXPECT_EQ(append.take().value(), 5);
}

TEST(PostgresWriteSentAgain, PastTheLimitIsTooLargeAndWasNotDoneBefore) {
  auto append = an_append(4);
  ASSERT_TRUE(append.on_lost());
  const auto full = script::rows(
      {{write_int8(4), write_int8(static_cast<std::int64_t>(limit)), write_int8(0), write_int8(1), others}});
  ASSERT_TRUE(append.on_replies({rows_affected(0), full, nothing}));
  EXPECT_EQ(append.take().error().code, errc::too_large);
}

TEST(PostgresWriteSentAgain, ThatFailsTellsNothingOfTheFirstTry) {
  auto save = a_save(7);
  ASSERT_TRUE(save.on_lost());
  ASSERT_TRUE(save.on_replies({error("53100")}));
  const auto o = save.take();
  EXPECT_EQ(o.error().code, errc::outcome_unknown);
  EXPECT_EQ(o.error().diag.code(), "53100");
}

TEST(PostgresWriteSentAgain, IsNotARemoveWhichLeavesNoTrace) {
  auto remove = a_remove(3);
  EXPECT_FALSE(remove.on_lost());
  EXPECT_TRUE(remove.in_doubt());
}

TEST(PostgresWriteSentAgain, IsNotAWriteWhoseGuardDidNotHold) {
  auto append = an_append(4);
  ASSERT_FALSE(play(append, {rows_affected(0)}));
  ASSERT_TRUE(append.on_lost());
  EXPECT_FALSE(append.in_doubt());
  ASSERT_TRUE(play(append, {stored(5, 0)}));
  EXPECT_EQ(append.take().error().code, errc::concurrent_write);
}

constexpr std::int64_t my_epoch = 50;

append_exchange a_claimed_append(std::int64_t base) {
  append_request r;
  r.id = "s";
  r.base = base;
  r.turn = turn({}, history{json("1")});
  r.epoch = my_epoch;
  return {script::store(limit), std::move(r), ours};
}

save_exchange a_claimed_save(std::int64_t version) {
  save_request r;
  r.id = "s";
  r.snap.version = version;
  r.epoch = my_epoch;
  return {script::store(), std::move(r), ours};
}

remove_exchange a_claimed_remove() {
  remove_request r;
  r.id = "s";
  r.epoch = my_epoch;
  return {script::store(), std::move(r)};
}

TEST(PostgresClaimedWrite, UnderALostClaimIsToldSoEvenWhenItsVersionWouldFit) {
  auto append = a_claimed_append(4);
  ASSERT_FALSE(play(append, {rows_affected(0)}));
  ASSERT_TRUE(play(append, {stored(4, 0, my_epoch + 1)}));
  EXPECT_EQ(append.take().error().code, errc::claim_lost);
  auto save = a_claimed_save(7);
  ASSERT_FALSE(play(save, {script::rows({})}));
  ASSERT_TRUE(play(save, {script::rows({})}));
  EXPECT_EQ(save.take().error().code, errc::claim_lost);
  auto remove = a_claimed_remove();
  ASSERT_FALSE(play(remove, {stored(4, 0, my_epoch)}));
  ASSERT_FALSE(play(remove, {rows_affected(0), rows_affected(0)}));
  ASSERT_TRUE(play(remove, {stored(4, 0, my_epoch + 1)}));
  EXPECT_EQ(remove.take().error().code, errc::claim_lost);
}

TEST(PostgresClaimedWrite, UnderItsClaimIsRefusedByItsGuard) {
  auto append = a_claimed_append(4);
  ASSERT_FALSE(play(append, {rows_affected(0)}));
  ASSERT_TRUE(play(append, {stored(5, 0, my_epoch)}));
  EXPECT_EQ(append.take().error().code, errc::concurrent_write);
}

TEST(PostgresClaimedWrite, ARemoveOfAnAbsentSessionThatItsOwnerClaimedIsNoError) {
  auto remove = a_claimed_remove();
  ASSERT_TRUE(play(remove, {stored(0, 0, my_epoch)}));
  const auto o = remove.take();
  ASSERT_FALSE(o.has_error());
  EXPECT_FALSE(*o);
}

TEST(PostgresClaimedWriteSentAgain, WasDoneWhenItsWriteIdIsThereWhateverTheEpochSaysNow) {
  EXPECT_EQ(sent_again(a_claimed_append(4), rows_affected(0), found(5, 1, others, 60), turn_by(ours)).value(), 5);
  EXPECT_EQ(sent_again(a_claimed_append(0), rows_affected(0), found(1, 1, ours, 60), nothing).value(), 1);
  EXPECT_EQ(sent_again(a_claimed_save(7), nothing, found(9, 7, ours, 60), nothing).value(), 7);
}

TEST(PostgresClaimedWriteSentAgain, IsLostWithItsClaimForNoCopyOfItCanBeDoneAnyMore) {
  const auto code_of = [](auto outcome) { return outcome.error().code; };
  EXPECT_EQ(code_of(sent_again(a_claimed_append(4), rows_affected(0), found(4, 1, others, 60), nothing)),
            errc::claim_lost);
  EXPECT_EQ(code_of(sent_again(a_claimed_append(4), rows_affected(0), found(3, 3, others, 60), nothing)),
            errc::claim_lost);
  EXPECT_EQ(code_of(sent_again(a_claimed_append(4), rows_affected(0), found(5, 1, others, 60), turn_by(others))),
            errc::claim_lost);
  EXPECT_EQ(code_of(sent_again(a_claimed_save(7), nothing, found(5, 1, others, 60), nothing)), errc::claim_lost);
}

TEST(PostgresClaimedWriteSentAgain, StaysUnknownWhereItsTraceMayHaveGone) {
  const auto code_of = [](auto outcome) { return outcome.error().code; };
  // Another owner has saved the session whole, or removed it, since.
  EXPECT_EQ(code_of(sent_again(a_claimed_append(4), rows_affected(0), found(9, 9, others, 60), nothing)),
            errc::outcome_unknown);
  EXPECT_EQ(code_of(sent_again(a_claimed_append(4), rows_affected(0), nothing, nothing)), errc::outcome_unknown);
  EXPECT_EQ(code_of(sent_again(a_claimed_append(0), rows_affected(0), found(0, 0, "", 60), nothing)),
            errc::outcome_unknown);
  // While the claim is held the first copy may yet find its base.
  EXPECT_EQ(code_of(sent_again(a_claimed_append(4), rows_affected(0), found(3, 3, others, my_epoch), nothing)),
            errc::outcome_unknown);
}

TEST(PostgresGuardedExchange, CallsARowThatCannotBeReadAFailureOfTheStorage) {
  for (const auto& row : std::vector<script::row>{{}, {write_int8(9)}, {std::nullopt, write_int8(0)}, {"9", "0"}}) {
    auto save = a_save(7);
    ASSERT_FALSE(play(save, {script::rows({})}));
    ASSERT_TRUE(play(save, {script::rows({row})}));
    EXPECT_EQ(save.take().error().code, errc::storage_failure);
  }
}

TEST(PostgresGuardedExchange, CannotTellTheFateOfAWriteFromARowThatCannotBeRead) {
  for (const auto& row : std::vector<script::row>{{}, {write_int8(7), write_int8(0)}, {"7", "0", "7", "w"}}) {
    auto save = a_save(7);
    EXPECT_FALSE(save.next().empty());
    ASSERT_TRUE(save.on_lost());
    ASSERT_TRUE(play(save, {script::rows({}), script::rows({row}), script::rows({})}));
    EXPECT_EQ(save.take().error().code, errc::outcome_unknown);
  }
}

}  // namespace
}  // namespace atto::postgres
