#include "postgres/claim_sql.hpp"

#include "postgres/reply.hpp"
#include "unit/postgres/script.hpp"
#include "unit/postgres/sql_numbers.hpp"

#include <gmock/gmock.h>

#include <chrono>
#include <string>

namespace atto::postgres {
namespace {

using script::expect_numbered;
using script::value_at;
using testing::HasSubstr;

claim_request claim_to_bind(std::size_t last = load_options::all) {
  claim_request r;
  r.id = "the-id";
  r.owner = "me";
  r.address = "here";
  r.ttl = std::chrono::milliseconds(5555);
  r.last = last;
  return r;
}

renew_request renew_to_bind() {
  renew_request r;
  r.id = "the-id";
  r.epoch = 77;
  r.ttl = std::chrono::milliseconds(5555);
  return r;
}

release_request release_to_bind() {
  release_request r;
  r.id = "the-id";
  r.epoch = 77;
  return r;
}

TEST(PostgresClaimSql, NumbersEachParameterOfEveryForm) {
  const auto store = script::store();
  for (const std::size_t last : {load_options::all, std::size_t{0}, std::size_t{3}}) {
    expect_numbered(store->claim.claim(claim_to_bind(last)));
  }
  expect_numbered(store->claim.holder(claim_to_bind()));
  expect_numbered(store->claim.renew(renew_to_bind()));
  expect_numbered(store->claim.release(release_to_bind()));
  expect_numbered(store->claim.sweep());
}

TEST(PostgresClaimSql, BindsEachValueWhereTheTextNamesIt) {
  const auto store = script::store();
  const auto claim = store->claim.claim(claim_to_bind(3));
  EXPECT_EQ(value_at(claim.at(0), "VALUES ("), "the-id");
  EXPECT_EQ(value_at(claim.at(0), "pg_catalog.now(), "), "me");
  EXPECT_EQ(value_at(claim.at(0), "now() + "), write_int8(5555));
  EXPECT_EQ(value_at(claim.at(1), "s.session_id = "), "the-id");
  EXPECT_EQ(value_at(claim.at(1), "s.owner = "), "me");
  EXPECT_EQ(value_at(claim.at(1), "t.events <= "), write_int8(3));
  EXPECT_EQ(value_at(store->claim.claim(claim_to_bind()).at(1), "t.owner = "), "me");
  const auto holder = store->claim.holder(claim_to_bind()).front();
  EXPECT_EQ(value_at(holder, "t.owner <> "), "me");
  const auto renew = store->claim.renew(renew_to_bind()).front();
  EXPECT_EQ(value_at(renew, "t.session_id = "), "the-id");
  EXPECT_EQ(value_at(renew, "t.epoch = "), write_int8(77));
  EXPECT_EQ(value_at(renew, "now() + "), write_int8(5555));
  EXPECT_EQ(value_at(store->claim.release(release_to_bind()).front(), "AND t.epoch = "), write_int8(77));
}

TEST(PostgresClaimSql, NeverTakesTheTimeFromTheSetClauseOfAConflict) {
  const auto store = script::store();
  const std::string sql = store->claim.claim(claim_to_bind()).front().sql->text;
  EXPECT_THAT(sql, HasSubstr("EXCLUDED.updated_at"));
  EXPECT_THAT(sql.substr(sql.find("DO UPDATE")), testing::Not(HasSubstr("now()")));
}

}  // namespace
}  // namespace atto::postgres
