#include "integration/cli/command.hpp"

#include "support/test_data.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace atto::test {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

/// Replays into a new store and expects all of it there.
void expect_whole(const std::string& store, const std::vector<std::string>& arguments, double turns) {
  std::vector<std::string> all{"replay", "--json"};
  all.insert(all.end(), arguments.begin(), arguments.end());
  const outcome o = run_atto(on(store, all));
  EXPECT_EQ(o.status, 0) << o.err;
  EXPECT_EQ(number_in(o.out, "turns"), turns) << o.out;
  EXPECT_EQ(number_in(o.out, "conflicts"), 0);
  EXPECT_EQ(number_in(o.out, "differences"), 0);
  EXPECT_GT(number_in(o.out, "turns_per_second"), 0);
  EXPECT_GE(number_in(o.out, "p99_us"), number_in(o.out, "p50_us"));
}

class CliReplay : public testing::TestWithParam<std::string> {};

TEST_P(CliReplay, TheSampleComesBackFromMemory) {
  expect_whole("memory:", {sample_file(), "--mode", GetParam()}, 73);
}

TEST_P(CliReplay, TheSampleComesBackFromSqlite) {
  const sqlite_fixture f;
  expect_whole(f.store(), {sample_file(), "--mode", GetParam()}, 73);
}

TEST_P(CliReplay, RealConversationsComeBackFromMemory) {
  ATTO_SKIP_WITHOUT_DATA("airline_conversations.jsonl");
  const std::string file = large_data("airline_conversations.jsonl")->string();
  expect_whole("memory:", {file, "--mode", GetParam()}, 4230);
  expect_whole("memory:", {file, "--mode", GetParam(), "--writers", "64"}, 4230);
}

TEST_P(CliReplay, RealConversationsComeBackFromSqlite) {
  ATTO_SKIP_WITHOUT_DATA("airline_conversations.jsonl");
  const std::string file = large_data("airline_conversations.jsonl")->string();
  const sqlite_fixture f;
  expect_whole(f.store(), {file, "--mode", GetParam(), "--writers", "64"}, 4230);
}

TEST_P(CliReplay, TwoProcessesReplayAShardEach) {
  const sqlite_fixture f;
  process first(on(f.store(), {"replay", sample_file(), "--mode", GetParam(), "--shard", "1/2", "--json"}));
  process second(on(f.store(), {"replay", sample_file(), "--mode", GetParam(), "--shard", "2/2", "--json"}));
  const outcome a = first.wait();
  const outcome b = second.wait();
  EXPECT_EQ(a.status, 0) << a.err;
  EXPECT_EQ(b.status, 0) << b.err;
  EXPECT_EQ(number_in(a.out, "turns") + number_in(b.out, "turns"), 73);
  EXPECT_EQ(count_lines(f.run({"list", "--json"}).out), 8U);
}

TEST_P(CliReplay, TwoProcessesOnTheSameSessionsWriteEachTurnOnce) {
  const sqlite_fixture f;
  const std::vector<std::string> arguments =
      on(f.store(), {"replay", sample_file(), "--mode", GetParam(), "--pause", "1ms", "--json"});
  process first(arguments);
  process second(arguments);
  const outcome a = first.wait();
  const outcome b = second.wait();
  EXPECT_EQ(a.status, 0) << a.err;
  EXPECT_EQ(b.status, 0) << b.err;
  EXPECT_EQ(number_in(a.out, "turns") + number_in(b.out, "turns"), 73);
  EXPECT_EQ(number_in(a.out, "differences") + number_in(b.out, "differences"), 0);
}

INSTANTIATE_TEST_SUITE_P(Modes, CliReplay, testing::Values("save", "append"),
                         [](const auto& instance) { return instance.param; });

TEST(CliReplayResume, GoesOnAfterWhatIsStored) {
  const sqlite_fixture f;
  write_file(f.file("short.jsonl"), made_up_conversations(3, 2));
  write_file(f.file("long.jsonl"), made_up_conversations(3, 5));
  ASSERT_EQ(f.run({"replay", f.file("short.jsonl")}).status, 0);
  const outcome o = f.run({"replay", f.file("long.jsonl"), "--json"});
  EXPECT_EQ(o.status, 0) << o.err;
  EXPECT_EQ(number_in(o.out, "resumed"), 6);
  EXPECT_EQ(number_in(o.out, "turns"), 9);
  EXPECT_EQ(number_in(f.run({"replay", f.file("long.jsonl"), "--fresh", "--json"}).out, "turns"), 15);
}

TEST(CliReplayResume, PromisesToGoOnOnlyWhereTimeCanMend) {
  const sqlite_fixture f;
  const std::string large = '"' + std::string(std::size_t{15} << 20U, 'x') + '"';
  std::string messages = large;
  for (int i = 1; i < 5; ++i) messages += "," + large;
  write_file(f.file("large.jsonl"), R"({"session_id":"large","messages":[)" + messages + "]}\n");
  const outcome o = f.run({"replay", f.file("large.jsonl")});
  EXPECT_EQ(o.status, 1);
  EXPECT_THAT(o.err, StartsWith("atto: too_large: "));
  EXPECT_THAT(o.err, Not(HasSubstr("goes on")));
}

TEST(CliReplayResume, ASessionOfAnotherPastIsADifferenceAndStaysAsItIs) {
  const sqlite_fixture f;
  const std::string other = R"({"version":1,"state":{},"history":["other"]})";
  ASSERT_EQ(f.run({"put", "hotel-anna-1"}, other).status, 0);
  const outcome o = f.run({"replay", sample_file()});
  EXPECT_EQ(o.status, 1);
  EXPECT_THAT(o.out, HasSubstr("1 difference\n"));
  EXPECT_THAT(o.err, HasSubstr("hotel-anna-1: stored event 1"));
  EXPECT_THAT(f.run({"get", "hotel-anna-1"}).out, HasSubstr("other"));
  EXPECT_EQ(f.run({"replay", sample_file(), "--fresh"}).status, 0);
}

TEST(CliReplayResume, ASessionThatWentOnIsADifference) {
  const sqlite_fixture f;
  write_file(f.file("short.jsonl"), made_up_conversations(2, 2));
  write_file(f.file("long.jsonl"), made_up_conversations(2, 5));
  ASSERT_EQ(f.run({"replay", f.file("long.jsonl")}).status, 0);
  const outcome o = f.run({"replay", f.file("short.jsonl"), "--json"});
  EXPECT_EQ(o.status, 1);
  EXPECT_EQ(number_in(o.out, "differences"), 2);
}

TEST(CliReplayResume, AcknowledgementsNameEveryTurn) {
  const sqlite_fixture f;
  ASSERT_EQ(f.run({"replay", sample_file(), "--acks", f.file("acks")}).status, 0);
  const std::string acks = read_file(f.file("acks"));
  EXPECT_EQ(count_lines(acks), 73U);
  EXPECT_THAT(acks, HasSubstr("7\t\"hotel-ben-2\"\n"));
}

}  // namespace
}  // namespace atto::test
