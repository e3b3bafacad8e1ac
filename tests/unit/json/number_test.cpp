#include "json/number.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>

namespace atto::json_text {
namespace {

TEST(Number, HasThePlainLengthThatJsonbGivesItBackWith) {
  for (const auto& [text, length] : {
           std::pair<std::string_view, std::size_t>{"0", 1},
           {"-0", 2},
           {"1e0", 1},
           {"1e2", 3},
           {"1E+2", 3},
           {"1.0", 3},
           {"1.50", 4},
           {"1.50e1", 4},
           {"1.50e2", 3},
           {"1.50e3", 4},
           {"1e-2", 4},
           {"-1e-2", 5},
           {"12.5e-1", 4},
           {"0.001e3", 1},
           {"0.001e2", 3},
           {"0.0010e3", 3},
           {"0e9", 1},
           {"0.00e1", 3},
           {"0e-3", 5},
           {"1e400", 401},
           {"1e998", 999},
           {"1.7976931348623157e308", 309},
           {"5e-324", 326},
           {"1e131071", 131072},
           {"100e-2", 4},
           {"1e00000000000000000000000000000000002", 3},
       }) {
    EXPECT_EQ(plain_length(split(text)), length) << text;
  }
}

TEST(Number, MeasuresExponentsOfAnyLengthWithoutOverflow) {
  for (const std::string number : {"1", "0.1", "-12.5", "1000000"}) {
    EXPECT_GT(plain_length(split(number + "e999999999999")), 999999999990U);
    EXPECT_GT(plain_length(split(number + "e-999999999999")), 999999999990U);
    EXPECT_GT(plain_length(split(number + "e" + std::string(5000, '9'))), 1000000U);
    EXPECT_GT(plain_length(split(number + "e-" + std::string(5000, '9'))), 1000000U);
  }
  EXPECT_EQ(plain_length(split("0e" + std::string(5000, '9'))), 1U);
  EXPECT_GT(plain_length(split("0e-" + std::string(5000, '9'))), 1000000U);
}

TEST(Number, IsEqualByItsExactDecimalValue) {
  const auto same = [](std::string_view a, std::string_view b) {
    return equal(split(a), split(b)) && equal(split(b), split(a));
  };
  EXPECT_TRUE(same("1e2", "100.0"));
  EXPECT_TRUE(same("-0", "0"));
  EXPECT_TRUE(same("0e5", "0.000"));
  EXPECT_TRUE(same("1200", "0.00012E7"));
  EXPECT_TRUE(same("0.1", "1e-1"));
  EXPECT_TRUE(same("18446744073709551615", "1844674407370955161.5e1"));
  EXPECT_FALSE(same("18446744073709551615", "18446744073709551616"));
  EXPECT_FALSE(same("0.1", "0.1000000000000000055511151231257827"));
  EXPECT_FALSE(same("1", "-1"));
  EXPECT_FALSE(same("1", "10"));
  EXPECT_FALSE(same("0", "1e-900"));
}

}  // namespace
}  // namespace atto::json_text
