#include "postgres/pipeline.hpp"

#include "unit/postgres/script.hpp"
#include "unit/postgres/scripted_operation.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace atto::postgres {
namespace {

using script::a_read;
using script::a_write;
using script::error;
using script::rows_affected;
using script::scripted_ptr;
using std::chrono::milliseconds;

class PostgresPipeline : public testing::Test {
 protected:
  /// Starts a group and hears its prelude.
  std::vector<statement> start(const std::vector<scripted_ptr>& members) {
    group g;
    g.kind = members.front()->script.kind();
    g.members.assign(members.begin(), members.end());
    auto sent = pipe.start(std::move(g));
    if (members.front()->script.kind() == round_kind::write) pipe.on_reply(reply());
    return sent;
  }

  pipeline pipe{milliseconds(100), false};
  scripted_ptr a = a_write("a", 1), b = a_write("b", 2), c = a_write("c", 3);
};

TEST_F(PostgresPipeline, AnOperationEndsAtItsSyncNeverAtItsReply) {
  start({a, b});
  pipe.on_reply(rows_affected(1));
  pipe.on_reply(rows_affected(1));
  EXPECT_TRUE(a->script.told.empty());
  EXPECT_FALSE(pipe.idle());
  EXPECT_THAT(pipe.on_sync().ended, testing::ElementsAre(a, b));
  EXPECT_TRUE(pipe.idle());
}

TEST_F(PostgresPipeline, EveryMemberLearnsThatItsCommitDidNotWaitForTheStandby) {
  start({a, b});
  for (int i = 0; i < 2; ++i) pipe.on_reply(rows_affected(1));
  static_cast<void>(pipe.on_sync(false));
  EXPECT_FALSE(a->rounds.replicated);
  EXPECT_FALSE(b->rounds.replicated);
  start({a});
  pipe.on_reply(rows_affected(1));
  static_cast<void>(pipe.on_sync());
  EXPECT_TRUE(a->rounds.replicated);
}

TEST_F(PostgresPipeline, EachMemberIsToldItsOwnReplies) {
  a->script.statements = 2;
  start({a, b});
  for (const int rows : {1, 2, 3}) pipe.on_reply(rows_affected(rows));
  static_cast<void>(pipe.on_sync());
  ASSERT_EQ(a->script.told.front().size(), 2U);
  EXPECT_EQ(a->script.told.front().back().affected, 2);
  ASSERT_EQ(b->script.told.front().size(), 1U);
  EXPECT_EQ(b->script.told.front().back().affected, 3);
}

TEST_F(PostgresPipeline, AMemberWithAnotherRoundComesBack) {
  a->script.rounds = 2;
  start({a, b});
  pipe.on_reply(rows_affected(0));
  pipe.on_reply(rows_affected(1));
  const auto step = pipe.on_sync();
  EXPECT_THAT(step.again, testing::ElementsAre(a));
  EXPECT_THAT(step.ended, testing::ElementsAre(b));
  EXPECT_FALSE(a->rounds.single);
}

TEST_F(PostgresPipeline, AGroupOfWritesBeginsWithALockTimeoutAndOneOfReadsDoesNot) {
  const auto sent = start({a, b});
  ASSERT_EQ(sent.size(), 3U);
  EXPECT_THAT(sent.front().sql->text, testing::HasSubstr("lock_timeout"));
  EXPECT_EQ(sent.front().parameters.front().bytes, "100");
  static_cast<void>(pipe.on_sync());
  EXPECT_EQ(start({a_read("r")}).size(), 1U);
}

TEST(PostgresPipelineOfAnOwnSession, NamesALockTimeoutOnlyWhereItIsNotTheSessions) {
  pipeline pipe(milliseconds(100), true);
  const auto plain = a_write("a"), locked = a_write("b");
  locked->rounds.locked = true;
  EXPECT_EQ(pipe.start({round_kind::write, {plain}}).size(), 1U);
  static_cast<void>(pipe.on_sync());
  const auto patient = pipe.start({round_kind::write, {locked}});
  ASSERT_EQ(patient.size(), 2U);
  EXPECT_EQ(patient.front().parameters.front().bytes, "1000");
  static_cast<void>(pipe.on_sync());
  const auto making_tables = pipe.start({round_kind::alone, {plain}});
  ASSERT_EQ(making_tables.size(), 2U);
  EXPECT_EQ(making_tables.front().parameters.front().bytes, "0");
}

TEST_F(PostgresPipeline, AnErrorTakesTheGroupApartAndTellsNobody) {
  start({a, b, c});
  pipe.on_reply(rows_affected(1));
  pipe.on_reply(error("22P05"));
  const auto step = pipe.on_sync();
  EXPECT_TRUE(step.ended.empty());
  EXPECT_THAT(step.again, testing::ElementsAre(a, b, c));
  for (const auto& op : {a, b, c}) {
    EXPECT_TRUE(op->rounds.single);
    EXPECT_FALSE(op->rounds.locked);
    EXPECT_TRUE(op->script.told.empty());
  }
}

TEST_F(PostgresPipeline, AnErrorOfTheCommitTakesTheGroupApartToo) {
  start({a, b});
  for (int i = 0; i < 2; ++i) pipe.on_reply(rows_affected(1));
  pipe.on_reply(error("53100"));
  EXPECT_THAT(pipe.on_sync().again, testing::ElementsAre(a, b));
}

TEST_F(PostgresPipeline, AMemberThatFailsAloneIsTold) {
  start({a});
  pipe.on_reply(error("22P05"));
  EXPECT_THAT(pipe.on_sync().ended, testing::ElementsAre(a));
  EXPECT_EQ(a->script.told.front().back().sqlstate, "22P05");
}

TEST_F(PostgresPipeline, OnlyTheMemberThatMetALockWaitsLongerTheNextTime) {
  start({a, b});
  pipe.on_reply(rows_affected(1));
  pipe.on_reply(error("55P03"));
  static_cast<void>(pipe.on_sync());
  EXPECT_FALSE(a->rounds.locked);
  ASSERT_TRUE(b->rounds.locked);
  EXPECT_EQ(start({b}).front().parameters.front().bytes, "1000");
}

TEST_F(PostgresPipeline, ALockedWriteIsTriedUntilItsCallerGivesUp) {
  for (int i = 0; i < 100; ++i) {
    start({a});
    pipe.on_reply(error("55P03"));
    EXPECT_THAT(pipe.on_sync().again, testing::ElementsAre(a));
  }
  EXPECT_TRUE(a->script.told.empty());
}

TEST_F(PostgresPipeline, AWriteThatGaveWayToAnotherTransactionIsTriedAgainABoundedNumberOfTimes) {
  for (const char* sqlstate : {"40001", "40P01", "26000"}) {
    const auto op = a_write("x", 9);
    int tries = 0;
    do {
      ASSERT_LT(++tries, 50);
      start({op});
      pipe.on_reply(error(sqlstate));
    } while (!pipe.on_sync().again.empty());
    EXPECT_GT(tries, 1) << sqlstate;
    EXPECT_EQ(op->script.told.front().back().sqlstate, sqlstate);
  }
}

TEST_F(PostgresPipeline, AnErrorThatLeavesTheOutcomeUnknownSendsNobodyAgain) {
  start({a, b});
  pipe.on_reply(rows_affected(1));
  pipe.on_reply(rows_affected(1));
  pipe.on_reply(error("40003"));
  EXPECT_THAT(pipe.on_sync().ended, testing::ElementsAre(a, b));
  for (const auto& op : {a, b}) EXPECT_EQ(op->script.told.front().back().sqlstate, "40003");
}

TEST_F(PostgresPipeline, AMemberThatIsLostAgainAndAgainIsGivenUp) {
  int tries = 0;
  do {
    ASSERT_LT(++tries, 50);
    start({a});
  } while (!pipe.on_lost().again.empty());
  EXPECT_GT(tries, 2);
  EXPECT_EQ(a->script.lost, tries);
}

TEST_F(PostgresPipeline, AReadThatIsLostIsSentAgainAndIsInNoDoubt) {
  const auto r = a_read("r");
  start({r});
  EXPECT_THAT(pipe.on_lost().again, testing::ElementsAre(r));
  EXPECT_FALSE(r->in_doubt());
}

TEST_F(PostgresPipeline, AWriteInDoubtIsNotGivenUpForAnErrorThatPasses) {
  start({a});
  ASSERT_THAT(pipe.on_lost().again, testing::ElementsAre(a));
  start({a});
  pipe.on_reply(error("53300"));
  EXPECT_THAT(pipe.on_sync().again, testing::ElementsAre(a));
  start({b});
  pipe.on_reply(error("53300"));
  EXPECT_THAT(pipe.on_sync().ended, testing::ElementsAre(b));
}

TEST_F(PostgresPipeline, AnErrandIsTriedAloneOnce) {
  a->rounds.patient = false;
  start({a});
  pipe.on_reply(error("55P03"));
  EXPECT_THAT(pipe.on_sync().ended, testing::ElementsAre(a));
}

TEST_F(PostgresPipeline, TheRepliesOfAnAbandonedMemberAreDroppedAndItsNeighboursAreTold) {
  start({a, b});
  pipe.abandon(*a);
  for (int i = 0; i < 2; ++i) pipe.on_reply(rows_affected(1));
  const auto step = pipe.on_sync();
  EXPECT_THAT(step.dropped, testing::ElementsAre(a));
  EXPECT_THAT(step.ended, testing::ElementsAre(b));
  EXPECT_TRUE(a->script.told.empty());
}

TEST_F(PostgresPipeline, TellsWhenTheLastMemberWasAbandoned) {
  start({a, b});
  pipe.abandon(*b);
  EXPECT_FALSE(pipe.all_abandoned());
  pipe.abandon(*a);
  EXPECT_TRUE(pipe.all_abandoned());
}

TEST_F(PostgresPipeline, TheNextGroupGetsNothingOfTheOneBefore) {
  start({a});
  pipe.on_reply(error("22P05"));
  static_cast<void>(pipe.on_sync());
  start({b});
  pipe.on_reply(rows_affected(1));
  EXPECT_THAT(pipe.on_sync().ended, testing::ElementsAre(b));
  EXPECT_TRUE(b->script.told.front().back().ok());
}

/// The failure sweep: a loss, an abandoned member or an error at every step of a group of three, two statements each.
class PostgresPipelineSweep : public testing::TestWithParam<int> {
 protected:
  static constexpr int steps = 7;  // the prelude and six statements

  void SetUp() override {
    for (const auto& op : members) op->script.statements = 2;
    static_cast<void>(pipe.start({round_kind::write, {members.begin(), members.end()}}));
    for (int i = 0; i < GetParam(); ++i) pipe.on_reply(rows_affected(1));
  }
  void hear_the_rest() {
    for (int i = GetParam(); i < steps; ++i) pipe.on_reply(rows_affected(1));
  }

  pipeline pipe{milliseconds(100), false};
  std::vector<scripted_ptr> members{a_write("a", 1), a_write("b", 2), a_write("c", 3)};
};

TEST_P(PostgresPipelineSweep, ALossSendsEveryMemberAgainSinglyAndTellsNoneOfThem) {
  const auto step = pipe.on_lost();
  EXPECT_THAT(step.again, testing::ElementsAreArray(members));
  EXPECT_TRUE(step.ended.empty());
  EXPECT_TRUE(pipe.idle());
  EXPECT_TRUE(pipe.on_lost().again.empty());
  for (const auto& op : members) {
    EXPECT_TRUE(op->script.told.empty());
    EXPECT_TRUE(op->rounds.single);
    EXPECT_TRUE(op->in_doubt());
  }
}

TEST_P(PostgresPipelineSweep, ALossEndsAMemberWhoseFateNobodyCanFindOut) {
  members[1]->script.resends = false;
  const auto step = pipe.on_lost();
  EXPECT_THAT(step.again, testing::ElementsAre(members[0], members[2]));
  EXPECT_THAT(step.ended, testing::ElementsAre(members[1]));
  EXPECT_TRUE(members[1]->in_doubt());
}

TEST_P(PostgresPipelineSweep, AMemberGivenUpIsNeverHeardOfAgainAndTheOthersAre) {
  for (const auto& given_up : members) {
    pipeline fresh{milliseconds(100), false};
    std::vector<scripted_ptr> all{a_write("a", 1), a_write("b", 2), a_write("c", 3)};
    for (const auto& op : all) op->script.statements = 2;
    static_cast<void>(fresh.start({round_kind::write, {all.begin(), all.end()}}));
    const auto which = static_cast<std::size_t>(std::ranges::find(members, given_up) - members.begin());
    for (int i = 0; i < steps; ++i) {
      if (i == GetParam()) fresh.abandon(*all[which]);
      fresh.on_reply(rows_affected(1));
    }
    if (GetParam() == steps) fresh.abandon(*all[which]);
    const auto step = fresh.on_sync();
    EXPECT_THAT(step.dropped, testing::ElementsAre(all[which]));
    EXPECT_EQ(step.ended.size(), 2U);
    for (const auto& op : all) EXPECT_EQ(op->script.told.empty(), op == all[which]);
  }
}

TEST_P(PostgresPipelineSweep, ALossAfterGivingUpDropsWhoGaveUp) {
  pipe.abandon(*members[1]);
  const auto step = pipe.on_lost();
  EXPECT_THAT(step.dropped, testing::ElementsAre(members[1]));
  EXPECT_THAT(step.again, testing::ElementsAre(members[0], members[2]));
}

TEST_P(PostgresPipelineSweep, AnErrorAtAnyStepSendsAllOfThemAgainSingly) {
  pipe.on_reply(error("XX000"));
  const auto step = pipe.on_sync();
  EXPECT_THAT(step.again, testing::ElementsAreArray(members));
  EXPECT_TRUE(step.ended.empty());
  for (const auto& op : members) EXPECT_TRUE(op->rounds.single);
}

TEST_P(PostgresPipelineSweep, AnErrorAfterAMemberWasGivenUpSendsTheOthersAgain) {
  pipe.abandon(*members[0]);
  pipe.on_reply(error("XX000"));
  const auto step = pipe.on_sync();
  EXPECT_THAT(step.dropped, testing::ElementsAre(members[0]));
  EXPECT_THAT(step.again, testing::ElementsAre(members[1], members[2]));
}

TEST_P(PostgresPipelineSweep, WithoutTroubleEveryMemberIsTold) {
  hear_the_rest();
  EXPECT_THAT(pipe.on_sync().ended, testing::ElementsAreArray(members));
}

INSTANTIATE_TEST_SUITE_P(Steps, PostgresPipelineSweep, testing::Range(0, 8));

}  // namespace
}  // namespace atto::postgres
