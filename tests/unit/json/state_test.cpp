#include <atto/state.hpp>

#include "unit/json/random_document.hpp"
#include "unit/json/refusal.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <string_view>

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
  EXPECT_EQ(s.count(), 2U);
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
  const state s(json(R"({"b":1,"":2,"\u00e9":3,"a":4,"\ud83d\ude00":5,"\uffff":6})"));
  std::string order;
  for (const auto& [name, value] : s) order += value.text();
  EXPECT_EQ(order, "241365");
}

TEST(State, KeepsTempValuesToItself) {
  state s(json(R"({"kept":1,"temp:x":2,"temp:":3,"temp":4,"Temp:":5})"));
  EXPECT_EQ(s.count(), 5U);
  EXPECT_EQ(s.stored().text(), R"({"Temp:":5,"kept":1,"temp":4})");
  EXPECT_EQ(s.without_temp().count(), 3U);
  EXPECT_NE(s, s.without_temp());
  EXPECT_EQ(s.size(), s.without_temp().size());
  EXPECT_EQ(s.size(), s.stored().size());
}

TEST(State, IsStoredAsAnEmptyObjectWhenNothingIsKept) {
  state s;
  EXPECT_EQ(s.stored().text(), "{}");
  EXPECT_EQ(s.size(), 12U);
  s.set("temp:x", json("[1,2,3,4,5,6,7,8]"));
  EXPECT_EQ(s.stored().text(), "{}");
  EXPECT_EQ(s.size(), 12U);
}

TEST(State, TakesTheLastOfDuplicateMembers) {
  const state s(json(R"({"a":1,"b":2,"\u0061":3})"));
  EXPECT_EQ(s.count(), 2U);
  EXPECT_EQ(*s.find("a"), json("3"));
}

TEST(State, RefusesADocumentThatIsNoObject) {
  for (const std::string text : {"null", "[]", "\"{}\"", "1"}) {
    const auto r = test::thrown_by([&] { state{json(text)}; });
    EXPECT_EQ(r.code, errc::invalid_document) << text;
    EXPECT_EQ(r.diag.pointer(), "");
  }
}

TEST(State, RefusesANameThatIsNeitherUtf8NorWtf8AndChangesNothing) {
  state s(json(R"({"a":1})"));
  const state before = s;
  const auto r = test::thrown_by([&] { s.set("ab\xFF", json()); });
  EXPECT_EQ(r.code, errc::invalid_document);
  EXPECT_EQ(r.diag.offset(), 2U);
  EXPECT_EQ(test::thrown_by([&] { s.set("\xED\xA0\xBD\xED\xB8\x80", json()); }).diag.offset(), 3U);
  EXPECT_EQ(s, before);
}

TEST(State, KeepsNamesThatHoldNulOrUnpairedSurrogates) {
  const state s(json(R"({"\u0000":1,"a\u0000b":2,"\ud83d":3,"\ude00":4,"\ude00\ud83d":5})"));
  EXPECT_EQ(*s.find("\0"s), json("1"));
  EXPECT_EQ(*s.find("a\0b"s), json("2"));
  EXPECT_EQ(*s.find("\xED\xA0\xBD"), json("3"));
  EXPECT_EQ(*s.find("\xED\xB8\x80\xED\xA0\xBD"), json("5"));
  EXPECT_EQ(s.stored().text(), R"({"\u0000":1,"a\u0000b":2,"\ud83d":3,"\ude00":4,"\ude00\ud83d":5})");
  EXPECT_EQ(state(s.stored()), s);
}

TEST(State, ValuesOutliveTheDocumentTheyCameFrom) {
  state s;
  {
    const json document(R"({"a":{"deep":[1,2,"long enough for an allocation of its own"]},"b":"x"})");
    s = state(document);
  }
  EXPECT_EQ(s.find("a")->text(), R"({"deep":[1,2,"long enough for an allocation of its own"]})");
  EXPECT_EQ(s.find("a")->size(), json(std::string(s.find("a")->text())).size());
}

TEST(State, IsStoredOneLevelDeeperThanADocumentMayBe) {
  state s;
  s.set("a", json(repeat("[", 1000) + repeat("]", 1000)));
  EXPECT_EQ(state(s.stored()), s);
}

TEST(State, IsReadBackFromItsStoredFormWhateverItHolds) {
  std::mt19937 random(5);
  for (int round = 0; round < 2000; ++round) {
    test::document d = test::random_document(random);
    d.what = test::document::kind::object;
    const json object(test::spell(d, random));
    const state s(object);
    EXPECT_EQ(s.stored(), object);
    EXPECT_EQ(state(s.stored()), s);
    EXPECT_EQ(s.stored().size(), json(std::string(s.stored().text())).size());
    EXPECT_EQ(s.size(), s.stored().size());
    for (const auto& [name, value] : s) EXPECT_EQ(value.size(), json(std::string(value.text())).size());
  }
}

}  // namespace
}  // namespace atto
