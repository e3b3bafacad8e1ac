#include "unit/json/random_document.hpp"
#include "unit/json/refusal.hpp"

#include <atto/json.hpp>

#include <gtest/gtest.h>
#include <boost/json/parse.hpp>

#include <random>
#include <string>
#include <string_view>
#include <utility>

namespace atto {
namespace {

using namespace std::string_literals;
using test::refusal_of;

TEST(JsonSyntax, TakesEveryKindOfValue) {
  for (const std::string_view text : {"null",
                                      "true",
                                      "false",
                                      "0",
                                      "-0",
                                      "-1",
                                      "10",
                                      "1.5",
                                      "-0.0",
                                      "0e0",
                                      "0E+1",
                                      "1e-2",
                                      "1.25E2",
                                      "123456789012345",
                                      R"("")",
                                      R"("a")",
                                      R"("\"\\\/\b\f\n\r\t")",
                                      R"("\u0000")",
                                      R"("\u00e9\uABCD\uabcd")",
                                      R"("\ud83d\ude00")",
                                      R"("\ud83d")",
                                      R"("\ude00")",
                                      R"("\ude00\ud83d")",
                                      R"("\ud83dx")",
                                      R"("\ud83d\n")",
                                      R"("\ud83d\u0041")",
                                      "\"\x7F\"",
                                      "\"\xC3\xA9\"",
                                      "\"\xE2\x82\xAC\"",
                                      "\"\xF0\x9F\x98\x80\"",
                                      "\"\xEF\xB7\x90\"",
                                      "\"\xEF\xBF\xBF\"",
                                      "[]",
                                      "[ ]",
                                      "[1]",
                                      "[1,2]",
                                      "[ 1 , 2 ]",
                                      "[[],[[]],{}]",
                                      "{}",
                                      "{ }",
                                      R"({"":0})",
                                      R"({"a":1,"a":2})",
                                      R"({"\u0000":{"\ud83d":[]}})",
                                      R"({ "a" : [ 1 , { "b" : null } ] , "c" : "d" })",
                                      " \t\r\nnull \t\r\n"}) {
    EXPECT_FALSE(refusal_of(std::string(text)).code) << text;
  }
}

struct bad_text {
  std::string text;
  std::size_t offset;
};

class JsonSyntaxRefusal : public testing::TestWithParam<bad_text> {};

TEST_P(JsonSyntaxRefusal, NamesTheFirstBadByte) {
  const auto& [text, offset] = GetParam();
  const auto r = refusal_of(text);
  EXPECT_EQ(r.code, errc::invalid_document) << text;
  EXPECT_EQ(r.diag.offset(), offset) << text;
  EXPECT_FALSE(r.diag.message().empty());
  EXPECT_EQ(r.diag.message().find('\n'), std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(Structure, JsonSyntaxRefusal,
                         testing::Values(bad_text{"", 0}, bad_text{"  ", 2}, bad_text{"[", 1}, bad_text{"]", 0},
                                         bad_text{"[1", 2}, bad_text{"[1,", 3}, bad_text{"[1,]", 3},
                                         bad_text{"[,1]", 1}, bad_text{"[1 2]", 3}, bad_text{"[1}", 2},
                                         bad_text{"[1]]", 3}, bad_text{"{", 1}, bad_text{"}", 0}, bad_text{"{]", 1},
                                         bad_text{"{a:1}", 1}, bad_text{"{'a':1}", 1}, bad_text{R"({"a")", 4},
                                         bad_text{R"({"a"1})", 4}, bad_text{R"({"a":})", 5}, bad_text{R"({"a":1)", 6},
                                         bad_text{R"({"a":1,})", 7}, bad_text{R"({"a":1 "b":2})", 7},
                                         bad_text{R"({"a":1]})", 6}, bad_text{R"({1:1})", 1}, bad_text{"{,}", 1},
                                         bad_text{"1 2", 2}, bad_text{"null,", 4}, bad_text{"[]x", 2},
                                         bad_text{R"({"a" "b":1})", 5}));

INSTANTIATE_TEST_SUITE_P(Words, JsonSyntaxRefusal,
                         testing::Values(bad_text{"nul", 3}, bad_text{"nulx", 3}, bad_text{"nulll", 4},
                                         bad_text{"Null", 0}, bad_text{"tru", 3}, bad_text{"truE", 3},
                                         bad_text{"fals", 4}, bad_text{"[falze]", 4}, bad_text{"NaN", 0},
                                         bad_text{"Infinity", 0}, bad_text{"-Infinity", 1}, bad_text{"undefined", 0},
                                         bad_text{"'a'", 0}, bad_text{"/* */1", 0}, bad_text{"1//", 1}));

INSTANTIATE_TEST_SUITE_P(Numbers, JsonSyntaxRefusal,
                         testing::Values(bad_text{"-", 1}, bad_text{"+1", 0}, bad_text{"01", 1}, bad_text{"-01", 2},
                                         bad_text{"00", 1}, bad_text{"1.", 2}, bad_text{".5", 0}, bad_text{"-.5", 1},
                                         bad_text{"1.e1", 2}, bad_text{"1e", 2}, bad_text{"1e+", 3},
                                         bad_text{"1e-x", 3}, bad_text{"1.5.5", 3}, bad_text{"1e5.5", 3},
                                         bad_text{"0x10", 1}, bad_text{"1_000", 1}, bad_text{"[1e]", 3},
                                         bad_text{"--1", 1}, bad_text{"1-", 1}, bad_text{"1e1e1", 3},
                                         bad_text{"\xEF\xBC\x91", 0}));

INSTANTIATE_TEST_SUITE_P(Strings, JsonSyntaxRefusal,
                         testing::Values(bad_text{"\"", 1}, bad_text{"\"a", 2}, bad_text{"\"a\\", 3},
                                         bad_text{"\"\\\"", 3}, bad_text{"\"a\nb\"", 2}, bad_text{"\"\t\"", 1},
                                         bad_text{"\"\x1F\"", 1}, bad_text{"\"\0\""s, 1}, bad_text{R"("\x41")", 2},
                                         bad_text{R"("\a")", 2}, bad_text{R"("\'")", 2}, bad_text{R"("\u")", 3},
                                         bad_text{R"("\u123")", 6}, bad_text{R"("\u12G4")", 5},
                                         bad_text{R"("\U1234")", 2}, bad_text{R"("\u00)", 5},
                                         bad_text{R"("\ud83d\u")", 9}, bad_text{R"("0123456789abcdef\q")", 18}));

INSTANTIATE_TEST_SUITE_P(Bytes, JsonSyntaxRefusal,
                         testing::Values(bad_text{"\xEF\xBB\xBF{}", 0}, bad_text{"\0"s, 0}, bad_text{"null\0"s, 4},
                                         bad_text{"\"\x80\"", 1}, bad_text{"\"abcdefgh\xC3\"", 9},
                                         bad_text{"\"\xC0\x80\"", 1}, bad_text{"\"\xED\xA0\xBD\"", 1},
                                         bad_text{"\"\xF4\x90\x80\x80\"", 1}, bad_text{"\"\xE2\x82\"", 1},
                                         bad_text{"\"ok \xF0\x9F\x98", 4}, bad_text{"{\"\xFF\":1}", 2},
                                         bad_text{"[\xC2\xA0]", 1}, bad_text{"\v1", 0}, bad_text{"\f1", 0}));

TEST(JsonSyntax, NeverQuotesTheDocumentInAMessage) {
  for (const std::string_view text :
       {R"({"secret":secret})", R"(["secret" secret])", R"("secret\secret")", "[secret]"}) {
    const auto r = refusal_of(std::string(text));
    ASSERT_TRUE(r.code) << text;
    EXPECT_EQ(r.diag.message().find("secret"), std::string::npos) << r.diag.message();
  }
}

TEST(JsonSyntax, EveryBeginningOfADocumentIsRefusedWhereItEnds) {
  const std::string text = R"({"a\u00e9":[1.5e+3,true,"x\ud83d"],"b":null})";
  ASSERT_FALSE(refusal_of(text).code);
  for (std::size_t length = 0; length < text.size(); ++length) {
    const auto r = refusal_of(text.substr(0, length));
    EXPECT_EQ(r.code, errc::invalid_document) << length;
    EXPECT_EQ(r.diag.offset(), length);
  }
}

/// True when Boost.JSON cannot be asked: it refuses unpaired surrogates and exponents beyond an int, and has no limit
/// on a number.
bool is_beyond_boost(const std::string& text) {
  boost::json::error_code ec;
  static_cast<void>(boost::json::parse(text, ec));
  return text.find("\\uD") != text.npos || text.find("\\ud") != text.npos || refusal_of(text).diag.limit() ||
         ec == boost::json::error::exponent_overflow;
}

TEST(JsonSyntax, AgreesWithBoostOnDamagedDocuments) {
  std::mt19937 random(2203);
  const std::string bytes = "{}[]\",:\\u0e+-.tfn1 \n\x80\xC3\xA9\xEF\xB7\x90\xFF"s + '\0';
  std::size_t accepted = 0;
  for (int round = 0; round < 20'000; ++round) {
    std::string text = test::spell(test::random_document(random, 2), random);
    for (std::size_t edits = random() % 3; edits > 0; --edits) {
      const std::size_t at = random() % text.size();
      const char byte = bytes[random() % bytes.size()];
      if (random() % 2 == 0) {
        text[at] = byte;
      } else {
        text.insert(at, 1, byte);
      }
    }
    if (is_beyond_boost(text)) continue;
    boost::json::error_code ec;
    static_cast<void>(boost::json::parse(text, ec));
    EXPECT_EQ(!refusal_of(text).code, !ec) << text;
    accepted += ec ? 0U : 1U;
  }
  EXPECT_GT(accepted, 1000U);
}

}  // namespace
}  // namespace atto
