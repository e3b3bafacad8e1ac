#include "integration/cli/command.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <thread>

namespace atto::test {
namespace {

using testing::HasSubstr;

class CliInterrupt : public testing::Test {
 protected:
  void SetUp() override { write_file(f_.file("c.jsonl"), made_up_conversations(20, 10)); }

  /// A replay that waits after each turn: it cannot end before it is interrupted.
  std::vector<std::string> slow_replay() const {
    return on(f_.store(), {"replay", f_.file("c.jsonl"), "--pause", "100ms", "--acks", f_.file("acks"), "--json"});
  }
  /// Until `turns` more are acknowledged.
  void wait_for_turns(const process& p, std::size_t turns) const {
    const std::size_t wanted = count_lines(read_file(f_.file("acks"))) + turns;
    while (p.running() && count_lines(read_file(f_.file("acks"))) < wanted) {
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
  }
  /// The same command to its end, without pauses.
  outcome resumed() const { return f_.run({"replay", f_.file("c.jsonl"), "--json"}); }

  sqlite_fixture f_;
};

TEST_F(CliInterrupt, ASignalLetsTurnsInFlightEndAndTheSameCommandGoesOn) {
  for (const int number : {SIGINT, SIGTERM}) {
    process p(slow_replay());
    wait_for_turns(p, 12);
    p.signal(number);
    const outcome stopped = p.wait();
    EXPECT_EQ(stopped.status, 128 + number);
    EXPECT_THAT(stopped.err, HasSubstr("the same command goes on from here"));
    EXPECT_THAT(stopped.out, HasSubstr("\"differences\":null"));
  }
  const auto acknowledged = static_cast<double>(count_lines(read_file(f_.file("acks"))));
  const outcome o = resumed();
  EXPECT_EQ(o.status, 0) << o.err;
  EXPECT_EQ(number_in(o.out, "resumed"), acknowledged);
  EXPECT_EQ(number_in(o.out, "resumed") + number_in(o.out, "turns"), 200);
  EXPECT_EQ(number_in(o.out, "differences"), 0);
}

TEST_F(CliInterrupt, AfterAKillNoAcknowledgedTurnIsMissing) {
  process p(slow_replay());
  wait_for_turns(p, 12);
  p.signal(SIGKILL);
  EXPECT_EQ(p.wait().status, -SIGKILL);
  const auto acknowledged = static_cast<double>(count_lines(read_file(f_.file("acks"))));
  const outcome o = resumed();
  EXPECT_EQ(o.status, 0) << o.err;
  EXPECT_GE(number_in(o.out, "resumed"), acknowledged);
  EXPECT_EQ(number_in(o.out, "resumed") + number_in(o.out, "turns"), 200);
}

}  // namespace
}  // namespace atto::test
