#include <atto/json.hpp>

#include "unit/json/refusal.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>

namespace atto {
namespace {

using namespace std::string_view_literals;

TEST(Json, IsNullUnlessToldOtherwise) {
  const json document;
  EXPECT_EQ(document.text(), "null");
  EXPECT_EQ(document.bytes(), 12U);
  EXPECT_TRUE(document.is_null());
}

TEST(Json, KeepsTheTextAsGivenWithoutSurroundingWhiteSpace) {
  EXPECT_EQ(json(" \r\n[1.0, 1e2 ,\t-0]\t").text(), "[1.0, 1e2 ,\t-0]");
}

TEST(Json, KeepsEveryDigitOfANumber) {
  const std::string number = "-12345678901234567890.123456789012345678901234567890";
  EXPECT_EQ(json(number).text(), number);
}

TEST(Json, TellsTheKindOfADocument) {
  EXPECT_TRUE(json("{}").is_object());
  EXPECT_TRUE(json("[]").is_array());
  EXPECT_TRUE(json("\"\"").is_string());
  EXPECT_FALSE(json("false").is_null());
  EXPECT_FALSE(json("-1").is_string());
}

TEST(Json, ThrowsTheDiagnosticsOfADocumentItRefuses) {
  const auto r = test::thrown_by([] { json("[1,]"); });
  EXPECT_EQ(r.code, errc::invalid_document);
  EXPECT_EQ(r.diag.offset(), 3U);
}

TEST(Json, ParseClearsTheDiagnosticsOfAnEarlierError) {
  diagnostics diag;
  EXPECT_FALSE(json::parse("[", &diag));
  EXPECT_TRUE(json::parse("[]", &diag));
  EXPECT_TRUE(diag.message().empty());
  EXPECT_FALSE(diag.offset());
  EXPECT_FALSE(json::parse("["));
}

TEST(Json, SharesTheTextBetweenCopies) {
  json copy;
  {
    const json original("\"a text that is too long to be held inside of a string object\"");
    copy = original;
    EXPECT_EQ(copy.text().data(), original.text().data());
  }
  EXPECT_EQ(copy, json("\"a text that is too long to be held inside of a string object\""));
}

TEST(Json, LeavesNullBehindWhenItIsMovedFrom) {
  json from("[1,2,3,4,5,6,7,8,9,10]");
  json to(std::move(from));
  EXPECT_EQ(from.text(), "null");  // NOLINT(bugprone-use-after-move): what is promised
  EXPECT_EQ(from.bytes(), 12U);
  from = std::move(to);
  EXPECT_EQ(from.text(), "[1,2,3,4,5,6,7,8,9,10]");
  EXPECT_TRUE(to.is_null());  // NOLINT(bugprone-use-after-move)
  json& self = from;
  from = std::move(self);
  EXPECT_EQ(from.text(), "[1,2,3,4,5,6,7,8,9,10]");
}

TEST(Json, CountsWhatADocumentTakesInJsonb) {
  const auto size = [](std::string text) { return json(std::move(text)).bytes(); };
  EXPECT_EQ(size("true"), 12U);
  EXPECT_EQ(size("12345678901234"), 14U);
  EXPECT_EQ(size("1e19"), 20U);
  EXPECT_EQ(size("-1e-19"), 22U);
  EXPECT_EQ(size("0e99999999999999"), 16U);
  EXPECT_EQ(size("\"a\""), 12U);
  EXPECT_EQ(size("\"123456789012345\""), 17U);
  EXPECT_EQ(size("\"123456789012\xEF\xB7\x90\""), 12U + 7 + 2);
  EXPECT_EQ(size("[]"), 12U);
  EXPECT_EQ(size("[[]]"), 14U);
  EXPECT_EQ(size("[1]"), 14U);
  EXPECT_EQ(size("[1,2]"), 2U + 12 + 1 + 12);
  EXPECT_EQ(size(R"({"a":1,"b":[]})"), 2U + 12 + 1 + 12 + 1 + 12 + 1 + 12);
  EXPECT_EQ(size(" [ 1 , 2 ] "), size("[1,2]"));
}

TEST(JsonString, HoldsAnyUtf8) {
  EXPECT_EQ(json::string("plain").text(), "\"plain\"");
  EXPECT_EQ(json::string("").text(), "\"\"");
  EXPECT_EQ(json::string("q\" b\\ s/ \b\f\n\r\t \x01 \x7F"sv).text(),
            "\"q\\\" b\\\\ s/ \\b\\f\\n\\r\\t \\u0001 \x7F\"");
  EXPECT_EQ(json::string("\0"sv).text(), "\"\\u0000\"");
  EXPECT_EQ(json::string("\xED\x9F\xBF\xEF\xB7\x90").text(), "\"\xED\x9F\xBF\xEF\xB7\x90\"");
  for (const auto text :
       {"\0\x1F\"\\\xF0\x9F\x98\x80"sv, "0123456789012345\n"sv, "\xEF\xB7\x90\xEF\xB7\x90zzzzzzz"sv}) {
    const json made = json::string(text);
    EXPECT_EQ(json(std::string(made.text())).bytes(), made.bytes());
  }
}

TEST(JsonString, RefusesWhatIsNotUtf8) {
  const auto r = test::thrown_by([] { static_cast<void>(json::string("ab\xED\xA0\x80")); });
  EXPECT_EQ(r.code, errc::invalid_document);
  EXPECT_EQ(r.diag.offset(), 2U);
}

TEST(JsonString, RefusesWhatIsTooLarge) {
  const std::string text(json::max_size, 'a');
  EXPECT_EQ(test::thrown_by([&] { static_cast<void>(json::string(text)); }).code, errc::too_large);
  EXPECT_EQ(test::thrown_by([&] { static_cast<void>(json::string(text + 'a')); }).code, errc::too_large);
}

}  // namespace
}  // namespace atto
