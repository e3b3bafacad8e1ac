#include "postgres/statements.hpp"

#include <atto/store_requests.hpp>

#include "unit/postgres/script.hpp"

#include <gmock/gmock.h>

#include <string>
#include <vector>

namespace atto::postgres {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

save_request a_save(guard g, std::int64_t base) {
  save_request r;
  r.id = "id-of-a-session";
  r.snap = snapshot(9, {}, history{json(R"({"secret":"document"})")});
  r.guard = g;
  r.base = base;
  return r;
}

TEST(PostgresStatements, CarryEveryValueAsAParameter) {
  const auto sql = script::sql();
  for (const statement& s : sql->save(a_save(guard::newer, 0), std::string(16, 'w'))) {
    EXPECT_THAT(s.sql->text, Not(HasSubstr("id-of-a-session")));
    EXPECT_THAT(s.sql->text, Not(HasSubstr("document")));
  }
}

TEST(PostgresStatements, GiveAsManyParametersAsTheTextNames) {
  const auto sql = script::sql();
  std::vector<std::vector<statement>> rounds;
  rounds.push_back(sql->save(a_save(guard::newer, 0), std::string(16, 'w')));
  rounds.push_back(sql->save(a_save(guard::exact, 0), std::string(16, 'w')));
  rounds.push_back(sql->save(a_save(guard::exact, 8), std::string(16, 'w')));
  append_request append;
  append.turn = turn();
  rounds.push_back(sql->append(append, std::string(16, 'w'), 100));
  append.base = 3;
  rounds.push_back(sql->append(append, std::string(16, 'w'), 100));
  rounds.push_back(sql->remove({}, 1));
  rounds.push_back(sql->list({}));
  list_request prefixed;
  prefixed.prefix = "a";
  rounds.push_back(sql->list(prefixed));
  rounds.push_back(sql->load({}));
  save_request claimed = a_save(guard::newer, 0);
  claimed.epoch = 7;
  rounds.push_back(sql->save(claimed, std::string(16, 'w')));
  claimed = a_save(guard::exact, 8);
  claimed.epoch = 7;
  rounds.push_back(sql->save(claimed, std::string(16, 'w')));
  append.epoch = 7;
  rounds.push_back(sql->append(append, std::string(16, 'w'), 100));
  append.base = 0;
  rounds.push_back(sql->append(append, std::string(16, 'w'), 100));
  const message_id message("m");
  append.message_id = message;
  claimed.message_id = message;
  rounds.push_back(sql->append(append, std::string(16, 'w'), 100));
  rounds.push_back(sql->save(claimed, std::string(16, 'w')));
  claimed.guard = guard::newer;
  rounds.push_back(sql->save(claimed, std::string(16, 'w')));
  claimed.epoch.reset();
  rounds.push_back(sql->save(claimed, std::string(16, 'w')));
  claimed.guard = guard::exact;
  rounds.push_back(sql->save(claimed, std::string(16, 'w')));
  claimed.base = 0;
  rounds.push_back(sql->save(claimed, std::string(16, 'w')));
  append.epoch.reset();
  rounds.push_back(sql->append(append, std::string(16, 'w'), 100));
  append.base = 3;
  rounds.push_back(sql->append(append, std::string(16, 'w'), 100));
  append.epoch = 7;
  rounds.push_back(sql->append(append, std::string(16, 'w'), 100));
  rounds.push_back(sql->find_turn({{}, "x", message}));
  remove_request removed;
  removed.epoch = 7;
  rounds.push_back(sql->remove(removed, 8));
  claim_request claim;
  rounds.push_back(sql->claim(claim));
  claim.last = 3;
  rounds.push_back(sql->claim(claim));
  rounds.push_back(sql->holder(claim));
  rounds.push_back(sql->renew({}));
  rounds.push_back(sql->release({}));
  rounds.push_back(sql->inspect("x"));
  rounds.push_back(sql->sweep("x"));
  rounds.push_back(sql->look());
  for (const auto& round : rounds) {
    for (const statement& s : round) {
      const auto n = s.parameters.size();
      EXPECT_THAT(s.sql->text, HasSubstr("$" + std::to_string(n)));
      EXPECT_THAT(s.sql->text, Not(HasSubstr("$" + std::to_string(n + 1))));
    }
  }
}

TEST(PostgresStatements, ReadAPageOfAPrefixAsARangeOfIds) {
  list_request r;
  r.limit = 1;
  EXPECT_EQ(script::sql()->list(r).front().parameters.size(), 2U);
  r.prefix = R"(a_b%c\)";
  const auto range = script::sql()->list(r);
  EXPECT_EQ(range.front().parameters.at(2).bytes, r.prefix);
  EXPECT_EQ(range.front().parameters.at(3).bytes, R"(a_b%c])");
  r.prefix = "\xF4\x8F\xBF\xBF";  // no id is greater than all that begin with the last character
  EXPECT_EQ(script::sql()->list(r).front().parameters.size(), 3U);
}

TEST(PostgresStatements, QualifyAndQuoteEveryRelation) {
  const statements sql{table_name(R"(s"c.t"n)")};
  const std::string table = R"("s""c"."t""n")", tail = R"("s""c"."t""n_tail")";
  EXPECT_THAT(sql.load({}).front().sql->text, HasSubstr(table));
  EXPECT_THAT(sql.load({}).front().sql->text, HasSubstr(tail));
  EXPECT_THAT(sql.create_sessions().text, HasSubstr("CREATE TABLE " + table));
  EXPECT_THAT(sql.create_tail().text, HasSubstr("CREATE TABLE " + tail));
  EXPECT_THAT(sql.create_view().text, HasSubstr(R"(CREATE VIEW "s""c"."t""n_snapshot")"));
}

TEST(PostgresStatements, SendJsonbInItsBinaryForm) {
  const auto round = script::sql()->save(a_save(guard::newer, 0), std::string(16, 'w'));
  EXPECT_THAT(round.front().parameters.at(3).bytes, EndsWith("]"));
  EXPECT_EQ(round.front().parameters.at(3).bytes.front(), '\x01');
}

TEST(PostgresStatements, WriteAndReadEightByteNumbersAlike) {
  for (const std::int64_t n : {std::int64_t{0}, std::int64_t{1}, std::int64_t{-2}, max_version}) {
    EXPECT_EQ(read_int8(write_int8(n)), n);
  }
  EXPECT_EQ(read_int8(std::nullopt), std::nullopt);
  EXPECT_EQ(read_int8("short"), std::nullopt);
}

}  // namespace
}  // namespace atto::postgres
