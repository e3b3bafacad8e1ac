#include "postgres/schema_exchange.hpp"

#include "unit/postgres/schema_script.hpp"

#include <gmock/gmock.h>

#include <string>
#include <vector>

namespace atto::postgres {
namespace {

using script::error;
using script::rows_affected;

using script::all_there;
using script::columns_of;
using script::next_sql;
using script::nothing_there;
using script::older_there;
using script::our_stamp;
using script::relation;

TEST(PostgresSchemaExchange, LooksFirstAndIssuesNoDdlWhenAllIsThere) {
  schema_exchange x(script::unverified_store());
  EXPECT_EQ(next_sql(x).size(), 1U);
  ASSERT_TRUE(x.on_replies({all_there()}));
  EXPECT_FALSE(x.take().has_error());
}

TEST(PostgresSchemaExchange, MakesAllUnderALockAndLooksAgain) {
  schema_exchange x(script::unverified_store());
  next_sql(x);
  ASSERT_FALSE(x.on_replies({nothing_there()}));
  EXPECT_TRUE(x.in_doubt());
  const auto ddl = next_sql(x);
  ASSERT_EQ(ddl.size(), 8U);
  EXPECT_THAT(ddl[0], testing::HasSubstr("pg_advisory_xact_lock"));
  ASSERT_FALSE(x.on_replies(std::vector<reply>(8, rows_affected(0))));
  EXPECT_EQ(next_sql(x).size(), 1U);
  ASSERT_TRUE(x.on_replies({all_there()}));
  EXPECT_FALSE(x.take().has_error());
}

TEST(PostgresSchemaExchange, MakesOnlyWhatIsMissing) {
  schema_exchange x(script::store());
  next_sql(x);
  ASSERT_FALSE(x.on_replies(
      {script::rows({relation("atto_sessions", "r", our_stamp), relation("atto_sessions_tail", "r", our_stamp)})}));
  const auto ddl = next_sql(x);
  ASSERT_EQ(ddl.size(), 3U);
  EXPECT_THAT(ddl[1], testing::StartsWith("CREATE VIEW"));
}

TEST(PostgresSchemaExchange, UpgradesWhatAnOlderReleaseMadeUnderALockAndStampsItAnew) {
  schema_exchange x(script::store());
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
  EXPECT_FALSE(x.take().has_error());
}

TEST(PostgresSchemaExchange, LeavesAnOlderSchemaAloneBesideAForeignRelation) {
  schema_exchange x(script::store());
  next_sql(x);
  const auto older = schema_stamp::make(schema_stamp::current - 1);
  ASSERT_TRUE(x.on_replies(
      {script::rows({relation("atto_sessions", "r", older), relation("atto_sessions_tail", "r", "somebody's")})}));
  EXPECT_EQ(x.take().error().code, errc::schema_mismatch);
}

TEST(PostgresSchemaExchange, LooksAgainWhenAnotherProcessWasFirst) {
  for (const char* sqlstate : {"42P07", "42710", "23505"}) {
    schema_exchange x(script::store());
    next_sql(x);
    ASSERT_FALSE(x.on_replies({nothing_there()}));
    next_sql(x);
    ASSERT_FALSE(x.on_replies({rows_affected(1), error(sqlstate)}));
    EXPECT_EQ(next_sql(x).size(), 1U) << sqlstate;
    ASSERT_TRUE(x.on_replies({all_there()}));
    EXPECT_FALSE(x.take().has_error());
  }
}

TEST(PostgresSchemaExchange, GivesUpAfterManyLostRounds) {
  schema_exchange x(script::store());
  int rounds = 0;
  for (;; ++rounds) {
    ASSERT_LT(rounds, 100);
    next_sql(x);
    ASSERT_FALSE(x.on_replies({nothing_there()}));
    next_sql(x);
    if (x.on_replies({rows_affected(1), error("42P07")})) break;
  }
  EXPECT_TRUE(x.take().has_error());
}

TEST(PostgresSchemaExchange, LeavesAForeignRelationAlone) {
  const std::vector<script::row> strangers{
      relation("atto_sessions", "r", ""), relation("atto_sessions_tail", "r", "somebody's"),
      relation("atto_sessions", "v", our_stamp), relation("atto_sessions_snapshot", "r", our_stamp)};
  for (const auto& stranger : strangers) {
    schema_exchange x(script::store());
    next_sql(x);
    ASSERT_TRUE(x.on_replies({script::rows({stranger})}));
    EXPECT_EQ(x.take().error().code, errc::schema_mismatch);
  }
}

TEST(PostgresSchemaExchange, RefusesANewerSchema) {
  schema_exchange x(script::store());
  next_sql(x);
  const auto newer = schema_stamp::make(schema_stamp::current + 1);
  ASSERT_TRUE(x.on_replies({script::rows({relation("atto_sessions", "r", newer)})}));
  EXPECT_EQ(x.take().error().code, errc::schema_mismatch);
}

TEST(PostgresSchemaExchange, NamesAColumnThatAStampedTableLacks) {
  schema_exchange x(script::store());
  next_sql(x);
  script::row tail = relation("atto_sessions_tail", "r", our_stamp);
  tail[4] = columns_of("atto_sessions_tail", schema_stamp::current, "message_id");
  ASSERT_TRUE(x.on_replies({script::rows({relation("atto_sessions", "r", our_stamp), tail})}));
  const auto o = x.take();
  EXPECT_EQ(o.error().code, errc::schema_mismatch);
  EXPECT_THAT(o.error().diag.message(), testing::HasSubstr("the tail table is stamped as ours but has no column"
                                                           " `message_id uuid`"));
}

TEST(PostgresSchemaExchange, DoesNotUpgradeATableThatLacksAColumnOfItsOwnSchema) {
  schema_exchange x(script::store());
  next_sql(x);
  const int older = schema_stamp::current - 1;
  script::row sessions = relation("atto_sessions", "r", schema_stamp::make(older));
  sessions[4] = columns_of("atto_sessions", older, "bytes");
  ASSERT_TRUE(x.on_replies({script::rows({sessions})}));
  EXPECT_EQ(x.take().error().code, errc::schema_mismatch);
}

TEST(PostgresSchemaExchange, RefusesADatabaseThatIsNotUtf8) {
  schema_exchange x(script::store());
  next_sql(x);
  ASSERT_TRUE(x.on_replies({script::rows({{std::nullopt, std::nullopt, std::nullopt, "SQL_ASCII"}})}));
  EXPECT_EQ(x.take().error().code, errc::schema_mismatch);
}

TEST(PostgresSchemaExchange, AnErrorInAnyRoundEndsIt) {
  schema_exchange looking(script::store());
  next_sql(looking);
  ASSERT_TRUE(looking.on_replies({error("57014")}));
  EXPECT_EQ(looking.take().error().code, errc::timed_out);
  schema_exchange making(script::store());
  next_sql(making);
  ASSERT_FALSE(making.on_replies({nothing_there()}));
  next_sql(making);
  ASSERT_TRUE(making.on_replies({rows_affected(1), error("42501")}));
  EXPECT_EQ(making.take().error().code, errc::storage_failure);
}

TEST(PostgresSchemaExchange, EndsWhenWhatItMakesIsNeverThere) {
  schema_exchange x(script::store());
  bool ended = false;
  for (int round = 0; round < 100 && !ended; ++round) {
    const std::size_t statements = x.next().size();
    ended = x.on_replies(statements == 1 ? std::vector{nothing_there()} : std::vector<reply>(statements));
  }
  ASSERT_TRUE(ended);
  EXPECT_EQ(x.take().error().code, errc::storage_failure);
}

}  // namespace
}  // namespace atto::postgres
