#include "json/compact.hpp"

#include "unit/json/random_document.hpp"

#include <atto/json.hpp>

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <string_view>

namespace atto::json_text {
namespace {

std::string compact(std::string_view document) {
  std::string out;
  append_compact(out, document);
  return out;
}

TEST(Compact, DropsWhiteSpaceOutsideOfStrings) {
  EXPECT_EQ(compact("[ 1 ,\n{ \"a b\" : \" \\\" \" , \"c\":\ttrue } , null ]"),
            "[1,{\"a b\":\" \\\" \",\"c\":true},null]");
}

TEST(Compact, WritesZerosWithoutTheirExponents) {
  EXPECT_EQ(compact("[0e99999999999, -0.0E+5, 1e5, 0e-5, 0.0]"), "[0,0,1e5,0e-5,0.0]");
}

TEST(Compact, KeepsTheValueOfEveryDocument) {
  std::mt19937 random(11);
  for (int round = 0; round < 2000; ++round) {
    const json document(test::spell(test::random_document(random), random));
    const json shorter(compact(document.text()));
    EXPECT_EQ(shorter, document);
    EXPECT_LE(shorter.text().size(), document.bytes());
  }
}

TEST(Compact, FindsHugeExponentsWhereverTheyAre) {
  for (std::size_t before = 0; before < 25; ++before) {
    const std::string space(before, ' ');
    EXPECT_TRUE(may_hold_huge_exponent(space + "0e1073741824"));
    EXPECT_TRUE(may_hold_huge_exponent(space + "[0E+9999999999,1]"));
    EXPECT_TRUE(may_hold_huge_exponent(space + "0e" + std::string(500, '9') + " "));
    EXPECT_TRUE(may_hold_huge_exponent("[12345678901," + space + "0e1234567890]"));
    EXPECT_FALSE(may_hold_huge_exponent(space + "0e999999999"));
    EXPECT_FALSE(may_hold_huge_exponent(space + "[12345678901234567890,\"abc\",1e5]"));
  }
}

}  // namespace
}  // namespace atto::json_text
