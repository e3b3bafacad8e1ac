#include "sqlite/statements.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace atto::sqlite {
namespace {

TEST(SqliteStatements, EachHasItsText) {
  for (std::size_t i = 0; i < statement_count; ++i) {
    EXPECT_FALSE(sql(static_cast<statement>(i)).empty()) << i;
    EXPECT_TRUE(sql(static_cast<statement>(statement_count)).empty());
  }
}

TEST(SqliteStatements, AnAppendNeverTouchesTheHistoryThatIsStored) {
  EXPECT_EQ(sql(statement::update_session).find("events_total"), std::string_view::npos);
  EXPECT_EQ(sql(statement::update_session).find("tail"), std::string_view::npos);
  EXPECT_EQ(sql(statement::insert_turn).find("UPDATE"), std::string_view::npos);
}

TEST(SqliteStatements, ParametersAreNumberedWithoutGaps) {
  for (std::size_t i = 0; i < statement_count; ++i) {
    const std::string text(sql(static_cast<statement>(i)));
    char highest = '0';
    for (std::size_t at = text.find('?'); at != text.npos; at = text.find('?', at + 1)) {
      highest = std::max(highest, text.at(at + 1));
    }
    for (char n = '1'; n <= highest; ++n) EXPECT_NE(text.find(std::string("?") + n), text.npos) << text;
  }
}

TEST(SqliteStatements, EveryTableIsNamedWithItsDatabase) {
  // A temporary table would shadow an unqualified name.
  for (std::size_t i = 0; i < statement_count; ++i) {
    const std::string text(sql(static_cast<statement>(i)));
    for (std::size_t at = text.find("atto_"); at != text.npos; at = text.find("atto_", at + 1)) {
      EXPECT_EQ(text.substr(at - 5, 5), "main.") << text;
    }
  }
}

}  // namespace
}  // namespace atto::sqlite
