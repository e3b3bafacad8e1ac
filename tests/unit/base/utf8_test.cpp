#include "base/utf8.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace atto {
namespace {

using namespace std::string_view_literals;

TEST(Utf8, AcceptsEveryCodePointButSurrogates) {
  EXPECT_FALSE(utf8::first_invalid(""));
  EXPECT_FALSE(utf8::first_invalid("\0plain ASCII\x7F"sv));
  EXPECT_FALSE(utf8::first_invalid("\xC2\x80\xDF\xBF"));
  EXPECT_FALSE(utf8::first_invalid("\xE0\xA0\x80\xEC\xBF\xBF\xED\x80\x80\xED\x9F\xBF\xEE\x80\x80\xEF\xBF\xBF"));
  EXPECT_FALSE(utf8::first_invalid("\xF0\x90\x80\x80\xF3\xBF\xBF\xBF\xF4\x80\x80\x80\xF4\x8F\xBF\xBF"));
}

TEST(Utf8, RefusesWhatTable3_7LeavesOut) {
  for (const std::string_view bad :
       {"\x80"sv, "\xBF"sv, "\xC0\x80"sv, "\xC1\xBF"sv, "\xC2"sv, "\xC2\x41"sv, "\xC2\xC0"sv, "\xE0\x9F\xBF"sv,
        "\xE1\x80"sv, "\xE1\x80\x41"sv, "\xED\xA0\x80"sv, "\xED\xBF\xBF"sv, "\xF0\x8F\xBF\xBF"sv, "\xF1\x80\x80"sv,
        "\xF1\x80\x80\x41"sv, "\xF4\x90\x80\x80"sv, "\xF5\x80\x80\x80"sv, "\xFE"sv, "\xFF"sv}) {
    EXPECT_EQ(utf8::first_invalid(bad), 0U);
    for (std::size_t before : {1U, 7U, 8U, 9U, 16U}) {
      EXPECT_EQ(utf8::first_invalid(std::string(before, 'a') + std::string(bad) + "zzzzzzzzz"), before);
      EXPECT_EQ(utf8::first_invalid(std::string(before, 'a') + "\xC3\xA9" + std::string(bad)), before + 2);
    }
  }
}

TEST(Wtf8, AddsUnpairedSurrogatesOnly) {
  EXPECT_FALSE(utf8::first_invalid_wtf8("a\xED\xA0\xBDz"));
  EXPECT_FALSE(utf8::first_invalid_wtf8("\xED\xB8\x80\xED\xA0\xBD"));
  EXPECT_FALSE(utf8::first_invalid_wtf8("\xED\xA0\xBD\xED\xA0\xBD"));
  EXPECT_FALSE(utf8::first_invalid_wtf8("\xED\xA0\xBD-\xED\xB8\x80"));
  EXPECT_FALSE(utf8::first_invalid_wtf8("\xF0\x9F\x98\x80"));
  EXPECT_EQ(utf8::first_invalid_wtf8("a\xED\xA0\xBD\xED\xB8\x80"), 4U);
  EXPECT_EQ(utf8::first_invalid_wtf8("a\xED\xA0"), 1U);
  EXPECT_EQ(utf8::first_invalid_wtf8("\xED\xB8\x80\xFF"), 3U);
}

TEST(Utf8, TheEndOfAPrefixIsTheLeastTextGreaterThanAllThatBeginWithIt) {
  EXPECT_EQ(utf8::end_of_prefix("user:"), "user;");
  EXPECT_EQ(utf8::end_of_prefix("a\x7F"), "a\xC2\x80");
  EXPECT_EQ(utf8::end_of_prefix("\xDF\xBF"), "\xE0\xA0\x80");
  EXPECT_EQ(utf8::end_of_prefix("\xED\x9F\xBF"), "\xEE\x80\x80");
  EXPECT_EQ(utf8::end_of_prefix("\xEF\xBF\xBF"), "\xF0\x90\x80\x80");
  EXPECT_EQ(utf8::end_of_prefix("a\xF4\x8F\xBF\xBF"), "b");
  EXPECT_EQ(utf8::end_of_prefix("\xF4\x8F\xBF\xBF\xF4\x8F\xBF\xBF"), "");
  EXPECT_EQ(utf8::end_of_prefix(""), "");
  for (const std::string_view prefix :
       {"a"sv, "\xC3\xA9"sv, "\xE2\x82\xAC"sv, "\xF0\x9F\x98\x80"sv, "z\xEF\xBF\xBF"sv}) {
    const std::string end = utf8::end_of_prefix(prefix);
    EXPECT_FALSE(utf8::first_invalid(end));
    EXPECT_LT(std::string(prefix) + "\xF4\x8F\xBF\xBF\xF4\x8F\xBF\xBF", end);
    EXPECT_GT(end, prefix);
  }
}

}  // namespace
}  // namespace atto
