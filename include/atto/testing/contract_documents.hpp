#pragma once

#include <atto/testing/contract_fixture.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// Rules: every well-formed document comes back equal as a value.
namespace atto::testing {

/// `depth` arrays, one in the other.
[[nodiscard]] inline std::string nested_arrays(std::size_t depth) {
  return std::string(depth, '[') + std::string(depth, ']');
}

/// `depth` objects, one in the other.
[[nodiscard]] inline std::string nested_objects(std::size_t depth) {
  std::string text;
  for (std::size_t i = 1; i < depth; ++i) text += R"({"":)";
  return text + "{}" + std::string(depth - 1, '}');
}

/// Documents that some database, parser or number type would change, refuse or cut.
[[nodiscard]] inline std::vector<std::string> curious_documents() {
  return {// Escapes that jsonb refuses, and what an escape of ours might be taken for.
          R"("\u0000")", R"("a\u0000b\u0000")", R"("\ud83d")", R"("\ude00")", R"("\ude00\ud83d")",
          R"("\ud83d\ud83d\ude00")", R"("\ud83d\ude00")", R"("\ufdd0")", "\"\xEF\xB7\x90\"", R"("\ufdd00000")",
          "\"\xEF\xB7\x90"
          "0000\"",
          R"("\ufdd0\ufdd0fdd0")", R"("\ufdd0d83d")", R"("\\u0000")", R"("\\\u0000")", R"("\ufdd0\u0000")",
          R"("\ufffe\uffff")", R"("\ud83d\\ude00")", R"("\uD83D\u0000\uDE00")",
          // Strings.
          R"("")", R"("\"\\\/\b\f\n\r\t")", R"("\u0001\u001f\u007f\u0080\u2028\u2029\ufeff")", R"("é")", R"("e\u0301")",
          R"("'")", R"("$1 %s {} ? :x")", "\"\xF4\x8F\xBF\xBF\"",
          // Names of members.
          R"({"":1})", R"({"\u0000":1})", R"({"\u0000":1,"\ufdd00000":2,"":3})", R"({"\ud83d":1,"\ude00":2})",
          R"({"\ufdd0":{"\ufdd0":"\ufdd0"}})", R"({"temp:x":1})", R"({"a":1,"A":2,"aa":3})", R"({"é":1,"e\u0301":2})",
          // Numbers.
          "0", "-0", "-0.0", "-0e5", "1.0", "1.50", "1e0", "1e2", "1E+2", "100", "1e-2", "0.1", "1e400", "-1e400",
          "1e998", "1e-997", "5e-324", "1.7976931348623157e308", "2.2250738585072014e-308", "9007199254740993",
          "9223372036854775807", "-9223372036854775808", "18446744073709551615", "18446744073709551616",
          "123456789012345678901234567890", "-123456789012345678901234567890", "0.123456789012345678901234567890",
          "12345678901234567890.12345678901234567890", "3.14159265358979323846264338327950288",
          // The rest.
          "true", "false", "null", "[]", "{}", "[[]]", "[{}]", "[null]", "[[],[[]]]", " [ 1 , 2 ] ",
          R"({"a":[{"b":[{}]}]})", R"([1,1.0,1e0,"1"])"};
}

/// Pairs a store that loses something would take for one value.
[[nodiscard]] inline std::vector<std::pair<std::string, std::string>> lookalikes() {
  return {{R"("\u0000")", R"("\ufdd00000")"},
          {R"("\u0000")", R"("")"},
          {R"("a\u0000b")", R"("a")"},
          {R"("\ud83d")", R"("\ufffd")"},
          {R"("\ud83d")", R"("\ud83c")"},
          {R"("\\u0000")", R"("\u0000")"},
          {"9007199254740993", "9007199254740992"},
          {"18446744073709551615", "18446744073709551616"},
          {"123456789012345678901234567890", "123456789012345678901234567891"},
          {"0.123456789012345678901234567890", "0.123456789012345678901234567891"},
          {"5e-324", "4e-324"},
          {"1e-997", "0"},
          {"1e998", "1e997"},
          {"1", R"("1")"},
          {"0", "false"},
          {"null", R"("null")"},
          {"[]", "{}"}};
}

TEST_P(StoreContract, EveryDocumentComesBackEqual) {
  history events;
  state values;
  for (const auto& text : curious_documents()) {
    values.set("value " + std::to_string(events.size()), json(text));
    events.push_back(json(text));
  }
  db().save("saved", {1, values, events});
  db().append("appended", 0, {values, events});
  for (const std::string_view id : {"saved", "appended"}) {
    const auto loaded = *db().load(id);
    ASSERT_EQ(loaded.history.size(), events.size()) << id;
    for (std::size_t i = 0; i < events.size(); ++i) EXPECT_EQ(loaded.history[i], events[i]) << id;
    EXPECT_EQ(loaded.state, values) << id;
  }
}

TEST_P(StoreContract, DocumentsThatLookAlikeStayApart) {
  history events;
  for (const auto& [text, other] : lookalikes()) events.push_back(json(text));
  db().save("s", {1, {}, events});
  const auto loaded = *db().load("s");
  const auto pairs = lookalikes();
  ASSERT_EQ(loaded.history.size(), pairs.size());
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    EXPECT_EQ(loaded.history[i], json(pairs[i].first));
    EXPECT_FALSE(loaded.history[i] == json(pairs[i].second)) << pairs[i].first << " and " << pairs[i].second;
  }
}

TEST_P(StoreContract, WhatWasLoadedCanBeSavedAgainAndAgain) {
  history events;
  for (const auto& text : curious_documents()) events.push_back(json(text));
  snapshot snap(1, state_of("\xEF\xB7\x90", R"("\ufdd0\u0000")"), events);
  for (std::int64_t v = 1; v <= 4; ++v) {
    snap.version = v;
    db().save("s", snap);
    snap = *db().load("s");
  }
  EXPECT_EQ(snap, snapshot(4, state_of("\xEF\xB7\x90", R"("\ufdd0\u0000")"), events));
}

TEST_P(StoreContract, EveryStateNameComesBackEqual) {
  const std::vector<std::string> names = {"",
                                          std::string(1, '\0'),
                                          std::string("a\0b", 3),
                                          "\xEF\xB7\x90",
                                          "\xEF\xB7\x90"
                                          "0000",
                                          "\xED\xA0\xBD",  // an unpaired surrogate in WTF-8
                                          "\xED\xB8\x80",
                                          "\xED\xB8\x80\xED\xA0\xBD",
                                          "\xF0\x9F\x98\x80",
                                          "\"",
                                          "\\",
                                          "\\u0000",
                                          "\n",
                                          "a",
                                          "A",
                                          " a",
                                          std::string(3000, 'k')};
  state s;
  for (const auto& name : names) s.set(name, json(std::to_string(s.size())));
  db().save("saved", {1, s, {}});
  db().append("appended", 0, {s, {}});
  expect_stored("saved", {1, s, {}});
  expect_stored("appended", {1, s, {}});
}

TEST_P(StoreContract, TheLastOfDuplicateMembersWins) {
  const json twice(R"({"a": 1, "b": 0, "a": {"c": 1, "c": 2}})");
  const json once(R"({"a": {"c": 2}, "b": 0})");
  db().save("s", {1, {}, {twice}});
  db().append("s", 1, {state_of("value", twice.text()), {twice}});
  expect_stored("s", {2, state_of("value", once.text()), {once, once}});
  EXPECT_FALSE(db().load("s")->history[0] == json(R"({"a": 1, "b": 0})"));
}

TEST_P(StoreContract, DocumentsOfTheGreatestDepthComeBackEqual) {
  const json arrays(nested_arrays(json::max_depth));
  const json objects(nested_objects(json::max_depth));
  state s;
  s.set("arrays", arrays);
  s.set("objects", objects);
  db().save("saved", {1, s, {arrays, objects}});
  db().append("appended", 0, {s, {arrays, objects}});
  expect_stored("saved", {1, s, {arrays, objects}});
  expect_stored("appended", {1, s, {arrays, objects}});
}

TEST_P(StoreContract, LongDocumentsComeBackEqual) {
  std::string text = "\"";
  for (int i = 0; i < 100'000; ++i) text += i % 3 == 0 ? "\xF0\x9F\x98\x80" : "a\\\"";
  text += "\"";
  const snapshot saved(1, state_of("long", text), {json(text), json("[" + text + "," + text + "]")});
  db().save("s", saved);
  EXPECT_EQ(*db().load("s"), saved);
}

TEST_P(StoreContract, ManyEventsAndValuesComeBackInOrder) {
  state s;
  for (int i = 0; i < 2'000; ++i) s.set("value " + std::to_string(i), json(std::to_string(i)));
  const snapshot saved(1, s, numbered_events(0, 10'000));
  db().save("s", saved);
  EXPECT_EQ(*db().load("s"), saved);
}

}  // namespace atto::testing
