#include "postgres/statement.hpp"

#include <atto/snapshot.hpp>

#include "postgres/reply.hpp"

#include <gtest/gtest.h>

#include <array>
#include <stdexcept>
#include <string>
#include <string_view>

namespace atto::postgres {
namespace {

std::string composed(std::string_view sql, const sql_names& names = {}) {
  static constexpr std::array<std::string_view, 2> parameters = {"first", "second"};
  return compose_sql(sql, names, parameters);
}

TEST(PostgresStatement, NumbersParametersInTheOrderOfTheirBindingsNotOfTheText) {
  EXPECT_EQ(composed("SELECT $second, $first, $second"), "SELECT $2, $1, $2");
}

TEST(PostgresStatement, PutsNamesInAndDoesNotReadThemAgain) {
  EXPECT_EQ(composed("$first FROM {t} $second", {{"t", R"("{x} $y  '")"}}), R"($1 FROM "{x} $y  '" $2)");
}

TEST(PostgresStatement, LeavesLiteralsAsTheyAreAndMakesOtherWhiteSpaceOneBlank) {
  EXPECT_EQ(composed("\n  SELECT '{}  $[$from to\n last]',\n    $first::text  || $second\n"),
            "SELECT '{}  $[$from to\n last]', $1::text || $2");
}

TEST(PostgresStatement, RefusesUnknownNamesAndParametersThatDoNotOccur) {
  for (const char* sql : {"$first $second $third", "$first", "$first $second {t}", "$first $second {",
                          "$first $second $", "$first $second 'open", "$first $second_one"}) {
    EXPECT_THROW(composed(sql), std::logic_error) << sql;
  }
}

struct numbered_word {
  std::int64_t number;
  std::string word;
};

TEST(PostgresStatement, BindsTheValuesInTheOrderOfTheBindings) {
  const statement_template<numbered_word> t(
      {{"t", "\"t\""}}, "UPDATE {t} SET w = $word WHERE n = $number",
      bindings<numbered_word>{{"number", [](auto& v) { return binary::int8(v.number); }}} +
          bindings<numbered_word>{{"word", [](auto& v) { return binary::text(v.word); }}});
  const statement s = t.bind({7, "x"});
  EXPECT_EQ(s.sql->text, R"(UPDATE "t" SET w = $2 WHERE n = $1)");
  ASSERT_EQ(s.parameters.size(), 2U);
  EXPECT_EQ(s.parameters[0].bytes, write_int8(7));
  EXPECT_EQ(s.parameters[0].oid, parameter::type::int8);
  EXPECT_EQ(s.parameters[1].bytes, "x");
}

TEST(PostgresStatement, PointsIntoItsTemplateWhichIsBuiltOnce) {
  const statement_template<numbered_word> t({}, "SELECT 1");
  EXPECT_EQ(t.bind({}).sql, t.bind({}).sql);
}

TEST(PostgresStatement, SendsJsonbInItsBinaryForm) {
  EXPECT_EQ(binary::jsonb(history{json("1"), json("2")}).bytes, "\x01[1,2]");
  EXPECT_EQ(binary::jsonb(state()).bytes, "\x01{}");
}

TEST(PostgresStatement, WritesAndReadsEightByteNumbersAlike) {
  for (const std::int64_t n : {std::int64_t{0}, std::int64_t{1}, std::int64_t{-2}, max_version}) {
    EXPECT_EQ(read_int8(write_int8(n)), n);
  }
  EXPECT_EQ(read_int8(std::nullopt), std::nullopt);
  EXPECT_EQ(read_int8("short"), std::nullopt);
}

}  // namespace
}  // namespace atto::postgres
