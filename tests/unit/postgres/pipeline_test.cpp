#include "postgres/pipeline.hpp"

#include "unit/postgres/script.hpp"

#include <gmock/gmock.h>

#include <memory>
#include <string>
#include <vector>

namespace atto::postgres {
namespace {

const std::string some_sql = "SELECT 1";

/// Two rounds, and a note of all it was told.
class two_rounds final : public exchange {
 public:
  [[nodiscard]] std::vector<statement> next() override {
    ++asked;
    return {statement(some_sql)};
  }
  [[nodiscard]] bool on_replies(std::vector<reply> replies) override {
    told.push_back(replies.size());
    return told.size() == 2;
  }
  [[nodiscard]] bool in_doubt() const noexcept override { return true; }

  int asked = 0;
  std::vector<std::size_t> told;
};

struct fake_ticket {
  two_rounds rounds;
  two_rounds& exchange() { return rounds; }
};

class PostgresPipeline : public testing::Test {
 protected:
  void start() { EXPECT_EQ(pipe.start(ticket).size(), 1U); }

  std::shared_ptr<fake_ticket> ticket = std::make_shared<fake_ticket>();
  pipeline<fake_ticket> pipe;
};

TEST_F(PostgresPipeline, AnOperationEndsAtItsSyncNeverAtItsReply) {
  start();
  pipe.on_reply({});
  EXPECT_TRUE(ticket->rounds.told.empty());
  auto step = pipe.on_sync();
  EXPECT_EQ(ticket->rounds.told.size(), 1U);
  EXPECT_EQ(step.send.size(), 1U);
  EXPECT_EQ(step.ended, nullptr);
  EXPECT_FALSE(pipe.idle());
  pipe.on_reply({});
  pipe.on_reply({});
  step = pipe.on_sync();
  EXPECT_EQ(step.ended, ticket);
  EXPECT_TRUE(pipe.idle());
  EXPECT_EQ(ticket->rounds.told, (std::vector<std::size_t>{1, 2}));
}

TEST_F(PostgresPipeline, TheRepliesOfAnAbandonedOperationAreDropped) {
  start();
  pipe.abandon();
  EXPECT_FALSE(pipe.idle());
  pipe.on_reply({});
  const auto step = pipe.on_sync();
  EXPECT_TRUE(step.send.empty());
  EXPECT_EQ(step.ended, nullptr);
  EXPECT_TRUE(pipe.idle());
  EXPECT_TRUE(ticket->rounds.told.empty());
}

TEST_F(PostgresPipeline, TheNextOperationGetsNothingOfAnAbandonedOne) {
  start();
  pipe.on_reply({});
  pipe.abandon();
  static_cast<void>(pipe.on_sync());
  const auto second = std::make_shared<fake_ticket>();
  static_cast<void>(pipe.start(second));
  static_cast<void>(pipe.on_sync());
  EXPECT_EQ(second->rounds.told, std::vector<std::size_t>{0});
}

/// The failure sweep: the connection is lost, or the caller gives up, at every step of two rounds.
class PostgresPipelineSweep : public testing::TestWithParam<int> {};

/// Plays `steps` of: start, reply, sync, reply. True when all were played with the operation still in flight.
void play(pipeline<fake_ticket>& pipe, const std::shared_ptr<fake_ticket>& ticket, int steps) {
  if (steps > 0) static_cast<void>(pipe.start(ticket));
  if (steps > 1) pipe.on_reply({});
  if (steps > 2) static_cast<void>(pipe.on_sync());
  if (steps > 3) pipe.on_reply({});
}

TEST_P(PostgresPipelineSweep, ALossHandsTheOperationBackOnce) {
  pipeline<fake_ticket> pipe;
  const auto ticket = std::make_shared<fake_ticket>();
  play(pipe, ticket, GetParam());
  EXPECT_EQ(pipe.on_lost(), GetParam() > 0 ? ticket : nullptr);
  EXPECT_TRUE(pipe.idle());
  EXPECT_EQ(pipe.on_lost(), nullptr);
}

TEST_P(PostgresPipelineSweep, AnAbandonedOperationIsNeverHeardOfAgain) {
  if (GetParam() == 0) return;
  pipeline<fake_ticket> pipe;
  const auto ticket = std::make_shared<fake_ticket>();
  play(pipe, ticket, GetParam());
  const auto told = ticket->rounds.told.size();
  pipe.abandon();
  pipe.on_reply({});
  const auto step = pipe.on_sync();
  EXPECT_EQ(step.ended, nullptr);
  EXPECT_TRUE(step.send.empty());
  EXPECT_EQ(ticket->rounds.told.size(), told);
  EXPECT_TRUE(pipe.idle());
}

TEST_P(PostgresPipelineSweep, ALossAfterGivingUpHandsNothingBack) {
  if (GetParam() == 0) return;
  pipeline<fake_ticket> pipe;
  const auto ticket = std::make_shared<fake_ticket>();
  play(pipe, ticket, GetParam());
  pipe.abandon();
  EXPECT_EQ(pipe.on_lost(), nullptr);
}

INSTANTIATE_TEST_SUITE_P(Steps, PostgresPipelineSweep, testing::Range(0, 5));

}  // namespace
}  // namespace atto::postgres
