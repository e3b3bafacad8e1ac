#include "postgres/read_sql.hpp"

#include "postgres/reply.hpp"
#include "unit/postgres/script.hpp"
#include "unit/postgres/sql_numbers.hpp"

#include <gmock/gmock.h>

#include <string>

namespace atto::postgres {
namespace {

using script::expect_numbered;
using script::value_at;
using testing::HasSubstr;

load_request load_to_bind(std::size_t last) {
  load_request r;
  r.id = "the-id";
  r.last = last;
  return r;
}

list_request list_to_bind(const std::string& prefix) {
  list_request r;
  r.prefix = prefix;
  r.after = "after";
  r.limit = 17;
  return r;
}

TEST(PostgresReadSql, NumbersEachParameterOfEveryForm) {
  const auto store = script::store();
  for (const std::size_t last : {load_options::all, std::size_t{0}, std::size_t{3}}) {
    expect_numbered(store->read.load(load_to_bind(last)));
  }
  for (const char* prefix : {"", "ab", "\xF4\x8F\xBF\xBF"}) expect_numbered(store->read.list(list_to_bind(prefix)));
  expect_numbered(store->read.find_turn({{}, "the-id", message_id("m")}));
}

TEST(PostgresReadSql, BindsEachValueWhereTheTextNamesIt) {
  const auto store = script::store();
  EXPECT_EQ(value_at(store->read.load(load_to_bind(load_options::all)).front(), "t.session_id = "), "the-id");
  const auto newest = store->read.load(load_to_bind(3)).front();
  EXPECT_EQ(value_at(newest, "s.session_id = "), "the-id");
  EXPECT_EQ(value_at(newest, "t.events <= "), write_int8(3));
  const auto page = store->read.list(list_to_bind("ab")).front();
  EXPECT_EQ(value_at(page, "t.session_id > "), "after");
  EXPECT_EQ(value_at(page, "t.session_id >= "), "ab");
  EXPECT_EQ(value_at(page, "t.session_id < "), "ac");
  EXPECT_EQ(value_at(page, "LIMIT "), write_int8(17));
  const auto turn = store->read.find_turn({{}, "the-id", message_id("m")}).front();
  EXPECT_EQ(value_at(turn, "x.session_id = "), "the-id");
  EXPECT_EQ(value_at(turn, "x.message_id = ").size(), 16U);
}

TEST(PostgresReadSql, AsksForNoMoreEventsThanANumberCanHold) {
  const auto store = script::store();
  const auto most = store->read.load(load_to_bind(load_options::all - 1)).front();
  EXPECT_EQ(value_at(most, "t.events <= "), write_int8(max_version));
}

TEST(PostgresReadSql, ReadsAPageOfAPrefixAsARangeOfIds) {
  const auto store = script::store();
  list_request r;
  r.limit = 1;
  EXPECT_EQ(store->read.list(r).front().parameters.size(), 2U);
  r.prefix = R"(a_b%c\)";
  const auto range = store->read.list(r);
  EXPECT_EQ(range.front().parameters.at(2).bytes, r.prefix);
  EXPECT_EQ(range.front().parameters.at(3).bytes, R"(a_b%c])");
  r.prefix = "\xF4\x8F\xBF\xBF";  // no id is greater than all that begin with the last character
  EXPECT_EQ(store->read.list(r).front().parameters.size(), 3U);
}

TEST(PostgresReadSql, QualifiesAndQuotesEveryRelation) {
  const read_sql sql(relation_names(table_name(R"(s"c.t"n)")));
  for (const std::size_t last : {load_options::all, std::size_t{3}}) {
    const auto round = sql.load(load_to_bind(last));
    EXPECT_THAT(round.front().sql->text, HasSubstr(R"( FROM "s""c"."t""n" )"));
    EXPECT_THAT(round.front().sql->text, HasSubstr(R"( FROM "s""c"."t""n_tail" )"));
  }
}

}  // namespace
}  // namespace atto::postgres
