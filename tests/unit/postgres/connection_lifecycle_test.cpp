#include "postgres/connection_lifecycle.hpp"

#include <gtest/gtest.h>

namespace atto::postgres {
namespace {

using std::chrono::milliseconds;
using counts = connection_lifecycle::counts;

connection_lifecycle four() {
  return {4, milliseconds(50), milliseconds(400)};
}

TEST(PostgresConnectionLifecycle, OpensNothingUntilSomebodyWaits) {
  EXPECT_EQ(four().to_open({}), 0U);
}

TEST(PostgresConnectionLifecycle, TriesOneConnectionWhileNoneIsOpen) {
  EXPECT_EQ(four().to_open({.waiting = 100}), 1U);
  EXPECT_EQ(four().to_open({.waiting = 100, .connecting = 1}), 0U);
}

TEST(PostgresConnectionLifecycle, GrowsWithTheNumberThatWaitAndNoFurtherThanItsSize) {
  EXPECT_EQ(four().to_open({.waiting = 2, .open = 1}), 2U);
  EXPECT_EQ(four().to_open({.waiting = 100, .open = 1}), 3U);
  EXPECT_EQ(four().to_open({.waiting = 100, .connecting = 2, .open = 1}), 1U);
  EXPECT_EQ(four().to_open({.waiting = 100, .open = 4}), 0U);
  EXPECT_EQ(four().to_open({.waiting = 100, .open = 1, .lent = 2}), 1U);
}

TEST(PostgresConnectionLifecycle, HangsOnItsAttemptsOnlyWhileSomebodyWaitsAndNoConnectionServesThem) {
  EXPECT_TRUE(four().hangs_on_attempts({.waiting = 1, .connecting = 1}));
  EXPECT_TRUE(four().hangs_on_attempts({.waiting = 1, .connecting = 1, .lent = 3}));
  EXPECT_FALSE(four().hangs_on_attempts({.waiting = 1, .connecting = 1, .open = 1}));
  EXPECT_FALSE(four().hangs_on_attempts({.connecting = 1}));
  EXPECT_FALSE(four().hangs_on_attempts({.waiting = 1}));
}

TEST(PostgresConnectionLifecycle, PausesAfterAFailureUntilThePauseIsOver) {
  auto lifecycle = four();
  static_cast<void>(lifecycle.on_failed(0));
  EXPECT_EQ(lifecycle.to_open({.waiting = 1}), 0U);
  lifecycle.on_pause_over();
  EXPECT_EQ(lifecycle.to_open({.waiting = 1}), 1U);
}

TEST(PostgresConnectionLifecycle, DoublesItsPauseUpToABoundAndForgetsItOnSuccess) {
  auto lifecycle = four();
  EXPECT_EQ(lifecycle.on_failed(0), milliseconds(25));
  EXPECT_EQ(lifecycle.on_failed(0), milliseconds(50));
  EXPECT_EQ(lifecycle.on_failed(0), milliseconds(100));
  EXPECT_EQ(lifecycle.on_failed(0), milliseconds(200));
  EXPECT_EQ(lifecycle.on_failed(0), milliseconds(200));
  lifecycle.on_connected();
  EXPECT_EQ(lifecycle.on_failed(0), milliseconds(25));
}

TEST(PostgresConnectionLifecycle, SpreadsItsPausesByHalf) {
  auto lifecycle = four();
  EXPECT_EQ(lifecycle.on_failed(0.5), milliseconds(37));
  const auto most = lifecycle.on_failed(0.999);
  EXPECT_GT(most, milliseconds(98));
  EXPECT_LE(most, milliseconds(100));
}

}  // namespace
}  // namespace atto::postgres
