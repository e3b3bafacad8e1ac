#include <atto/boost_json.hpp>

#include "unit/json/random_document.hpp"
#include "unit/json/refusal.hpp"

#include <gtest/gtest.h>
#include <boost/json.hpp>

#include <bit>
#include <cmath>
#include <limits>
#include <map>
#include <random>
#include <string>
#include <vector>

namespace atto {
namespace {

namespace bj = boost::json;
using test::repeat;

TEST(BoostJson, CarriesEveryKindOfValueBothWays) {
  const json document(
      R"({"a":[1,-2,1.5,true,false,null],"b":{"":"\u0000\"\u00e9\ud83d\ude00"},"c":18446744073709551615})");
  const bj::value value = to_boost(document);
  EXPECT_EQ(value.at("c").as_uint64(), std::numeric_limits<std::uint64_t>::max());
  EXPECT_EQ(value.at("b").at("").as_string(), bj::string_view("\0\"\xC3\xA9\xF0\x9F\x98\x80", 8));
  EXPECT_EQ(from_boost(value), document);
}

TEST(BoostJson, GivesTheSameDoubleBack) {
  std::mt19937_64 random(9);
  for (int round = 0; round < 20'000; ++round) {
    const auto number = std::bit_cast<double>(random());
    if (!std::isfinite(number)) continue;
    const double back = to_boost(from_boost(number)).as_double();
    EXPECT_EQ(std::bit_cast<std::uint64_t>(back), std::bit_cast<std::uint64_t>(number)) << number;
  }
  for (const double edge : {0.0, -0.0, std::numeric_limits<double>::max(), std::numeric_limits<double>::denorm_min()}) {
    EXPECT_EQ(std::bit_cast<std::uint64_t>(to_boost(from_boost(edge)).as_double()), std::bit_cast<std::uint64_t>(edge));
  }
}

TEST(BoostJson, RoundsNumbersToTheNearestDouble) {
  EXPECT_EQ(to_boost(json("18446744073709551616")).as_double(), 18446744073709551616.0);
  EXPECT_EQ(to_boost(json("0.30000000000000004")).as_double(), 0.1 + 0.2);
  EXPECT_EQ(to_boost(json("2.2250738585072011e-308")).as_double(), 2.2250738585072011e-308);
  EXPECT_EQ(to_boost(json("1e-400")).as_double(), 0.0);
  EXPECT_TRUE(std::signbit(to_boost(json("-1e-400")).as_double()));
  EXPECT_EQ(to_boost(json("0e400")).as_double(), 0.0);
  EXPECT_EQ(to_boost(json("-0")).as_int64(), 0);
}

TEST(BoostJson, RefusesWhatBoostCannotHold) {
  for (const std::string text :
       {"1e400", "-1e400", "1.7976931348623159e308", R"("\ud83d")", R"({"\ude00":1})", "0e99999999999"}) {
    const auto r = test::thrown_by([&] { static_cast<void>(to_boost(json("[true," + text + "]"))); });
    EXPECT_EQ(r.code, errc::invalid_document) << text;
    EXPECT_GE(r.diag.offset(), 6U);
    EXPECT_FALSE(r.diag.message().empty());
  }
}

TEST(BoostJson, RefusesInfinityAndNan) {
  for (const double number : {std::nan(""), HUGE_VAL, -HUGE_VAL}) {
    const bj::value value = {{"a", {1, number}}};
    EXPECT_EQ(test::thrown_by([&] { static_cast<void>(from_boost(value)); }).code, errc::invalid_document);
  }
}

TEST(BoostJson, RefusesStringsThatAreNotUtf8) {
  EXPECT_EQ(test::thrown_by([] { static_cast<void>(from_boost(bj::value("\xFF"))); }).code, errc::invalid_document);
}

TEST(BoostJson, TakesTheDeepestDocuments) {
  const json deepest(repeat("[", 1000) + repeat("]", 1000));
  EXPECT_EQ(from_boost(to_boost(deepest)), deepest);
  bj::value deeper = to_boost(deepest);
  deeper = bj::array{std::move(deeper)};
  EXPECT_EQ(test::thrown_by([&] { static_cast<void>(from_boost(deeper)); }).code, errc::invalid_document);
}

TEST(BoostJson, LetsTheLastOfDuplicateMembersWin) {
  EXPECT_EQ(from_boost(to_boost(json(R"({"a":1,"a":2})"))), json(R"({"a":2})"));
}

TEST(BoostJson, AllocatesFromTheStorageItIsGiven) {
  bj::monotonic_resource memory;
  const bj::value value = to_boost(json("[1,\"a string that is longer than a short one\"]"), &memory);
  EXPECT_EQ(value.storage().get(), &memory);
}

TEST(BoostJson, ConvertsContainers) {
  const std::map<std::string, std::vector<int>> value = {{"a", {1, 2}}, {"b", {}}};
  const json document = to_json(value);
  EXPECT_EQ(document, json(R"({"a":[1,2],"b":[]})"));
  EXPECT_EQ((from_json<std::map<std::string, std::vector<int>>>(document)), value);
  EXPECT_THROW(static_cast<void>(from_json<std::vector<int>>(document)), boost::system::system_error);
}

struct player {
  std::string name;
  double score;
};

void tag_invoke(bj::value_from_tag, bj::value& out, const player& p) {
  out = {{"name", p.name}, {"score", p.score}};
}

player tag_invoke(bj::value_to_tag<player>, const bj::value& in) {
  return {bj::value_to<std::string>(in.at("name")), bj::value_to<double>(in.at("score"))};
}

TEST(BoostJson, ConvertsTypesOfTheCallersOwn) {
  const json document = to_json(player{"Ada", 0.1});
  EXPECT_EQ(document, json(R"({"score":0.1,"name":"Ada"})"));
  EXPECT_EQ(from_json<player>(document).score, 0.1);
}

}  // namespace
}  // namespace atto
