#include "support/chaos/lane.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <stdexcept>
#include <string>
#include <vector>

namespace atto::test::chaos {
namespace {

/// A moment in milliseconds from the script's beginning.
steady::time_point at(int ms) {
  return steady::time_point(std::chrono::hours(1) + milliseconds(ms));
}

/// Takes all that may go at once, as pieces.
std::vector<std::string> leaving(lane& l, steady::time_point now, const rules& r) {
  std::vector<std::string> pieces;
  for (auto piece = l.front(now, r); !piece.empty(); piece = l.front(now, r)) {
    pieces.emplace_back(piece);
    l.passed(piece.size(), now, r);
  }
  return pieces;
}

using pieces = std::vector<std::string>;

TEST(ChaosLane, ChunksLeaveInOrderAndThenTheEnd) {
  lane l;
  rules r;
  l.take("one");
  l.take("two");
  l.end(ending::fin);
  EXPECT_EQ(l.size(), 6U);
  EXPECT_EQ(l.ended(r), std::nullopt);
  EXPECT_EQ(leaving(l, at(0), r), (pieces{"one", "two"}));
  EXPECT_EQ(l.ended(r), ending::fin);
}

TEST(ChaosLane, AChunkThatLeftInPartGoesOnWhereItStopped) {
  lane l;
  rules r;
  l.take("abcdef");
  l.passed(2, at(0), r);
  EXPECT_EQ(l.front(at(0), r), "cdef");
  EXPECT_EQ(l.size(), 4U);
}

TEST(ChaosLane, WhatIsHeldLeavesInOrderWhenItIsReleasedAndTheEndAfterIt) {
  lane l;
  rules r;
  r.held = true;
  l.take("one");
  l.take("two");
  l.end(ending::reset);
  EXPECT_EQ(l.front(at(1000), r), "");
  EXPECT_EQ(l.wakes(r), std::nullopt);
  r.held = false;
  EXPECT_EQ(leaving(l, at(0), r), (pieces{"one", "two"}));
  EXPECT_EQ(l.ended(r), ending::reset);
}

TEST(ChaosLane, AHeldLaneKeepsTheEndToo) {
  lane l;
  rules r;
  r.held = true;
  l.end(ending::fin);
  EXPECT_EQ(l.ended(r), std::nullopt);
}

TEST(ChaosLane, ADripIsSoManyBytesAndThenAWait) {
  lane l;
  rules r;
  r.drip = drip{.bytes = 2, .every = milliseconds(10)};
  l.take("abcde");
  EXPECT_EQ(leaving(l, at(0), r), pieces{"ab"});
  EXPECT_EQ(l.wakes(r), at(10));
  EXPECT_EQ(leaving(l, at(9), r), pieces{});
  EXPECT_EQ(leaving(l, at(10), r), pieces{"cd"});
  EXPECT_EQ(leaving(l, at(20), r), pieces{"e"});
}

TEST(ChaosLane, ADripWithoutAWaitIsTinyPiecesAtOnce) {
  lane l;
  rules r;
  r.drip = drip{.bytes = 2};
  l.take("abcde");
  EXPECT_EQ(leaving(l, at(0), r), (pieces{"ab", "cd", "e"}));
}

TEST(ChaosLane, ALaneThatWasGivenUpDropsWhatWaitsAndWhatComes) {
  lane l;
  rules r;
  l.take("lost");
  l.give_up();
  l.take("lost");
  EXPECT_EQ(l.size(), 0U);
  EXPECT_EQ(l.front(at(0), r), "");
}

TEST(ChaosFlips, RandomBitsAreDifferentAscendingWithinTheBytesAndReproduceFromTheSeed) {
  const auto bits = random_bits(7, 50, 100);
  EXPECT_EQ(bits.size(), 50U);
  EXPECT_TRUE(std::is_sorted(bits.begin(), bits.end()));
  EXPECT_EQ(std::adjacent_find(bits.begin(), bits.end()), bits.end());
  EXPECT_LT(bits.back(), 800U);
  EXPECT_EQ(random_bits(7, 50, 100), bits);
  EXPECT_NE(random_bits(8, 50, 100), bits);
}

TEST(ChaosFlips, AsManyBitsAsThereAreAreAllAndOneMoreIsRefused) {
  EXPECT_EQ(random_bits(1, 16, 2).size(), 16U);
  EXPECT_THROW(static_cast<void>(random_bits(1, 17, 2)), std::invalid_argument);
}

TEST(ChaosFlips, AFlipInvertsTheBitAtItsPlaceInTheStreamHoweverTheStreamIsCut) {
  std::string whole(4, '\0'), first(1, '\0'), rest(3, '\0');
  const std::vector<std::uint64_t> bits{1, 8 + 7, 3 * 8};
  flip(whole, 0, bits);
  EXPECT_EQ(whole, std::string("\x02\x80\x00\x01", 4));
  flip(first, 0, bits);
  flip(rest, 1, bits);
  EXPECT_EQ(first + rest, whole);
}

}  // namespace
}  // namespace atto::test::chaos
