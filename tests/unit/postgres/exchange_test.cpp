#include "postgres/exchange.hpp"

#include "postgres/read_exchange.hpp"
#include "postgres/write_exchange.hpp"
#include "unit/postgres/schema_script.hpp"

#include <gmock/gmock.h>

#include <string>
#include <vector>

namespace atto::postgres {
namespace {

using script::all_there;
using script::error;
using script::next_sql;
using script::nothing_there;
using script::older_there;
using script::relation;

append_exchange unchecked_append(const store_context_ptr& store) {
  append_request r;
  r.id = "s";
  r.base = 4;
  r.turn = turn({}, history{json("1")});
  return {store, std::move(r), std::string(16, 'w')};
}

TEST(PostgresTablesCheck, LooksOnceForItsStoreThenNoMore) {
  const auto store = script::unverified_store();
  load_exchange first(store, load_request());
  EXPECT_THAT(next_sql(first).front(), testing::HasSubstr("pg_class"));
  ASSERT_FALSE(first.on_replies({all_there()}));
  EXPECT_THAT(next_sql(first).front(), testing::HasSubstr("atto_sessions_tail"));
  ASSERT_TRUE(first.on_replies({script::rows({})}));
  EXPECT_FALSE(first.take().has_error());
  load_exchange second(store, load_request());
  EXPECT_THAT(next_sql(second).front(), testing::HasSubstr("atto_sessions_tail"));
}

TEST(PostgresTablesCheck, DoesNotReadAForeignTable) {
  load_exchange x(script::unverified_store(), load_request());
  next_sql(x);
  EXPECT_FALSE(x.in_doubt());
  ASSERT_TRUE(x.on_replies({script::rows({relation("atto_sessions", "r", "")})}));
  EXPECT_EQ(x.take().error().code, errc::schema_mismatch);
}

TEST(PostgresTablesCheck, DoesNotReadTablesOfAnOlderReleaseAndNamesTheCommand) {
  const auto store = script::unverified_store();
  load_exchange x(store, load_request());
  next_sql(x);
  ASSERT_TRUE(x.on_replies({older_there()}));
  const auto o = x.take();
  EXPECT_EQ(o.error().code, errc::schema_mismatch);
  EXPECT_THAT(o.error().diag.message(), testing::HasSubstr("atto init"));
  EXPECT_FALSE(store->verified);
}

TEST(PostgresTablesCheck, LeavesMissingTablesToTheOperationItself) {
  const auto store = script::unverified_store();
  load_exchange x(store, load_request());
  next_sql(x);
  ASSERT_FALSE(x.on_replies({nothing_there()}));
  next_sql(x);
  ASSERT_TRUE(x.on_replies({error("42P01")}));
  EXPECT_EQ(x.take().error().code, errc::schema_missing);
  EXPECT_FALSE(store->verified);
}

TEST(PostgresTablesCheck, IsASmallReadThatIsNeverInDoubtWhateverTheExchangeIs) {
  auto append = unchecked_append(script::unverified_store());
  EXPECT_EQ(append.kind(), round_kind::read);
  EXPECT_EQ(append.bytes(), 0U);
  next_sql(append);
  EXPECT_FALSE(append.in_doubt());
  ASSERT_FALSE(append.on_replies({all_there()}));
  EXPECT_EQ(append.kind(), round_kind::write);
  EXPECT_GT(append.bytes(), 0U);
  next_sql(append);
  EXPECT_TRUE(append.in_doubt());
}

TEST(PostgresTablesCheck, ThatIsLostIsSentAgainAndNothingIsInDoubt) {
  auto append = unchecked_append(script::unverified_store());
  next_sql(append);
  ASSERT_TRUE(append.on_lost());
  EXPECT_THAT(next_sql(append).front(), testing::HasSubstr("pg_class"));
  ASSERT_FALSE(append.on_replies({all_there()}));
  EXPECT_EQ(next_sql(append).size(), 1U) << "the write was not sent before";
}

TEST(PostgresTablesCheck, IsNotSentWhenAnotherExchangeOfTheStoreHasPassedItMeanwhile) {
  const auto store = script::unverified_store();
  auto append = unchecked_append(store);
  EXPECT_EQ(append.kind(), round_kind::read);
  store->verified = true;
  EXPECT_EQ(append.kind(), round_kind::write);
  EXPECT_THAT(next_sql(append).front(), testing::StartsWith("WITH up AS"));
  EXPECT_TRUE(append.in_doubt());
}

TEST(PostgresTablesCheck, FailsWithTheErrorOfItsReply) {
  load_exchange x(script::unverified_store(), load_request());
  next_sql(x);
  ASSERT_TRUE(x.on_replies({error("57014")}));
  EXPECT_EQ(x.take().error().code, errc::timed_out);
}

}  // namespace
}  // namespace atto::postgres
