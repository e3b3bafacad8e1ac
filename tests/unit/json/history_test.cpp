#include <atto/history.hpp>

#include "unit/json/refusal.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <ranges>
#include <type_traits>
#include <utility>
#include <vector>

namespace atto {
namespace {

TEST(History, KeepsEventsInTheirOrder) {
  history h{json("1"), json("[2]")};
  h.push_back(json("\"3\""));
  EXPECT_EQ(h.size(), 3U);
  EXPECT_EQ(h[0], json("1"));
  EXPECT_EQ(h.back(), json("\"3\""));
  EXPECT_NE(h, (history{json("[2]"), json("1"), json("\"3\"")}));
  EXPECT_EQ(h, (history{json("1.0"), json("[2]"), json("\"3\"")}));
}

TEST(History, KeepsTheSumOfItsEventsSizes) {
  history h;
  EXPECT_EQ(h.bytes(), 0U);
  h.push_back(json("[1]"));
  EXPECT_EQ(h.bytes(), 14U);
  h.append(history(std::vector<json>{json("1"), json("2")}));
  EXPECT_EQ(h.bytes(), 38U);
}

TEST(History, AppendsItself) {
  history h{json("1"), json("2")};
  h.append(h);
  EXPECT_EQ(h, (history{json("1"), json("2"), json("1"), json("2")}));
  EXPECT_EQ(h.bytes(), 48U);
}

TEST(History, IsEmptyWhenItIsMovedFrom) {
  history from{json("1"), json("2")};
  history to(std::move(from));
  EXPECT_EQ(to.bytes(), 24U);
  EXPECT_TRUE(from.empty());  // NOLINT(bugprone-use-after-move): what is promised
  EXPECT_EQ(from.bytes(), 0U);
  from = std::move(to);
  EXPECT_EQ(from.bytes(), 24U);
  EXPECT_EQ(to.bytes(), 0U);  // NOLINT(bugprone-use-after-move)
  history& self = from;
  from = std::move(self);
  EXPECT_EQ(from.size(), 2U);
}

TEST(History, IsMadeOfTheElementsOfAnArray) {
  const history h = history::from_array(json(R"([1, {"a" : [2]} , "x"])"));
  EXPECT_EQ(h, (history{json("1"), json(R"({"a":[2]})"), json("\"x\"")}));
  EXPECT_EQ(h[1].text(), R"({"a" : [2]})");
  EXPECT_EQ(h.bytes(), 12U + (2 + 12 + 1 + 14) + 12);
  EXPECT_TRUE(history::from_array(json("[]")).empty());
  EXPECT_EQ(test::thrown_by([] { static_cast<void>(history::from_array(json("{}"))); }).code, errc::invalid_document);
}

// `history{array}` is a history of one event; nobody shall get the elements by other brackets.
static_assert(!std::is_constructible_v<history, const json&> && !std::is_convertible_v<json, history>);
static_assert(std::ranges::random_access_range<history> && std::ranges::sized_range<history>);
static_assert(std::is_same_v<std::ranges::range_value_t<history>, json>);

TEST(History, HasAsManyElementsAsTheRangesLibraryBelieves) {
  const history h{json("1"), json("2"), json("3")};
  EXPECT_EQ(std::ranges::size(h), 3U);
  EXPECT_EQ(std::ranges::distance(h), 3);
  EXPECT_EQ(std::size(h), 3U);
  const std::vector<json> copied(h.begin(), h.begin() + std::ranges::ssize(h));
  EXPECT_EQ(history(copied), h);
}

TEST(History, GivesItsNewestEventsThroughViews) {
  const history h{json("1"), json("2"), json("3")};
  history newest_first;
  for (const json& event : h | std::views::reverse | std::views::take(10)) newest_first.push_back(event);
  EXPECT_EQ(newest_first, (history{json("3"), json("2"), json("1")}));
  std::size_t taken = 0;
  for (const json& event : h | std::views::drop(1) | std::views::take(10)) taken += event.text().size();
  EXPECT_EQ(taken, 2U);
  EXPECT_EQ(std::ranges::count(h, json("2.0")), 1);
}

TEST(History, GivesItsLastEventsInTheirOrder) {
  const history h{json("1"), json("[2]"), json("3")};
  EXPECT_EQ(h.last(2), (history{json("[2]"), json("3")}));
  EXPECT_EQ(h.last(2).bytes(), h[1].bytes() + h[2].bytes());
  EXPECT_TRUE(h.last(0).empty());
  EXPECT_EQ(h.last(3), h);
  EXPECT_EQ(h.last(static_cast<std::size_t>(-1)), h);
  EXPECT_TRUE(history().last(1).empty());
}

}  // namespace
}  // namespace atto
