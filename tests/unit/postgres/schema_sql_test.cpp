#include "postgres/schema_sql.hpp"

#include "unit/postgres/sql_numbers.hpp"

#include <gmock/gmock.h>

#include <array>
#include <string>

namespace atto::postgres {
namespace {

using testing::EndsWith;
using testing::StartsWith;

TEST(PostgresSchemaSql, NumbersEachParameter) {
  const schema_sql sql{table_name("s.t")};
  const auto round = sql.find_relations();
  script::expect_numbered(round);
  EXPECT_EQ(script::value_at(round.front(), "n.nspname = "), "s");
  EXPECT_EQ(script::value_at(round.front(), "c.relname IN ("), "t");
}

TEST(PostgresSchemaSql, QualifiesAndQuotesEveryRelation) {
  const schema_sql sql{table_name(R"(s"c.t"n)")};
  const std::string table = R"("s""c"."t""n")", tail = R"("s""c"."t""n_tail")";
  const auto relations = sql.relations();
  ASSERT_EQ(relations.size(), 3U);
  EXPECT_THAT(relations[0].create.at(0).text, StartsWith("CREATE TABLE " + table));
  EXPECT_THAT(relations[1].create.at(0).text, StartsWith("CREATE TABLE " + tail));
  EXPECT_THAT(relations[2].create.at(0).text, StartsWith(R"(CREATE VIEW "s""c"."t""n_snapshot")"));
}

TEST(PostgresSchemaSql, StampsARelationAsTheLastThingThatMakesOrUpgradesIt) {
  const schema_sql sql{table_name("t")};
  const std::string stamp = "IS '" + schema_stamp::make(schema_stamp::current) + "'";
  for (const schema_relation& r : sql.relations()) {
    for (const auto* ddl : {&r.create, &r.upgrade}) {
      EXPECT_THAT(ddl->back().text, StartsWith("COMMENT ON"));
      EXPECT_THAT(ddl->back().text, EndsWith(stamp));
    }
  }
}

TEST(PostgresSchemaSql, CreatesEveryColumnThatItExpects) {
  const schema_sql sql{table_name("t")};
  for (const schema_relation& r : sql.relations()) {
    for (const auto& column : r.columns) {
      const std::string name(column.definition.substr(0, column.definition.find(' ') + 1));
      EXPECT_THAT(r.create.front().text, testing::HasSubstr(name));
    }
  }
}

TEST(PostgresSchemaColumns, AreOfThatSchemaAndMayHaveOthersBesideThem) {
  using schema_columns::first_missing;
  constexpr std::array<schema_columns::column, 2> columns{{{"a text"}, {"b int8 NOT NULL", 2}}};
  EXPECT_FALSE(first_missing(columns, 2, "mine uuid\na text\nb int8 NOT NULL"));
  EXPECT_FALSE(first_missing(columns, 1, "a text"));
  EXPECT_EQ(first_missing(columns, 2, "a text\nb int8"), "b int8 NOT NULL");
  EXPECT_EQ(first_missing(columns, 2, "aa text\nb int8 NOT NULL"), "a text");
  EXPECT_EQ(first_missing(columns, 1, "a text NOT NULL"), "a text");
  EXPECT_EQ(first_missing(columns, 1, ""), "a text");
}

TEST(PostgresSchemaStamp, ReadsOnlyItsOwnForm) {
  EXPECT_EQ(schema_stamp::read(schema_stamp::make(3)), 3);
  EXPECT_FALSE(schema_stamp::read(""));
  EXPECT_FALSE(schema_stamp::read("atto session store, schema "));
  EXPECT_FALSE(schema_stamp::read("atto session store, schema 1x"));
}

}  // namespace
}  // namespace atto::postgres
