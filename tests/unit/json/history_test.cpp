#include <atto/history.hpp>

#include "unit/json/refusal.hpp"

#include <gtest/gtest.h>

#include <utility>
#include <vector>

namespace atto {
namespace {

TEST(History, KeepsEventsInTheirOrder) {
  history h{json("1"), json("[2]")};
  h.push_back(json("\"3\""));
  EXPECT_EQ(h.count(), 3U);
  EXPECT_EQ(h[0], json("1"));
  EXPECT_EQ(h.back(), json("\"3\""));
  EXPECT_NE(h, (history{json("[2]"), json("1"), json("\"3\"")}));
  EXPECT_EQ(h, (history{json("1.0"), json("[2]"), json("\"3\"")}));
}

TEST(History, KeepsTheSumOfItsEventsSizes) {
  history h;
  EXPECT_EQ(h.size(), 0U);
  h.push_back(json("[1]"));
  EXPECT_EQ(h.size(), 14U);
  h.append(history(std::vector<json>{json("1"), json("2")}));
  EXPECT_EQ(h.size(), 38U);
}

TEST(History, AppendsItself) {
  history h{json("1"), json("2")};
  h.append(h);
  EXPECT_EQ(h, (history{json("1"), json("2"), json("1"), json("2")}));
  EXPECT_EQ(h.size(), 48U);
}

TEST(History, IsEmptyWhenItIsMovedFrom) {
  history from{json("1"), json("2")};
  history to(std::move(from));
  EXPECT_EQ(to.size(), 24U);
  EXPECT_TRUE(from.empty());  // NOLINT(bugprone-use-after-move): what is promised
  EXPECT_EQ(from.size(), 0U);
  from = std::move(to);
  EXPECT_EQ(from.size(), 24U);
  EXPECT_EQ(to.size(), 0U);  // NOLINT(bugprone-use-after-move)
  history& self = from;
  from = std::move(self);
  EXPECT_EQ(from.count(), 2U);
}

TEST(History, IsMadeOfTheElementsOfAnArray) {
  const history h(json(R"([1, {"a" : [2]} , "x"])"));
  EXPECT_EQ(h, (history{json("1"), json(R"({"a":[2]})"), json("\"x\"")}));
  EXPECT_EQ(h[1].text(), R"({"a" : [2]})");
  EXPECT_EQ(h.size(), 12U + (2 + 12 + 1 + 14) + 12);
  EXPECT_TRUE(history(json("[]")).empty());
  EXPECT_EQ(test::thrown_by([] { history(json("{}")); }).code, errc::invalid_document);
}

}  // namespace
}  // namespace atto
