#include "json/stored_form.hpp"

#include "json/compact.hpp"
#include "json/jsonb_escape.hpp"
#include "unit/json/random_document.hpp"
#include "unit/json/refusal.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <string_view>

namespace atto {
namespace {

using stored_form::dialect;
using namespace std::string_literals;
using test::repeat;

/// U+FDD0, the lead of an escape.
const std::string lead = "\xEF\xB7\x90";

std::string jsonb_string(std::string_view content) {
  const std::string text = stored_form::encode(history{json('"' + std::string(content) + '"')}, dialect::jsonb);
  return text.substr(2, text.size() - 4);
}

TEST(StoredForm, EscapesWhatJsonbRefusesAndItsOwnLead) {
  EXPECT_EQ(jsonb_string(R"(\u0000)"), lead + "0000");
  EXPECT_EQ(jsonb_string(R"(a\ud83d)"), "a" + lead + "d83d");
  EXPECT_EQ(jsonb_string(R"(\uD83Dz)"), lead + "d83dz");
  EXPECT_EQ(jsonb_string(R"(\ude00\ud83d)"), lead + "de00" + lead + "d83d");
  EXPECT_EQ(jsonb_string(R"(\ud83d\ud83d\ude00\ude00)"), lead + R"(d83d\ud83d\ude00)" + lead + "de00");
  EXPECT_EQ(jsonb_string(R"(\uFDD0)"), lead + "fdd0");
  EXPECT_EQ(jsonb_string(lead + "0000"), lead + "fdd00000");
  EXPECT_EQ(jsonb_string(lead + R"(\\u0000\u0000)"), lead + R"(fdd0\\u0000)" + lead + "0000");
}

TEST(StoredForm, LeavesEverythingElseAsItIs) {
  for (const std::string_view content : {R"(plain)", R"(\\u0000)", R"(\\\\ud83d)", R"(\u0001\u00e9\n\"\/)",
                                         R"(\ud83d\ude00)", "\xF0\x9F\x98\x80\xEF\xB7\x91", R"(\ufdd1\\)"}) {
    EXPECT_EQ(jsonb_string(content), content);
  }
  EXPECT_EQ(stored_form::encode(history{json(R"("\u0000\ud83d")")}, dialect::plain), R"(["\u0000\ud83d"])");
}

TEST(StoredForm, EscapesNamesToo) {
  const state s = state::from_object(json(R"({"\u0000":{"\ud83d":1},"temp:x":2})"));
  EXPECT_EQ(stored_form::encode(s, dialect::jsonb), "{\"" + lead + "0000\":{\"" + lead + "d83d\":1}}");
  EXPECT_EQ(stored_form::encode(s, dialect::plain), R"({"\u0000":{"\ud83d":1}})");
}

TEST(StoredForm, HasABoundWhateverWhiteSpaceADocumentHolds) {
  const json spaced("[" + std::string(10'000, ' ') + "1 ]");
  EXPECT_EQ(stored_form::encode(history{spaced, json("2")}, dialect::plain), "[[1],2]");
  EXPECT_EQ(stored_form::encode(history{json(std::string(2000, ' ') + "[\n]")}, dialect::jsonb), "[[\n]]");
}

TEST(StoredForm, HidesExponentsThatPostgresRefusesToRead) {
  const history h{json("0e1073741824"), json("1e2")};
  EXPECT_EQ(stored_form::encode(h, dialect::jsonb), "[0,1e2]");
}

TEST(StoredForm, OfNothingIsAnEmptyArrayOrObject) {
  for (const dialect d : {dialect::plain, dialect::jsonb}) {
    EXPECT_EQ(stored_form::encode(history(), d), "[]");
    EXPECT_EQ(stored_form::encode(state(), d), "{}");
    EXPECT_TRUE(stored_form::decode_events("[]"s, d).value().empty());
    EXPECT_TRUE(stored_form::decode_state("{}"s, d).value().empty());
    EXPECT_TRUE(stored_form::decode_turns("[]"s, d).value().empty());
    EXPECT_TRUE(stored_form::decode_turns("[[],[]]"s, d).value().empty());
  }
}

class StoredFormRoundTrip : public testing::TestWithParam<dialect> {};

INSTANTIATE_TEST_SUITE_P(Dialects, StoredFormRoundTrip, testing::Values(dialect::plain, dialect::jsonb),
                         [](const auto& d) { return d.param == dialect::plain ? "Plain" : "Jsonb"; });

/// True when jsonb takes the text and gives it back as it is, as far as surrogates, U+0000 and sizes go.
bool fits_jsonb(const std::string& text) {
  std::string kept = text;
  for (std::size_t at = 0; (at = kept.find('\\', at)) != kept.npos;) {
    if (kept[at + 1] != 'u') {
      at += 2;
      continue;
    }
    std::string hex = kept.substr(at + 2, 4);
    std::transform(hex.begin(), hex.end(), hex.begin(), [](char c) { return c >= 'A' && c <= 'F' ? c + 32 : c; });
    if (hex == "0000" || hex == "fdd0" || (hex >= "dc00" && hex <= "dfff")) return false;
    const bool high = hex >= "d800" && hex <= "dbff";
    if (high && kept.substr(at + 6, 2) != "\\u") return false;
    at += high ? 12 : 6;
  }
  return true;
}

TEST_P(StoredFormRoundTrip, GivesEqualEventsBack) {
  std::mt19937 random(77);
  for (int round = 0; round < 1500; ++round) {
    history events;
    for (std::size_t i = random() % 5; i > 0; --i) {
      events.push_back(json(test::spell(test::random_document(random), random)));
    }
    const std::string text = stored_form::encode(events, GetParam());
    if (GetParam() == dialect::jsonb) {
      EXPECT_TRUE(fits_jsonb(text)) << text;
      EXPECT_LE(text.size(), (events.bytes() + 12 * events.size()) / 6 * 7 + 2);
    }
    const auto back = stored_form::decode_events(text, GetParam());
    ASSERT_TRUE(back) << text;
    EXPECT_EQ(back.value(), events) << text;
    EXPECT_LE(back.value().bytes(), events.bytes());
    for (const json& event : back.value()) EXPECT_EQ(event.bytes(), json(std::string(event.text())).bytes());
  }
}

TEST_P(StoredFormRoundTrip, GivesAnEqualStateBack) {
  std::mt19937 random(78);
  for (int round = 0; round < 1500; ++round) {
    test::document d = test::random_document(random);
    d.what = test::document::kind::object;
    state s = state::from_object(json(test::spell(d, random)));
    s.set("temp:mine", json("1"));
    const auto back = stored_form::decode_state(stored_form::encode(s, GetParam()), GetParam());
    ASSERT_TRUE(back);
    EXPECT_EQ(back.value(), s.without_temp());
    EXPECT_LE(back.value().bytes(), s.bytes());
  }
}

std::string without_spaces(std::string_view document) {
  std::string text;
  json_text::append_compact(text, document);
  return text;
}

/// But for white space, of which it holds no more than it counts.
TEST_P(StoredFormRoundTrip, WritesAStateAsItsStoredDocumentBehindThePrefix) {
  std::mt19937 random(79);
  for (int round = 0; round < 1500; ++round) {
    test::document d = test::random_document(random);
    d.what = test::document::kind::object;
    state s = state::from_object(json(test::spell(d, random)));
    s.set("temp:mine", json("1"));
    s.set("zero", json("[0e9999999999, 10]"));
    s.set("spaced", json(std::string("[") + std::string(random() % 40, ' ') + "]"));
    const std::string stored = without_spaces(s.stored().text());
    std::string expected = stored;
    if (GetParam() == dialect::jsonb) {
      expected.clear();
      jsonb_escape::append(expected, stored);
    }
    const std::string text = stored_form::encode(s, GetParam(), "\x01");
    ASSERT_EQ(text.front(), '\x01');
    EXPECT_EQ(without_spaces(text.substr(1)), expected);
    EXPECT_LE(text.size(), s.bytes() / 6 * 7 + 7) << text;
    EXPECT_TRUE(GetParam() == dialect::plain || text.find("e9999999999") == text.npos) << text;
  }
}

TEST_P(StoredFormRoundTrip, GivesTurnsBackInTheirOrder) {
  const history first{json("1"), json(R"({"\u0000":["\ud83d"]})")};
  const history second{json("[[2]]")};
  const std::string text =
      "[" + stored_form::encode(first, GetParam()) + ",[], " + stored_form::encode(second, GetParam()) + "]";
  history all = first;
  all.append(second);
  const auto back = stored_form::decode_turns(text, GetParam());
  ASSERT_TRUE(back);
  EXPECT_EQ(back.value(), all);
  EXPECT_EQ(back.value().bytes(), all.bytes());
}

TEST_P(StoredFormRoundTrip, TakesTheDeepestDocumentsWhereverTheyLie) {
  const json deepest(repeat("[", 1000) + repeat("]", 1000));
  state s;
  s.set("a", deepest);
  const history events{deepest};
  EXPECT_EQ(stored_form::decode_state(stored_form::encode(s, GetParam()), GetParam()).value(), s);
  const std::string text = stored_form::encode(events, GetParam());
  EXPECT_EQ(stored_form::decode_events(text, GetParam()).value(), events);
  EXPECT_EQ(stored_form::decode_turns("[" + text + "]", GetParam()).value(), events);
}

TEST_P(StoredFormRoundTrip, EveryPairOfCodeUnitsComesBack) {
  const std::vector<std::string> units = {R"(\u0000)", R"(\ud83d)", R"(\ude00)", R"(\ufdd0)",
                                          lead,        "0000",      "fdd0",      "d83d",
                                          R"(\\)",     R"(\")",     "u0000",     "\xF0\x9F\x98\x80"};
  for (const std::string& a : units) {
    for (const std::string& b : units) {
      for (const std::string& c : units) {
        const history events{json('"' + a + b + c + '"'), json("{\"" + c + a + "\":\"" + b + "\"}")};
        EXPECT_EQ(stored_form::decode_events(stored_form::encode(events, GetParam()), GetParam()).value(), events)
            << a << b << c;
      }
    }
  }
}

TEST(StoredForm, LetsEventsShareTheReply) {
  const auto events = stored_form::decode_events(R"([ {"a": 1} , "b" ])"s, dialect::plain);
  ASSERT_TRUE(events);
  EXPECT_EQ(events.value()[0].text(), R"({"a": 1})");
  EXPECT_EQ(events.value()[1].text().data() - events.value()[0].text().data(), 11);
}

TEST(StoredForm, RefusesRepliesThatItCannotHaveWritten) {
  const auto refused = [](const auto& result) { return !result && result.error() == errc::storage_failure; };
  for (const dialect d : {dialect::plain, dialect::jsonb}) {
    for (const std::string text : {"", "null", "1", "{", "[1]x", "[\xFF]"}) {
      EXPECT_TRUE(refused(stored_form::decode_state(text, d))) << text;
      EXPECT_TRUE(refused(stored_form::decode_events(text, d))) << text;
      EXPECT_TRUE(refused(stored_form::decode_turns(text, d))) << text;
    }
    EXPECT_TRUE(refused(stored_form::decode_state("[]"s, d)));
    EXPECT_TRUE(refused(stored_form::decode_events("{}"s, d)));
    EXPECT_TRUE(refused(stored_form::decode_turns("[1]"s, d)));
    EXPECT_TRUE(refused(stored_form::decode_turns(R"([{"a":1}])"s, d)));
    EXPECT_TRUE(refused(stored_form::decode_events(repeat("[", 1002) + repeat("]", 1002), d)));
    EXPECT_TRUE(refused(stored_form::decode_turns(repeat("[", 1003) + repeat("]", 1003), d)));
  }
  for (const std::string& bad : {lead, lead + "12", lead + "0041", lead + "zzzz", lead + "fdd1"}) {
    EXPECT_TRUE(refused(stored_form::decode_events("[\"" + bad + "\"]", dialect::jsonb))) << bad;
    EXPECT_TRUE(stored_form::decode_events("[\"" + bad + "\"]", dialect::plain));
  }
}

TEST(StoredForm, DropsTempValuesThatSomebodyElseWrote) {
  EXPECT_EQ(stored_form::decode_state(R"({"a":1,"temp:b":2})"s, dialect::jsonb).value(),
            state::from_object(json(R"({"a":1})")));
}

}  // namespace
}  // namespace atto
