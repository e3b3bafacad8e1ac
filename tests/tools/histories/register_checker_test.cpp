// Whether the checker can be believed: it must say of any history what trying all orders says.

#include "support/register_checker.hpp"

#include "tools/histories/brute_force.hpp"
#include "tools/histories/random_history.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <random>

namespace atto::test {
namespace {

/// How often each verdict was given; a test of one verdict only would prove little.
struct tally {
  std::size_t legal = 0;
  std::size_t illegal = 0;
  std::size_t removing = 0;

  void add(const recorded_history& h, bool is_legal) {
    ++(is_legal ? legal : illegal);
    for (const auto& o : h) {
      if (is_remove(o) && o.answer == 1) ++removing;
    }
  }
};

void expect_the_same(const recorded_history& h, tally& all) {
  const bool expected = some_order_explains(h);
  const auto said = check(h);
  ASSERT_EQ(said.legal, expected) << said.why << "\n" << describe(h);
  ASSERT_EQ(said.legal, said.why.empty());
  all.add(h, expected);
}

tally compare(unsigned seed, int histories, const random_shape& most) {
  std::mt19937 random(seed);
  tally all;
  for (int i = 0; i < histories && !::testing::Test::HasFatalFailure(); ++i) {
    random_shape shape = most;
    shape.operations = 2 + random() % (most.operations - 1);
    auto h = random_legal_history(random, shape);
    expect_the_same(h, all);
    for (int spoiled = 0; spoiled < 2 && !::testing::Test::HasFatalFailure(); ++spoiled) {
      spoil(h, random);
      expect_the_same(h, all);
    }
  }
  return all;
}

TEST(RegisterChecker, AgreesWithBruteForceOnHistoriesWithoutRemoves) {
  const auto all = compare(1, 10'000, {.operations = 7});
  EXPECT_GT(all.legal, 12'000U);
  EXPECT_GT(all.illegal, 7'000U);
  EXPECT_EQ(all.removing, 0U);
}

TEST(RegisterChecker, AgreesWithBruteForceOnHistoriesWithRemoves) {
  const auto all = compare(2, 10'000, {.operations = 7, .removes = true});
  EXPECT_GT(all.legal, 12'000U);
  EXPECT_GT(all.illegal, 7'000U);
  EXPECT_GT(all.removing, 4'000U);
}

TEST(RegisterChecker, AgreesWithBruteForceWhereMostWritesAreInDoubt) {
  const auto without = compare(3, 3'000, {.operations = 6, .unknown_percent = 70});
  EXPECT_GT(without.illegal, 1'000U);
  const auto with = compare(4, 3'000, {.operations = 6, .removes = true, .unknown_percent = 70});
  EXPECT_GT(with.illegal, 1'000U);
}

TEST(RegisterChecker, AgreesWithBruteForceWhereNothingOverlaps) {
  const auto without = compare(5, 3'000, {.operations = 7, .reach = 1});
  EXPECT_GT(without.illegal, 1'000U);
  const auto with = compare(6, 3'000, {.operations = 7, .removes = true, .reach = 1});
  EXPECT_GT(with.illegal, 1'000U);
}

/// Both algorithms on histories that are too long for brute force; spoiled ones among them.
tally compare_algorithms(unsigned seed, int histories, const random_shape& shape) {
  std::mt19937 random(seed);
  tally all;
  for (int i = 0; i < histories && !::testing::Test::HasFailure(); ++i) {
    auto h = random_legal_history(random, shape);
    if (i % 2 == 1) spoil(h, random);
    const auto said = check(h);
    const auto searched = check(after_a_remove(h));
    EXPECT_EQ(said.legal, searched.legal) << said.why << searched.why << "\n" << describe(h);
    EXPECT_TRUE(said.legal || i % 2 == 1) << said.why << "\n" << describe(h);
    all.add(h, said.legal);
  }
  return all;
}

TEST(RegisterChecker, BothItsAlgorithmsAgreeOnLongerHistories) {
  const auto all = compare_algorithms(7, 4'000, {.operations = 20, .reach = 14});
  EXPECT_GT(all.legal, 2'000U);
  EXPECT_GT(all.illegal, 500U);
}

TEST(RegisterChecker, TakesEveryLegalHistoryOfTwentyOperationsWithRemoves) {
  std::mt19937 random(8);
  for (int i = 0; i < 2'000; ++i) {
    const auto h = random_legal_history(random, {.operations = 20, .removes = true, .reach = 14});
    const auto said = check(h);
    ASSERT_TRUE(said.legal) << said.why << "\n" << describe(h);
  }
}

TEST(RegisterChecker, TakesALegalHistoryOfTenThousandOperationsWithoutRemoves) {
  std::mt19937 random(9);
  const auto h = random_legal_history(random, {.operations = 10'000, .reach = 40});
  const auto said = check(h);
  EXPECT_TRUE(said.legal) << said.why;
}

TEST(RegisterChecker, ASearchThatGivesUpIsNotLegal) {
  std::mt19937 random(10);
  const auto h = random_legal_history(random, {.operations = 40, .removes = true, .unknown_percent = 60});
  const auto said = check(h, 1);
  EXPECT_FALSE(said.legal);
  EXPECT_EQ(said.why, "no order found in 1 states; shorten the history");
}

}  // namespace
}  // namespace atto::test
