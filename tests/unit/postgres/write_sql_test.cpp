#include "postgres/write_sql.hpp"

#include "postgres/reply.hpp"
#include "unit/postgres/script.hpp"
#include "unit/postgres/sql_numbers.hpp"

#include <gmock/gmock.h>

#include <chrono>
#include <set>
#include <string>
#include <vector>

namespace atto::postgres {
namespace {

using script::expect_numbered;
using script::number_of;
using script::value_at;
using testing::HasSubstr;
using testing::Not;

const std::string bound_write_id(16, 'w');
constexpr std::size_t bound_limit = 123'456;
constexpr std::int64_t bound_epoch = 77;

save_request save_to_bind(guard g, std::int64_t base) {
  save_request r;
  r.id = "id-of-a-session";
  r.snap = snapshot(9, {}, history{json(R"({"secret":"document"})"), json("2")});
  r.guard = g;
  r.base = base;
  return r;
}

append_request append_to_bind(std::int64_t base) {
  append_request r;
  r.id = "id-of-a-session";
  r.base = base;
  r.turn = turn({}, history{json("1"), json("2"), json("3")});
  return r;
}

/// Every combination of the optional parts: claimed or not, with a message id or not.
template <class Request>
std::vector<Request> with_optional_parts(const std::vector<Request>& plain) {
  std::vector<Request> all;
  for (const Request& r : plain) {
    for (const bool claimed : {false, true}) {
      for (const bool with_message : {false, true}) {
        Request& made = all.emplace_back(r);
        if (claimed) made.epoch = bound_epoch;
        if (with_message) made.message_id = message_id("m");
      }
    }
  }
  return all;
}

std::vector<save_request> all_saves() {
  auto all = with_optional_parts<save_request>(
      {save_to_bind(guard::newer, 0), save_to_bind(guard::exact, 0), save_to_bind(guard::exact, 8)});
  for (save_request& r : all) r.turn_events = r.message_id ? 1 : 0;
  return all;
}

std::vector<append_request> all_appends() {
  auto all = with_optional_parts<append_request>({append_to_bind(0), append_to_bind(8)});
  for (append_request& r : all) r.ttl = std::chrono::milliseconds(5555);
  return all;
}

TEST(PostgresWriteSql, NumbersEachParameterOfEveryCombination) {
  const auto store = script::store();
  for (const auto& r : all_saves()) expect_numbered(store->write.save.bind(r, bound_write_id));
  for (const auto& r : all_appends()) expect_numbered(store->write.append.bind(r, bound_write_id, bound_limit));
  remove_request remove;
  expect_numbered(store->write.remove.bind(remove, 8));
  remove.epoch = bound_epoch;
  expect_numbered(store->write.remove.bind(remove, 8));
  expect_numbered(store->write.inspect("x"));
  expect_numbered(store->write.trace("x", 8));
  expect_numbered(store->write.delete_replaced_turns("x"));
}

TEST(PostgresWriteSql, HasATextOfItsOwnForEveryCombinationThatTheServerMustTellApart) {
  const auto store = script::store();
  std::set<std::string> saves, appends;
  for (const auto& r : all_saves()) saves.insert(store->write.save.bind(r, bound_write_id).front().sql->text);
  for (const auto& r : all_appends())
    appends.insert(store->write.append.bind(r, bound_write_id, bound_limit).front().sql->text);
  EXPECT_EQ(saves.size(), 10U);  // of 12: under a claim, the first save is like the others
  EXPECT_EQ(appends.size(), 8U);
}

TEST(PostgresWriteSql, BindsEachValueOfASaveWhereTheTextNamesIt) {
  const auto store = script::store();
  for (const save_request& r : all_saves()) {
    const auto round = store->write.save.bind(r, bound_write_id);
    const statement& s = round.front();
    const bool inserts = s.sql->text.find("INSERT INTO \"public\".\"atto_sessions\" ") != std::string::npos;
    EXPECT_EQ(value_at(s, inserts ? "VALUES (" : "t.session_id = "), r.id);
    if (!inserts) {
      EXPECT_EQ(value_at(s, "SET version = "), write_int8(9));
      EXPECT_EQ(value_at(s, ", state = "), "\x01{}");
      EXPECT_EQ(value_at(s, ", events = "), write_int8(2));
      EXPECT_EQ(value_at(s, ", bytes = "), write_int8(static_cast<std::int64_t>(r.snap.history.bytes())));
      EXPECT_EQ(value_at(s, "write_id = "), bound_write_id);
      if (r.guard == guard::exact) {
        EXPECT_EQ(value_at(s, "t.version = "), write_int8(r.base));
      }
    }
    if (r.epoch) {
      EXPECT_EQ(value_at(s, "t.epoch = "), write_int8(bound_epoch));
    }
    if (r.message_id) {
      EXPECT_EQ(value_at(s, "up.version, "), bound_write_id);
      EXPECT_EQ(value_at(s, "up.version, " + number_of(s, bound_write_id) + ", "), "\x01[2]");
      EXPECT_EQ(value_at(s, "up.events, ").size(), 16U);
    }
  }
}

TEST(PostgresWriteSql, BindsEachValueOfAnAppendWhereTheTextNamesIt) {
  const auto store = script::store();
  for (const append_request& r : all_appends()) {
    const auto round = store->write.append.bind(r, bound_write_id, bound_limit);
    const statement& s = round.front();
    if (r.base != 0) {
      EXPECT_EQ(value_at(s, "t.session_id = "), r.id);
      EXPECT_EQ(value_at(s, "t.version = "), write_int8(r.base));
      EXPECT_EQ(value_at(s, "t.events + "), write_int8(3));
      EXPECT_EQ(value_at(s, "t.bytes + "), write_int8(static_cast<std::int64_t>(r.turn.events.bytes())));
      EXPECT_EQ(value_at(s, " <= "), write_int8(static_cast<std::int64_t>(bound_limit)));
    }
    if (r.epoch) {
      EXPECT_EQ(value_at(s, "t.epoch = "), write_int8(bound_epoch));
      EXPECT_EQ(value_at(s, "owned_until = pg_catalog.now() + "), write_int8(5555));
    }
    if (r.base != 0 || r.message_id) {
      EXPECT_EQ(value_at(s, "up.version, "), bound_write_id);
      EXPECT_EQ(value_at(s, "up.version, " + number_of(s, bound_write_id) + ", "), "\x01[1,2,3]");
    }
    if (r.message_id) {
      EXPECT_EQ(value_at(s, "up.events, ").size(), 16U);
    }
  }
}

TEST(PostgresWriteSql, BindsEachValueOfARemoveWhereTheTextNamesIt) {
  const auto store = script::store();
  remove_request r;
  r.id = "id-of-a-session";
  r.epoch = bound_epoch;
  const auto round = store->write.remove.bind(r, 8);
  ASSERT_EQ(round.size(), 2U);
  EXPECT_EQ(value_at(round[0], "t.session_id = "), r.id);
  EXPECT_EQ(value_at(round[0], "t.version = "), write_int8(8));
  EXPECT_EQ(value_at(round[0], "t.epoch = "), write_int8(bound_epoch));
  EXPECT_EQ(value_at(round[1], "x.session_id = "), r.id);
}

TEST(PostgresWriteSql, CarriesEveryValueAsAParameter) {
  const auto store = script::store();
  for (const auto& r : all_saves()) {
    const auto round = store->write.save.bind(r, bound_write_id);
    EXPECT_THAT(round.front().sql->text, Not(HasSubstr("id-of-a-session")));
    EXPECT_THAT(round.front().sql->text, Not(HasSubstr("document")));
  }
}

TEST(PostgresWriteSql, SendsJsonbInItsBinaryForm) {
  const auto store = script::store();
  const auto round = store->write.save.bind(save_to_bind(guard::newer, 0), bound_write_id);
  EXPECT_THAT(round.front().parameters.at(3).bytes, testing::EndsWith("]"));
  EXPECT_EQ(round.front().parameters.at(3).bytes.front(), '\x01');
}

TEST(PostgresWriteSql, BuildsItsTextsOnce) {
  const auto store = script::store();
  const auto r = append_to_bind(8);
  EXPECT_EQ(store->write.append.bind(r, bound_write_id, bound_limit).front().sql,
            store->write.append.bind(r, bound_write_id, bound_limit).front().sql);
}

}  // namespace
}  // namespace atto::postgres
