#include "unit/json/random_document.hpp"
#include "unit/json/refusal.hpp"

#include <atto/json.hpp>

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace atto {
namespace {

using test::repeat;

/// Compares in both directions.
bool same(const std::string& a, const std::string& b) {
  const bool forth = json(a) == json(b);
  const bool back = json(b) == json(a);
  EXPECT_EQ(forth, back) << a << " and " << b;
  return forth && back;
}

TEST(JsonEquality, IgnoresHowAValueIsSpelled) {
  EXPECT_TRUE(same("1e2", "100.0"));
  EXPECT_TRUE(same("-0", "0"));
  EXPECT_TRUE(same("[1,2]", " [ 1 ,\n2 ] "));
  EXPECT_TRUE(same(R"("\u0041\/\n")", R"("A/\u000a")"));
  EXPECT_TRUE(same(R"("\ud83d\ude00")", "\"\xF0\x9F\x98\x80\""));
  EXPECT_TRUE(same(R"({"a":1,"b":2})", R"({"b":2.0,"\u0061":1})"));
}

TEST(JsonEquality, TellsDifferentValuesApart) {
  EXPECT_FALSE(same("1", "\"1\""));
  EXPECT_FALSE(same("true", "false"));
  EXPECT_FALSE(same("null", "0"));
  EXPECT_FALSE(same("[]", "{}"));
  EXPECT_FALSE(same("[1]", "[1,1]"));
  EXPECT_FALSE(same("[1,2]", "[2,1]"));
  EXPECT_FALSE(same("[[1],2]", "[[1,2]]"));
  EXPECT_FALSE(same(R"({"a":1})", R"({"a":1,"b":1})"));
  EXPECT_FALSE(same(R"({"a":1,"b":2})", R"({"a":2,"b":1})"));
  EXPECT_FALSE(same(R"("\ud83d")", R"("\ude00")"));
  EXPECT_FALSE(same(R"("\ud83d")", "\"\xEF\xBF\xBD\""));
  EXPECT_FALSE(same(R"("\u0000")", R"("")"));
  EXPECT_FALSE(same(R"("\\u0041")", R"("A")"));
  EXPECT_FALSE(same("9007199254740993", "9007199254740992"));
  EXPECT_FALSE(same("\"\xC3\xA9\"", "\"e\xCC\x81\""));
}

TEST(JsonEquality, LetsTheLastOfDuplicateMembersWin) {
  EXPECT_TRUE(same(R"({"a":1,"a":2})", R"({"a":2})"));
  EXPECT_TRUE(same(R"({"a":[],"b":0,"\u0061":2,"b":1})", R"({"b":1,"a":2})"));
  EXPECT_FALSE(same(R"({"a":1,"a":2})", R"({"a":1})"));
  EXPECT_FALSE(same(R"({"a":1,"a":2})", R"({"a":2,"a":1})"));
  EXPECT_FALSE(same(R"({"a":1,"a":1})", R"({"a":1,"b":1})"));
}

TEST(JsonEquality, HoldsForEverySpellingAndForNoOtherDocument) {
  std::mt19937 random(1502);
  for (int round = 0; round < 4000; ++round) {
    test::document d = test::random_document(random);
    const std::string one = test::spell(d, random);
    const std::string two = test::spell(d, random);
    EXPECT_TRUE(same(one, two)) << one << " and " << two;
    test::change(d, random);
    const std::string other = test::spell(d, random);
    EXPECT_FALSE(same(one, other)) << one << " and " << other;
  }
}

TEST(JsonEquality, ComparesTheDeepestDocuments) {
  const auto nested = [](std::string_view leaf) {
    return repeat(R"([{"b":1,"a":)", 499) + std::string(leaf) + repeat("}]", 499);
  };
  const auto turned = [](std::string_view leaf) {
    return repeat(R"([{"a":0,"a":)", 499) + std::string(leaf) +
           repeat(R"(,"b":1})"
                  "]",
                  499);
  };
  EXPECT_TRUE(same(nested("[1]"), turned("[1.0]")));
  EXPECT_FALSE(same(nested("[1]"), turned("[2]")));
}

TEST(JsonEquality, TakesNoQuadraticTimeOnALargeObject) {
  std::string forth = "{";
  std::string back = "{";
  const int members = 200'000;
  for (int i = 0; i < members; ++i) {
    forth += '"' + std::to_string(i) + "\":" + std::to_string(i) + ',';
    back += '"' + std::to_string(members - 1 - i) + "\":" + std::to_string(members - 1 - i) + ".0,";
  }
  // In quadratic time these are 4e10 steps: the test would be ended by its time-out.
  EXPECT_TRUE(json(forth + "\"\":0}") == json(back + "\"\":0}"));
  EXPECT_FALSE(json(forth + "\"\":0}") == json(back + "\"\":1}"));
}

}  // namespace
}  // namespace atto
