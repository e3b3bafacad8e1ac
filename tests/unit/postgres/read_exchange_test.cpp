#include "postgres/read_exchange.hpp"

#include "unit/postgres/script.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace atto::postgres {
namespace {

find_turn_exchange a_search() {
  return {script::store(), {{}, "s", message_id("m")}};
}

result<std::optional<turn_record>> searched(reply r) {
  auto search = a_search();
  EXPECT_EQ(search.next().size(), 1U);
  EXPECT_TRUE(search.on_replies({std::move(r)}));
  return search.take();
}

TEST(PostgresFindTurnExchange, YieldsTheOldestTurnOfTheMessage) {
  const auto o = searched(script::rows({{write_int8(7), "[7]"}, {write_int8(5), "[5, 6]"}, {write_int8(9), "[9]"}}));
  ASSERT_FALSE(o.has_error());
  EXPECT_EQ(*o, turn_record(5, {json("5"), json("6")}));
}

TEST(PostgresFindTurnExchange, YieldsNothingWhenThereIsNone) {
  const auto o = searched(script::rows({}));
  ASSERT_FALSE(o.has_error());
  EXPECT_FALSE(*o);
}

TEST(PostgresFindTurnExchange, CallsARowThatCannotBeReadAFailureOfTheStorage) {
  for (const auto& row : std::vector<script::row>{{}, {write_int8(5)}, {std::nullopt, "[]"}, {write_int8(5), "{}"}}) {
    EXPECT_EQ(searched(script::rows({row})).error().code, errc::storage_failure);
  }
}

TEST(PostgresFindTurnExchange, IsSentAgainWhenItsReplyWasLost) {
  auto search = a_search();
  EXPECT_FALSE(search.in_doubt());
  EXPECT_TRUE(search.on_lost());
}

}  // namespace
}  // namespace atto::postgres
