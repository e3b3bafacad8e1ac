#include "unit/json/refusal.hpp"

#include <atto/json.hpp>

#include <gtest/gtest.h>

#include <string>

namespace atto {
namespace {

using test::refusal_of;
using test::repeat;

TEST(JsonLimits, TakesAThousandLevelsAndRefusesOneMore) {
  EXPECT_FALSE(refusal_of(repeat("[", 1000) + repeat("]", 1000)).code);
  EXPECT_FALSE(refusal_of(repeat(R"({"a":)", 999) + "{}" + repeat("}", 999)).code);
  const auto r = refusal_of(repeat("[", 1001) + repeat("]", 1001));
  EXPECT_EQ(r.code, errc::invalid_document);
  EXPECT_EQ(r.diag.offset(), 1000U);
  EXPECT_EQ(r.diag.pointer(), repeat("/0", 1000));
  EXPECT_EQ(r.diag.limit(), 1000U);
  EXPECT_EQ(r.diag.size(), 1001U);
}

TEST(JsonLimits, RefusesAMillionOpenBrackets) {
  EXPECT_EQ(refusal_of(repeat("[", 1'000'000)).diag.offset(), 1000U);
  EXPECT_EQ(refusal_of(repeat(R"({"":)", 1'000'000)).diag.offset(), 4000U);
}

TEST(JsonLimits, CountsLevelsThatAreOpenNotThoseThatWere) {
  EXPECT_FALSE(refusal_of("[" + repeat("[],", 5000) + "{}]").code);
}

TEST(JsonLimits, TakesAThousandCharactersOfANumberAndRefusesOneMore) {
  for (const std::string& good :
       {std::string(1000, '7'), "-" + std::string(999, '7'), "0." + std::string(998, '7'), std::string("1e998"),
        std::string("1e999"), std::string("-1e998"), std::string("1e-998"), std::string("1.5e999"),
        std::string("0e99999999999999999999"), "0." + std::string(1500, '0') + "1e1501"}) {
    EXPECT_FALSE(refusal_of(good).code) << good;
  }
  for (const std::string& bad :
       {std::string(1001, '7'), "-" + std::string(1000, '7'), "0." + std::string(999, '7'), std::string("1e1000"),
        std::string("-1e999"), std::string("1e-999"), std::string("1.5e1000"), std::string("1e999999999999"),
        std::string("1e-999999999999"), std::string("0e-1000"), "1e" + std::string(3000, '9')}) {
    const auto r = refusal_of(R"({"a":[0, )" + bad + "]}");
    EXPECT_EQ(r.code, errc::invalid_document) << bad;
    EXPECT_EQ(r.diag.offset(), 9U);
    EXPECT_EQ(r.diag.pointer(), "/a/1");
    EXPECT_EQ(r.diag.limit(), 1000U);
    EXPECT_GT(r.diag.size(), 1000U);
    EXPECT_EQ(r.diag.message().find("99999"), std::string::npos);
  }
}

TEST(JsonLimits, PointsAtTheValueThatWasRefused) {
  const auto pointer = [](const std::string& before) { return refusal_of(before + "1e5000").diag.pointer(); };
  EXPECT_EQ(pointer(""), "");
  EXPECT_EQ(pointer("["), "/0");
  EXPECT_EQ(pointer(R"({"":)"), "/");
  EXPECT_EQ(pointer(R"({"a/b~c":)"), "/a~1b~0c");
  EXPECT_EQ(pointer(R"({"a":{"x":[1,{}]},"b":[[],"],[{\"",)"), "/b/2");
  EXPECT_EQ(pointer(R"([{"a":1},{"b":[]},{"c":"v","d":)"), "/2/d");
  EXPECT_EQ(pointer(R"({"\u00e9\"\ud83d\ude00":)"), "/\xC3\xA9\"\xF0\x9F\x98\x80");
  EXPECT_EQ(pointer(R"({"\ud83d-":)"), "/\xEF\xBF\xBD-");
}

TEST(JsonLimits, RefusesTheDocumentsThatJsonbCannotGiveBack) {
  for (const std::string bad : {"1e131071", "1e131072", "1e-16383", "1e-16384"}) {
    EXPECT_EQ(refusal_of(bad).code, errc::invalid_document) << bad;
  }
  std::string many = "[1e131071";
  for (int i = 0; i < 9000; ++i) many += ",1e131071";
  const auto r = refusal_of(many + "]");
  EXPECT_EQ(r.code, errc::invalid_document);
  EXPECT_EQ(r.diag.pointer(), "/0");
}

TEST(JsonLimits, TakesTheOddDocumentsThatJsonbRefusesOrRespells) {
  for (const std::string good : {R"("\u0000")", R"("\ud83d")", R"("\ude00")", "-0", "-0.0", "-0e5", "1.0", "1.50",
                                 "1e0", "1e400", "1.7976931348623157e308", "5e-324", "18446744073709551615",
                                 "123456789012345678901234567890", R"({"":1})", R"({"a":1,"a":2})"}) {
    EXPECT_FALSE(refusal_of(good).code) << good;
  }
}

TEST(JsonLimits, RefusesAMillionLongNumbersBeforeItReadsThemAll) {
  const std::string many = "[" + repeat("1e998,", 1'000'000) + "0]";
  const auto r = refusal_of(many);
  EXPECT_EQ(r.code, errc::too_large);
  EXPECT_EQ(r.diag.limit(), json::max_size);
  EXPECT_GT(r.diag.size(), json::max_size);
  EXPECT_LT(r.diag.size(), json::max_size + 2000);
  EXPECT_EQ(r.diag.pointer(), "");
  EXPECT_LT(r.diag.offset(), many.size() / 4);
}

TEST(JsonLimits, RefusesTooManySmallValues) {
  // Each counts 12 bytes and its comma, though it takes two in the text.
  EXPECT_FALSE(refusal_of("[" + repeat("0,", 16'000'000) + "0]").code);
  EXPECT_EQ(refusal_of("[" + repeat("0,", 16'200'000) + "0]").code, errc::too_large);
}

TEST(JsonLimits, TakesAStringOfTheLargestSizeAndRefusesOneByteMore) {
  EXPECT_FALSE(refusal_of(" \"" + std::string(json::max_size - 2, 'a') + '"').code);
  EXPECT_EQ(refusal_of('"' + std::string(json::max_size - 1, 'a') + '"').code, errc::too_large);
}

}  // namespace
}  // namespace atto
