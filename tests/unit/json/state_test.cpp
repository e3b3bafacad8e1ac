#include <atto/state.hpp>

#include "unit/json/random_document.hpp"
#include "unit/json/refusal.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <random>
#include <ranges>
#include <string>
#include <string_view>
#include <type_traits>

namespace atto {
namespace {

using namespace std::string_literals;
using test::repeat;

TEST(State, SetsFindsReplacesAndErasesValues) {
  state s;
  EXPECT_TRUE(s.empty());
  s.set("b", json("1"));
  s.set("a", json("2"));
  s.set("b", json("3"));
  EXPECT_EQ(s.size(), 2U);
  ASSERT_NE(s.find("b"), nullptr);
  EXPECT_EQ(*s.find("b"), json("3"));
  EXPECT_EQ(s.find("c"), nullptr);
  EXPECT_TRUE(s.erase("b"));
  EXPECT_FALSE(s.erase("b"));
  EXPECT_FALSE(s.contains("b"));
  s.clear();
  EXPECT_TRUE(s.empty());
}

TEST(State, ListsValuesInTheByteOrderOfTheirNames) {
  const state s = state::from_object(json(R"({"b":1,"":2,"\u00e9":3,"a":4,"\ud83d\ude00":5,"\uffff":6})"));
  std::string order;
  for (const auto& [name, value] : s) order += value.text();
  EXPECT_EQ(order, "241365");
}

TEST(State, KeepsTempValuesToItself) {
  state s = state::from_object(json(R"({"kept":1,"temp:x":2,"temp:":3,"temp":4,"Temp:":5})"));
  EXPECT_EQ(s.size(), 5U);
  EXPECT_EQ(s.stored().text(), R"({"Temp:":5,"kept":1,"temp":4})");
  EXPECT_EQ(s.without_temp().size(), 3U);
  EXPECT_NE(s, s.without_temp());
  EXPECT_EQ(s.bytes(), s.without_temp().bytes());
  EXPECT_EQ(s.bytes(), s.stored().bytes());
}

TEST(State, IsStoredAsAnEmptyObjectWhenNothingIsKept) {
  state s;
  EXPECT_EQ(s.stored().text(), "{}");
  EXPECT_EQ(s.bytes(), 12U);
  s.set("temp:x", json("[1,2,3,4,5,6,7,8]"));
  EXPECT_EQ(s.stored().text(), "{}");
  EXPECT_EQ(s.bytes(), 12U);
}

TEST(State, TakesTheLastOfDuplicateMembers) {
  const state s = state::from_object(json(R"({"a":1,"b":2,"\u0061":3})"));
  EXPECT_EQ(s.size(), 2U);
  EXPECT_EQ(*s.find("a"), json("3"));
}

TEST(State, RefusesADocumentThatIsNoObject) {
  for (const std::string text : {"null", "[]", "\"{}\"", "1"}) {
    const auto r = test::thrown_by([&] { static_cast<void>(state::from_object(json(text))); });
    EXPECT_EQ(r.code, errc::invalid_document) << text;
    EXPECT_EQ(r.diag.pointer(), "");
  }
}

TEST(State, RefusesANameThatIsNeitherUtf8NorWtf8AndChangesNothing) {
  state s = state::from_object(json(R"({"a":1})"));
  const state before = s;
  const auto r = test::thrown_by([&] { s.set("ab\xFF", json()); });
  EXPECT_EQ(r.code, errc::invalid_document);
  EXPECT_EQ(r.diag.offset(), 2U);
  EXPECT_EQ(test::thrown_by([&] { s.set("\xED\xA0\xBD\xED\xB8\x80", json()); }).diag.offset(), 3U);
  EXPECT_EQ(s, before);
}

TEST(State, KeepsNamesThatHoldNulOrUnpairedSurrogates) {
  const state s = state::from_object(json(R"({"\u0000":1,"a\u0000b":2,"\ud83d":3,"\ude00":4,"\ude00\ud83d":5})"));
  EXPECT_EQ(*s.find("\0"s), json("1"));
  EXPECT_EQ(*s.find("a\0b"s), json("2"));
  EXPECT_EQ(*s.find("\xED\xA0\xBD"), json("3"));
  EXPECT_EQ(*s.find("\xED\xB8\x80\xED\xA0\xBD"), json("5"));
  EXPECT_EQ(s.stored().text(), R"({"\u0000":1,"a\u0000b":2,"\ud83d":3,"\ude00":4,"\ude00\ud83d":5})");
  EXPECT_EQ(state::from_object(s.stored()), s);
}

TEST(State, ValuesOutliveTheDocumentTheyCameFrom) {
  state s;
  {
    const json document(R"({"a":{"deep":[1,2,"long enough for an allocation of its own"]},"b":"x"})");
    s = state::from_object(document);
  }
  EXPECT_EQ(s.find("a")->text(), R"({"deep":[1,2,"long enough for an allocation of its own"]})");
  EXPECT_EQ(s.find("a")->bytes(), json(std::string(s.find("a")->text())).bytes());
}

TEST(State, IsStoredOneLevelDeeperThanADocumentMayBe) {
  state s;
  s.set("a", json(repeat("[", 1000) + repeat("]", 1000)));
  EXPECT_EQ(state::from_object(s.stored()), s);
}

TEST(State, IsReadBackFromItsStoredFormWhateverItHolds) {
  std::mt19937 random(5);
  for (int round = 0; round < 2000; ++round) {
    test::document d = test::random_document(random);
    d.what = test::document::kind::object;
    const json object(test::spell(d, random));
    const state s = state::from_object(object);
    EXPECT_EQ(s.stored(), object);
    EXPECT_EQ(state::from_object(s.stored()), s);
    EXPECT_EQ(s.stored().bytes(), json(std::string(s.stored().text())).bytes());
    EXPECT_EQ(s.bytes(), s.stored().bytes());
    for (const auto& [name, value] : s) EXPECT_EQ(value.bytes(), json(std::string(value.text())).bytes());
  }
}

static_assert(!std::is_constructible_v<state, const json&>);
static_assert(std::ranges::forward_range<state> && std::ranges::sized_range<state>);

TEST(State, HasAsManyElementsAsTheRangesLibraryBelieves) {
  const state s = state::from_object(json(R"({"a":"a long value","b":2,"temp:c":3})"));
  EXPECT_EQ(std::ranges::size(s), 3U);
  EXPECT_EQ(std::ranges::distance(s), 3);
  std::size_t taken = 0;
  for (const auto& [name, value] : s | std::views::take(10)) taken += name.size();
  EXPECT_EQ(taken, 8U);
  EXPECT_EQ(std::ranges::distance(s | std::views::keys), 3);
}

}  // namespace
}  // namespace atto
