#include "postgres/schema.hpp"

#include <atto/store_requests.hpp>

#include "postgres/read_exchange.hpp"
#include "postgres/schema_columns.hpp"
#include "postgres/schema_stamp.hpp"
#include "postgres/verified_exchange.hpp"
#include "unit/postgres/script.hpp"

#include <gmock/gmock.h>

#include <array>
#include <atomic>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace atto::postgres {
namespace {

using script::error;
using script::rows_affected;

const std::string our_stamp = schema_stamp::make(schema_stamp::current);

/// What the look says of the columns of a table that is in order, but for the column named `without`.
std::string columns_of(const std::string& table, int schema, const std::string& without = "none") {
  using columns = std::span<const schema_columns::column>;
  const columns all = table.ends_with("_tail") ? columns(schema_columns::tail) : columns(schema_columns::sessions);
  std::string lines;
  for (const auto& c : all) {
    if (c.since <= schema && !c.definition.starts_with(without + " ")) lines.append(c.definition).append("\n");
  }
  return lines;
}

/// A relation that has the columns its stamp promises.
script::row relation(const std::string& name, const char* kind, const std::string& comment) {
  return {name, kind, comment, "UTF8", columns_of(name, schema_stamp::read(comment).value_or(schema_stamp::current))};
}

reply nothing_there() {
  return script::rows({{std::nullopt, std::nullopt, std::nullopt, "UTF8"}});
}

reply all_there() {
  return script::rows({relation("atto_sessions", "r", our_stamp), relation("atto_sessions_tail", "r", our_stamp),
                       relation("atto_sessions_snapshot", "v", our_stamp)});
}

std::vector<std::string> next_sql(exchange& x) {
  std::vector<std::string> text;
  for (const statement& s : x.next()) text.push_back(s.sql->text);
  return text;
}

TEST(PostgresSchemaExchange, LooksFirstAndIssuesNoDdlWhenAllIsThere) {
  schema_exchange x(script::sql());
  EXPECT_EQ(next_sql(x).size(), 1U);
  ASSERT_TRUE(x.on_replies({all_there()}));
  EXPECT_FALSE(x.take().error);
}

TEST(PostgresSchemaExchange, MakesAllUnderALockAndLooksAgain) {
  schema_exchange x(script::sql());
  next_sql(x);
  ASSERT_FALSE(x.on_replies({nothing_there()}));
  EXPECT_TRUE(x.in_doubt());
  const auto ddl = next_sql(x);
  ASSERT_EQ(ddl.size(), 8U);
  EXPECT_THAT(ddl[0], testing::HasSubstr("pg_advisory_xact_lock"));
  ASSERT_FALSE(x.on_replies(std::vector<reply>(8, rows_affected(0))));
  EXPECT_EQ(next_sql(x).size(), 1U);
  ASSERT_TRUE(x.on_replies({all_there()}));
  EXPECT_FALSE(x.take().error);
}

TEST(PostgresSchemaExchange, MakesOnlyWhatIsMissing) {
  schema_exchange x(script::sql());
  next_sql(x);
  ASSERT_FALSE(x.on_replies(
      {script::rows({relation("atto_sessions", "r", our_stamp), relation("atto_sessions_tail", "r", our_stamp)})}));
  const auto ddl = next_sql(x);
  ASSERT_EQ(ddl.size(), 3U);
  EXPECT_THAT(ddl[1], testing::StartsWith("CREATE VIEW"));
}

reply older_there() {
  const auto older = schema_stamp::make(schema_stamp::current - 1);
  return script::rows({relation("atto_sessions", "r", older), relation("atto_sessions_tail", "r", older),
                       relation("atto_sessions_snapshot", "v", older)});
}

TEST(PostgresSchemaExchange, UpgradesWhatAnOlderReleaseMadeUnderALockAndStampsItAnew) {
  schema_exchange x(script::sql());
  next_sql(x);
  ASSERT_FALSE(x.on_replies({older_there()}));
  const auto ddl = next_sql(x);
  ASSERT_EQ(ddl.size(), 8U);
  EXPECT_THAT(ddl[0], testing::HasSubstr("pg_advisory_xact_lock"));
  EXPECT_THAT(ddl[1], testing::StartsWith("ALTER TABLE"));
  EXPECT_THAT(ddl[6], testing::StartsWith("CREATE OR REPLACE VIEW"));
  for (const std::string& text : ddl) EXPECT_THAT(text, testing::Not(testing::HasSubstr("DROP")));
  ASSERT_FALSE(x.on_replies(std::vector<reply>(8, rows_affected(0))));
  next_sql(x);
  ASSERT_TRUE(x.on_replies({all_there()}));
  EXPECT_FALSE(x.take().error);
}

TEST(PostgresSchemaExchange, LeavesAnOlderSchemaAloneBesideAForeignRelation) {
  schema_exchange x(script::sql());
  next_sql(x);
  const auto older = schema_stamp::make(schema_stamp::current - 1);
  ASSERT_TRUE(x.on_replies(
      {script::rows({relation("atto_sessions", "r", older), relation("atto_sessions_tail", "r", "somebody's")})}));
  EXPECT_EQ(x.take().error.code, errc::schema_mismatch);
}

TEST(PostgresSchemaExchange, LooksAgainWhenAnotherProcessWasFirst) {
  for (const char* sqlstate : {"42P07", "42710", "23505"}) {
    schema_exchange x(script::sql());
    next_sql(x);
    ASSERT_FALSE(x.on_replies({nothing_there()}));
    next_sql(x);
    ASSERT_FALSE(x.on_replies({rows_affected(1), error(sqlstate)}));
    EXPECT_EQ(next_sql(x).size(), 1U) << sqlstate;
    ASSERT_TRUE(x.on_replies({all_there()}));
    EXPECT_FALSE(x.take().error);
  }
}

TEST(PostgresSchemaExchange, GivesUpAfterManyLostRounds) {
  schema_exchange x(script::sql());
  int rounds = 0;
  for (;; ++rounds) {
    ASSERT_LT(rounds, 100);
    next_sql(x);
    ASSERT_FALSE(x.on_replies({nothing_there()}));
    next_sql(x);
    if (x.on_replies({rows_affected(1), error("42P07")})) break;
  }
  EXPECT_TRUE(x.take().error);
}

TEST(PostgresSchemaExchange, LeavesAForeignRelationAlone) {
  const std::vector<script::row> strangers{
      relation("atto_sessions", "r", ""), relation("atto_sessions_tail", "r", "somebody's"),
      relation("atto_sessions", "v", our_stamp), relation("atto_sessions_snapshot", "r", our_stamp)};
  for (const auto& stranger : strangers) {
    schema_exchange x(script::sql());
    next_sql(x);
    ASSERT_TRUE(x.on_replies({script::rows({stranger})}));
    EXPECT_EQ(x.take().error.code, errc::schema_mismatch);
  }
}

TEST(PostgresSchemaExchange, RefusesANewerSchema) {
  schema_exchange x(script::sql());
  next_sql(x);
  const auto newer = schema_stamp::make(schema_stamp::current + 1);
  ASSERT_TRUE(x.on_replies({script::rows({relation("atto_sessions", "r", newer)})}));
  EXPECT_EQ(x.take().error.code, errc::schema_mismatch);
}

TEST(PostgresSchemaExchange, NamesAColumnThatAStampedTableLacks) {
  schema_exchange x(script::sql());
  next_sql(x);
  script::row tail = relation("atto_sessions_tail", "r", our_stamp);
  tail[4] = columns_of("atto_sessions_tail", schema_stamp::current, "message_id");
  ASSERT_TRUE(x.on_replies({script::rows({relation("atto_sessions", "r", our_stamp), tail})}));
  const auto o = x.take();
  EXPECT_EQ(o.error.code, errc::schema_mismatch);
  EXPECT_THAT(o.error.diag.message(), testing::HasSubstr("the tail table is stamped as ours but has no column"
                                                         " `message_id uuid`"));
}

TEST(PostgresSchemaExchange, DoesNotUpgradeATableThatLacksAColumnOfItsOwnSchema) {
  schema_exchange x(script::sql());
  next_sql(x);
  const int older = schema_stamp::current - 1;
  script::row sessions = relation("atto_sessions", "r", schema_stamp::make(older));
  sessions[4] = columns_of("atto_sessions", older, "bytes");
  ASSERT_TRUE(x.on_replies({script::rows({sessions})}));
  EXPECT_EQ(x.take().error.code, errc::schema_mismatch);
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

TEST(PostgresSchemaExchange, RefusesADatabaseThatIsNotUtf8) {
  schema_exchange x(script::sql());
  next_sql(x);
  ASSERT_TRUE(x.on_replies({script::rows({{std::nullopt, std::nullopt, std::nullopt, "SQL_ASCII"}})}));
  EXPECT_EQ(x.take().error.code, errc::schema_mismatch);
}

TEST(PostgresSchemaExchange, AnErrorInAnyRoundEndsIt) {
  schema_exchange looking(script::sql());
  next_sql(looking);
  ASSERT_TRUE(looking.on_replies({error("57014")}));
  EXPECT_EQ(looking.take().error.code, errc::timed_out);
  schema_exchange making(script::sql());
  next_sql(making);
  ASSERT_FALSE(making.on_replies({nothing_there()}));
  next_sql(making);
  ASSERT_TRUE(making.on_replies({rows_affected(1), error("42501")}));
  EXPECT_EQ(making.take().error.code, errc::storage_failure);
}

using verified_load = verified_exchange<load_exchange>;

TEST(PostgresVerifiedExchange, LooksOnceForItsStoreThenNoMore) {
  const auto verified = std::make_shared<std::atomic<bool>>(false);
  verified_load first(verified, script::sql(), load_request());
  EXPECT_THAT(next_sql(first).front(), testing::HasSubstr("pg_class"));
  ASSERT_FALSE(first.on_replies({all_there()}));
  EXPECT_THAT(next_sql(first).front(), testing::HasSubstr("atto_sessions_tail"));
  ASSERT_TRUE(first.on_replies({script::rows({})}));
  EXPECT_FALSE(first.take().error);
  verified_load second(verified, script::sql(), load_request());
  EXPECT_THAT(next_sql(second).front(), testing::HasSubstr("atto_sessions_tail"));
}

TEST(PostgresVerifiedExchange, DoesNotReadAForeignTable) {
  verified_load x(std::make_shared<std::atomic<bool>>(false), script::sql(), load_request());
  next_sql(x);
  EXPECT_FALSE(x.in_doubt());
  ASSERT_TRUE(x.on_replies({script::rows({relation("atto_sessions", "r", "")})}));
  EXPECT_EQ(x.take().error.code, errc::schema_mismatch);
}

TEST(PostgresVerifiedExchange, DoesNotReadTablesOfAnOlderReleaseAndNamesTheCommand) {
  const auto verified = std::make_shared<std::atomic<bool>>(false);
  verified_load x(verified, script::sql(), load_request());
  next_sql(x);
  ASSERT_TRUE(x.on_replies({older_there()}));
  const auto o = x.take();
  EXPECT_EQ(o.error.code, errc::schema_mismatch);
  EXPECT_THAT(o.error.diag.message(), testing::HasSubstr("atto init"));
  EXPECT_FALSE(*verified);
}

TEST(PostgresVerifiedExchange, LeavesMissingTablesToTheOperationItself) {
  const auto verified = std::make_shared<std::atomic<bool>>(false);
  verified_load x(verified, script::sql(), load_request());
  next_sql(x);
  ASSERT_FALSE(x.on_replies({nothing_there()}));
  next_sql(x);
  ASSERT_TRUE(x.on_replies({error("42P01")}));
  EXPECT_EQ(x.take().error.code, errc::schema_missing);
  EXPECT_FALSE(*verified);
}

TEST(PostgresSchemaExchange, EndsWhenWhatItMakesIsNeverThere) {
  schema_exchange x(script::sql());
  bool ended = false;
  for (int round = 0; round < 100 && !ended; ++round) {
    const std::size_t statements = x.next().size();
    ended = x.on_replies(statements == 1 ? std::vector{nothing_there()} : std::vector<reply>(statements));
  }
  ASSERT_TRUE(ended);
  EXPECT_EQ(x.take().error.code, errc::storage_failure);
}

TEST(PostgresSchemaStamp, ReadsOnlyItsOwnForm) {
  EXPECT_EQ(schema_stamp::read(schema_stamp::make(3)), 3);
  EXPECT_FALSE(schema_stamp::read(""));
  EXPECT_FALSE(schema_stamp::read("atto session store, schema "));
  EXPECT_FALSE(schema_stamp::read("atto session store, schema 1x"));
}

}  // namespace
}  // namespace atto::postgres
