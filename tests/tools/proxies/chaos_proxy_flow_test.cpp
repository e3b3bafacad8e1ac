#include "support/chaos_proxy.hpp"
#include "tools/proxies/peer.hpp"

#include <gtest/gtest.h>

#include <cerrno>
#include <chrono>
#include <string>
#include <thread>

namespace atto::test {
namespace {

using chaos::counters;
using chaos::direction;
using chaos::drip;
using chaos::flips;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

class ChaosFlow : public testing::TestWithParam<direction> {
 protected:
  peer& sender() { return p.sender(d); }
  peer& receiver() { return p.receiver(d); }

  const direction d = GetParam();
  proxied p;
};

INSTANTIATE_TEST_SUITE_P(Both, ChaosFlow, testing::Values(direction::requests, direction::replies));

TEST_P(ChaosFlow, EverythingIsPassedOnUnharmedAndCounted) {
  const auto text = letters(5'000'000);
  std::thread sending([&] { sender().send(text); });
  EXPECT_TRUE(receiver().receive(text.size()) == text);
  sending.join();
  EXPECT_EQ(p.proxy.now().of(d).taken, text.size());
  EXPECT_EQ(p.proxy.now().of(d).passed, text.size());
}

TEST_P(ChaosFlow, AnEndOfFileIsPassedOnAfterTheBytesAndTheOtherDirectionGoesOn) {
  sender().send("last words");
  sender().shut_down_sending();
  EXPECT_EQ(receiver().receive_all(), "last words");
  EXPECT_EQ(receiver().how_it_ended(), 0);
  receiver().send("answer");
  receiver().close();
  EXPECT_EQ(sender().receive_all(), "answer");
  EXPECT_TRUE(p.proxy.wait_until([](const counters& c) { return c.open == 0; }));
}

TEST_P(ChaosFlow, AResetIsPassedOnAfterTheBytes) {
  sender().send("last words");
  EXPECT_EQ(receiver().receive(10), "last words");
  sender().reset();
  EXPECT_EQ(receiver().receive_all(), "");
  EXPECT_EQ(receiver().how_it_ended(), ECONNRESET);
}

TEST_P(ChaosFlow, ADripTakesItsTime) {
  p.proxy.drip(d, drip{.bytes = 2, .every = milliseconds(10)});
  const auto start = steady_clock::now();
  sender().send("12345678");
  EXPECT_EQ(receiver().receive(8), "12345678");
  EXPECT_GE(steady_clock::now() - start, milliseconds(30));
}

TEST_P(ChaosFlow, ADripWithoutAWaitMakesASegmentOfEveryPiece) {
  p.proxy.drip(d, drip{.bytes = 1});
  const auto before = receiver().segments();
  sender().send("12345678");
  EXPECT_EQ(receiver().receive(8), "12345678");
  EXPECT_EQ(receiver().segments() - before, 8U);
}

TEST_P(ChaosFlow, WhereReadingIsStoppedTheSendersBuffersFillAndNothingIsLostAfterHealing) {
  p.proxy.stop_reading(d);
  const auto text = sender().fill();
  EXPECT_EQ(p.proxy.now().of(d).taken, 0U);
  EXPECT_TRUE(receiver().hears_nothing());
  receiver().send("the other direction goes on");
  EXPECT_EQ(sender().receive(27), "the other direction goes on");
  p.proxy.heal();
  EXPECT_TRUE(receiver().receive(text.size()) == text);
}

TEST_P(ChaosFlow, HeldBytesAreDeliveredInOrderWhenTheyAreReleasedAndNotBefore) {
  p.proxy.hold(d);
  sender().send("first, ");
  EXPECT_TRUE(p.taken(d, 7));
  sender().send("second");
  sender().shut_down_sending();
  EXPECT_TRUE(p.taken(d, 13));
  EXPECT_EQ(p.proxy.now().of(d).passed, 0U);
  EXPECT_TRUE(receiver().hears_nothing());
  p.proxy.release(d);
  EXPECT_EQ(receiver().receive_all(), "first, second");
  EXPECT_EQ(receiver().how_it_ended(), 0);
}

TEST_P(ChaosFlow, HoldingTakesMoreThanAnyBuffer) {
  p.proxy.hold(d);
  const auto text = letters(12'000'000);
  sender().send(text);
  EXPECT_TRUE(p.taken(d, text.size()));
  p.proxy.release(d);
  EXPECT_TRUE(receiver().receive(text.size()) == text);
}

TEST_P(ChaosFlow, HeldBytesAreDroppedWhenTheConnectionIsKilled) {
  p.proxy.hold(d);
  sender().send("never seen");
  EXPECT_TRUE(p.taken(d, 10));
  p.proxy.kill(chaos::ending::reset);
  p.proxy.release(d);
  EXPECT_EQ(receiver().receive_all(), "");
  EXPECT_EQ(receiver().how_it_ended(), ECONNRESET);
  EXPECT_EQ(p.proxy.now().of(d).passed, 0U);
}

TEST_P(ChaosFlow, ExactlyTheBitsOfTheSeedAreFlippedAndCountedFromTheMomentOfArming) {
  const auto text = letters(1000);
  sender().send("warm");
  EXPECT_EQ(receiver().receive(4), "warm");
  const auto bits = chaos::random_bits(42, 20, text.size());
  p.proxy.arm(flips{.in = d, .bits = bits});
  p.proxy.drip(d, drip{.bytes = 7});
  sender().send(text);
  const auto got = receiver().receive(text.size());
  std::vector<std::uint64_t> flipped;
  for (std::uint64_t bit = 0; bit < 8 * text.size(); ++bit) {
    const auto different = static_cast<unsigned char>(got[bit / 8]) ^ static_cast<unsigned char>(text[bit / 8]);
    if ((different >> (bit % 8) & 1) != 0) flipped.push_back(bit);
  }
  EXPECT_EQ(flipped, bits);
}

TEST_P(ChaosFlow, ABitIsFlippedOnlyInItsDirection) {
  p.proxy.arm(flips{.in = d, .bits = {0}});
  receiver().send("a");
  EXPECT_EQ(sender().receive(1), "a");
  sender().send("a");
  EXPECT_EQ(receiver().receive(1), "`");
}

TEST_P(ChaosFlow, AfterHealingBytesPassAtOnceAndWhatWasHeldIsThere) {
  p.proxy.hold(d);
  p.proxy.arm(chaos::cut{.in = d, .after = 3});
  sender().send("held");
  p.proxy.heal();
  EXPECT_EQ(receiver().receive(4), "held");
}

}  // namespace
}  // namespace atto::test
