#include "postgres/backlog.hpp"

#include "unit/postgres/scripted_operation.hpp"

#include <gmock/gmock.h>

#include <random>
#include <set>
#include <string>
#include <vector>

namespace atto::postgres {
namespace {

using script::a_read;
using script::a_write;
using script::scripted_ptr;

std::vector<std::string> ids(const group& g) {
  std::vector<std::string> out;
  for (const auto& op : g.members) out.emplace_back(op->exchange().session().id);
  return out;
}

class PostgresBacklog : public testing::Test {
 protected:
  scripted_ptr add(scripted_ptr op) {
    op->arrival = ++arrivals;
    waiting.add(op);
    return op;
  }
  /// The ids of the next group, all of whose members have ended at once.
  std::vector<std::string> serve() {
    const group g = waiting.take();
    for (const auto& op : g.members) waiting.release(*op);
    return ids(g);
  }

  std::uint64_t arrivals = 0;
  backlog waiting{{.members = 4, .bytes = 1000, .slow_in_flight = 1}};
};

TEST_F(PostgresBacklog, TakesNothingWhenNothingWaits) {
  EXPECT_TRUE(waiting.take().members.empty());
  EXPECT_EQ(waiting.size(), 0U);
}

TEST_F(PostgresBacklog, ALoneWriteGoesAtOnce) {
  add(a_write("a"));
  EXPECT_EQ(serve(), std::vector<std::string>{"a"});
}

TEST_F(PostgresBacklog, AGroupsSessionsAreSortedSoThatTwoGroupsNeverWaitForEachOther) {
  for (const char* id : {"c", "a", "b"}) add(a_write(id));
  EXPECT_THAT(serve(), testing::ElementsAre("a", "b", "c"));
}

TEST_F(PostgresBacklog, AGroupHoldsEachSessionOnce) {
  for (const char* id : {"a", "a", "b"}) add(a_write(id));
  EXPECT_THAT(serve(), testing::ElementsAre("a", "b"));
  EXPECT_THAT(serve(), testing::ElementsAre("a"));
}

TEST_F(PostgresBacklog, AGroupIsBoundedInMembers) {
  for (const char* id : {"a", "b", "c", "d", "e"}) add(a_write(id));
  EXPECT_THAT(serve(), testing::ElementsAre("a", "b", "c", "d"));
  EXPECT_THAT(serve(), testing::ElementsAre("e"));
}

TEST_F(PostgresBacklog, AGroupIsBoundedInBytes) {
  for (const char* id : {"a", "b", "c"}) add(a_write(id, 0, 450));
  EXPECT_THAT(serve(), testing::ElementsAre("a", "b"));
  EXPECT_THAT(serve(), testing::ElementsAre("c"));
}

TEST_F(PostgresBacklog, FewWritesGoTogetherAndManyLeaveEveryConnectionAShare) {
  backlog b({.members = 64, .share = 3});
  for (std::uint64_t i = 1; i <= 3; ++i) b.add(a_write(std::to_string(i), i));
  EXPECT_EQ(b.take(4).members.size(), 3U);
  for (std::uint64_t i = 4; i <= 20; ++i) b.add(a_write(std::to_string(i), i));
  for (int connection = 0; connection < 3; ++connection) EXPECT_EQ(b.take(4).members.size(), 5U);
}

TEST_F(PostgresBacklog, ReadsGoToAsManyConnectionsAsThereAre) {
  backlog b({.members = 64});
  for (std::uint64_t i = 1; i <= 4; ++i) b.add(a_read(std::to_string(i), i));
  for (int connection = 0; connection < 4; ++connection) EXPECT_EQ(b.take(4).members.size(), 1U);
  for (std::uint64_t i = 5; i <= 12; ++i) b.add(a_read(std::to_string(i), i));
  EXPECT_EQ(b.take(4).members.size(), 3U);
}

TEST_F(PostgresBacklog, AGroupHoldsReadsOrWritesButNotBoth) {
  add(a_write("a"));
  add(a_read("b"));
  add(a_write("c"));
  std::set<std::vector<std::string>> groups{serve(), serve()};
  EXPECT_THAT(groups, testing::ElementsAre(std::vector<std::string>{"a", "c"}, std::vector<std::string>{"b"}));
}

TEST_F(PostgresBacklog, ALoadIsNotStuckBehindManyWrites) {
  for (int i = 0; i < 100; ++i) add(a_write("w" + std::to_string(i)));
  static_cast<void>(serve());
  add(a_read("r"));
  EXPECT_THAT((std::vector{serve(), serve()}), testing::Contains(std::vector<std::string>{"r"}));
}

TEST_F(PostgresBacklog, WritesAreNotStuckBehindManyLoads) {
  for (int i = 0; i < 100; ++i) add(a_read("r" + std::to_string(i)));
  static_cast<void>(serve());
  add(a_write("w"));
  EXPECT_THAT((std::vector{serve(), serve()}), testing::Contains(std::vector<std::string>{"w"}));
}

TEST_F(PostgresBacklog, ASessionsNextOperationWaitsUntilItsWriteHasEnded) {
  const auto first = add(a_write("a"));
  const auto second = add(a_read("a"));
  EXPECT_THAT(ids(waiting.take()), testing::ElementsAre("a"));
  EXPECT_TRUE(waiting.take().members.empty());
  waiting.release(*first);
  const group g = waiting.take();
  ASSERT_EQ(g.members.size(), 1U);
  EXPECT_EQ(g.members.front(), second);
}

TEST_F(PostgresBacklog, LoadsOfOneSessionGoTogetherAndAWriteWaitsForAllOfThem) {
  const auto first = add(a_read("a")), second = add(a_read("a"));
  const auto write = add(a_write("a"));
  EXPECT_EQ(waiting.take().members.size(), 2U);
  waiting.release(*first);
  EXPECT_TRUE(waiting.take().members.empty());
  waiting.release(*second);
  EXPECT_EQ(waiting.take().members.front(), write);
}

TEST_F(PostgresBacklog, ALoadDoesNotOvertakeAWriteOfItsSession) {
  const auto reading = add(a_read("a"));
  static_cast<void>(waiting.take());
  add(a_write("a"));
  add(a_read("a"));
  EXPECT_TRUE(waiting.take().members.empty());
  waiting.release(*reading);
  EXPECT_EQ(waiting.take().kind, round_kind::write);
}

TEST_F(PostgresBacklog, AnOperationThatComesBackKeepsItsPlaceInItsSession) {
  const auto first = add(a_write("a"));
  const auto second = add(a_write("a"));
  static_cast<void>(waiting.take());
  waiting.put_back(first);
  EXPECT_EQ(waiting.size(), 2U);
  EXPECT_EQ(waiting.take().members.front(), first);
  waiting.release(*first);
  EXPECT_EQ(waiting.take().members.front(), second);
}

TEST_F(PostgresBacklog, ASecondRoundThatReadsGoesWithReadsAndStillHoldsItsSession) {
  const auto first = add(a_write("a"));
  static_cast<void>(waiting.take());
  add(a_read("a"));
  first->script.round = round_kind::read;  // why was there no row?
  waiting.put_back(first);
  const group g = waiting.take();
  EXPECT_EQ(g.kind, round_kind::read);
  ASSERT_EQ(g.members.size(), 1U);
  EXPECT_EQ(g.members.front(), first);
}

TEST_F(PostgresBacklog, ARoundThatBecameAnotherWhileItWaitedGoesWithItsNewKind) {
  const auto first = add(a_write("a"));
  first->script.round = round_kind::read;
  static_cast<void>(waiting.take());
  waiting.put_back(first);  // waits as a read now
  add(a_read("r"));
  first->script.round = round_kind::write;
  for (int i = 0; i < 2; ++i) {
    const group g = waiting.take();
    for (const auto& op : g.members) EXPECT_EQ(op->exchange().kind(), g.kind);
  }
  EXPECT_EQ(waiting.size(), 0U);
}

TEST_F(PostgresBacklog, ARoundThatBecameAnotherWhileItWaitedGoesOnceWhateverLeavesBehindIt) {
  backlog one({.members = 1, .bytes = 1000, .slow_in_flight = 1});
  const auto read = a_read("r", 1), first = a_write("s", 2), second = a_write("s", 3);
  first->script.round = second->script.round = round_kind::read;
  for (const auto& op : {read, first, second}) one.add(op);
  EXPECT_EQ(one.take().members.front(), read);
  first->script.round = round_kind::write;
  one.remove(*second);
  EXPECT_EQ(one.take().members.front(), first);
  EXPECT_TRUE(one.take().members.empty());
  EXPECT_EQ(one.size(), 0U);
}

TEST_F(PostgresBacklog, AMemberOfAFailedGroupGoesSingly) {
  const auto a = add(a_write("a")), b = add(a_write("b"));
  static_cast<void>(waiting.take());
  for (const auto& op : {a, b}) {
    op->rounds.single = true;
    waiting.put_back(op);
  }
  EXPECT_THAT(serve(), testing::ElementsAre("a"));
  EXPECT_THAT(serve(), testing::ElementsAre("b"));
}

TEST_F(PostgresBacklog, ALargeWriteGoesAloneAndSmallOnesKeepFlowing) {
  const auto large = add(a_write("large", 0, 1001));
  const auto larger = add(a_write("larger", 0, 5000));
  add(a_write("small"));
  std::set<std::vector<std::string>> sent{ids(waiting.take()), ids(waiting.take())};
  EXPECT_THAT(sent, testing::ElementsAre(std::vector<std::string>{"large"}, std::vector<std::string>{"small"}));
  EXPECT_TRUE(waiting.take().members.empty());  // the slow slot is taken
  waiting.release(*large);
  EXPECT_THAT(ids(waiting.take()), testing::ElementsAre("larger"));
}

TEST_F(PostgresBacklog, LockedWritesLeaveConnectionsToTheOthers) {
  for (const char* id : {"x", "y"}) add(a_write(id))->rounds.locked = true;
  std::vector<scripted_ptr> locked;
  static_cast<void>(waiting.take());
  add(a_write("free"));
  EXPECT_THAT(ids(waiting.take()), testing::ElementsAre("free"));
  EXPECT_TRUE(waiting.take().members.empty());
}

TEST_F(PostgresBacklog, AnOperationTakenOutOfTheMiddleLeavesTheOrderOfTheRest) {
  const auto a = add(a_write("s")), b = add(a_write("s")), c = add(a_write("s"));
  waiting.remove(*b);
  EXPECT_EQ(waiting.size(), 2U);
  EXPECT_EQ(waiting.take().members.front(), a);
  waiting.release(*a);
  EXPECT_EQ(waiting.take().members.front(), c);
}

TEST_F(PostgresBacklog, TheFirstOfASessionTakenOutLetsTheNextGo) {
  const auto a = add(a_write("s")), b = add(a_write("s"));
  waiting.remove(*a);
  EXPECT_EQ(waiting.take().members.front(), b);
}

TEST_F(PostgresBacklog, OperationsWithoutASessionNeedNotBeDistinct) {
  for (int i = 0; i < 3; ++i) add(a_read(""));
  EXPECT_EQ(waiting.take().members.size(), 3U);
}

/// Whatever comes, is sent, comes back, ends or is given up: every operation leaves once, in its session's order, and
/// no two in flight disagree.
TEST_F(PostgresBacklog, KeepsEverySessionsOrderInAnyCourseOfEvents) {
  for (unsigned seed = 0; seed < 200; ++seed) {
    std::mt19937 random(seed);
    const auto pick = [&](std::size_t n) { return static_cast<std::size_t>(random() % n); };
    backlog b({.members = 3, .bytes = 300, .slow_in_flight = 1});
    std::vector<scripted_ptr> waits, flies;
    std::uint64_t arrival = 0;
    const auto drop = [](std::vector<scripted_ptr>& from, const scripted_ptr& op) { std::erase(from, op); };
    for (int step = 0; step < 300; ++step) {
      const auto what = pick(10);
      if (what < 4) {
        const std::string id(1, static_cast<char>('a' + pick(4)));
        auto op = pick(2) == 0 ? a_read(id, ++arrival) : a_write(id, ++arrival, 50 + 100 * pick(4));
        op->rounds.locked = pick(10) == 0;
        waits.push_back(op);
        b.add(op);
      } else if (what < 7) {
        for (const auto& taken : b.take().members) {
          const auto op = std::static_pointer_cast<script::scripted_operation>(taken);
          for (const auto& other : waits) {
            if (other->script.id != op->script.id || other->arrival >= op->arrival) continue;
            EXPECT_FALSE(other->script.writer || op->script.writer) << "overtook an earlier one, seed " << seed;
          }
          for (const auto& other : flies) {
            if (other->script.id != op->script.id) continue;
            EXPECT_FALSE(other->script.writer || op->script.writer) << "two at once, seed " << seed;
          }
          drop(waits, op);
          flies.push_back(op);
        }
        if (!waits.empty()) {  // the tables were looked at: a first round is another one now
          const auto& changed = waits[pick(waits.size())];
          if (changed->script.writer) {
            changed->script.round = pick(2) == 0 ? round_kind::read : round_kind::write;
          }
        }
      } else if (what < 9 && !flies.empty()) {
        const auto op = flies[pick(flies.size())];
        drop(flies, op);
        if (what == 7) {
          b.release(*op);
        } else {
          op->rounds.single = true;
          waits.push_back(op);
          b.put_back(op);
        }
      } else if (!waits.empty()) {
        const auto op = waits[pick(waits.size())];
        drop(waits, op);
        b.remove(*op);
      }
      ASSERT_EQ(b.size(), waits.size());
    }
    for (const auto& op : flies) b.release(*op);
    for (group g = b.take(); !g.members.empty(); g = b.take()) {
      for (const auto& op : g.members) b.release(*op);
    }
    EXPECT_EQ(b.size(), 0U) << "somebody waits for ever, seed " << seed;
  }
}

}  // namespace
}  // namespace atto::postgres
