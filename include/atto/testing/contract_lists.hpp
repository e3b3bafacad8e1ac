#pragma once

#include <atto/testing/contract_fixture.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

/// Rules: pages of sessions.
namespace atto::testing {

[[nodiscard]] inline std::vector<std::string> ids_of(const session_page& page) {
  std::vector<std::string> ids;
  for (const auto& info : page) ids.push_back(info.id);
  return ids;
}

using id_list = std::vector<std::string>;

TEST_P(StoreContract, AListOfAnEmptyStoreIsEmpty) {
  EXPECT_TRUE(db().list().empty());
  EXPECT_TRUE(db().list({.prefix = "a", .after = "b", .limit = 1}).empty());
}

TEST_P(StoreContract, AListTellsVersionsAndEvents) {
  db().save("a", numbered_snapshot(7, 3));
  db().append("b", 0, numbered_turn(0, 0, 2));
  db().append("b", 1, numbered_turn(1, 2, 0));
  db().append("b", 2, numbered_turn(2, 2, 3));
  db().save("c", numbered_snapshot(1, 4));
  db().append("c", 1, numbered_turn(1, 4, 1));
  db().append("d", 0, numbered_turn(0, 0, 6));
  db().save("d", numbered_snapshot(9, 0));
  const auto page = db().list();
  ASSERT_EQ(ids_of(page), (id_list{"a", "b", "c", "d"}));
  const std::vector<std::pair<std::int64_t, std::int64_t>> expected{{7, 3}, {3, 5}, {2, 5}, {9, 0}};
  for (std::size_t i = 0; i < page.size(); ++i) {
    EXPECT_EQ(page[i].version, expected[i].first) << page[i].id;
    EXPECT_EQ(page[i].events, expected[i].second) << page[i].id;
  }
}

TEST_P(StoreContract, AListTellsWhenASessionWasMadeAndLastWritten) {
  db().append("s", 0, {});
  const auto first = db().list().at(0);
  EXPECT_LE(first.created, first.updated);
  EXPECT_GT(first.created.time_since_epoch().count(), 0);
  db().append("s", 1, {});
  const auto appended = db().list().at(0);
  EXPECT_EQ(appended.created, first.created);
  EXPECT_GE(appended.updated, first.updated);
  db().save("s", numbered_snapshot(3));
  const auto saved = db().list().at(0);
  EXPECT_EQ(saved.created, first.created);
  EXPECT_GE(saved.updated, appended.updated);
}

TEST_P(StoreContract, ALostRaceChangesNoTime) {
  db().append("s", 0, {});
  const auto before = db().list().at(0);
  static_cast<void>(attempt([&] { return db().append("s", 0, {}); }));
  static_cast<void>(attempt([&] { return db().save("s", numbered_snapshot(1)); }));
  EXPECT_EQ(db().list().at(0).updated, before.updated);
}

TEST_P(StoreContract, APrefixIsTakenByItsBytes) {
  for (const char* id : {"a", "a%", "a%b", "a_", "a_b", "ab", "axb", "A", "b", "\xC3\xA9", "\xC3\xA9t\xC3\xA9"}) {
    db().append(id, 0, {});
  }
  EXPECT_EQ(ids_of(db().list({.prefix = "a%"})), (id_list{"a%", "a%b"}));
  EXPECT_EQ(ids_of(db().list({.prefix = "a_"})), (id_list{"a_", "a_b"}));
  EXPECT_EQ(ids_of(db().list({.prefix = "a"})), (id_list{"a", "a%", "a%b", "a_", "a_b", "ab", "axb"}));
  EXPECT_EQ(ids_of(db().list({.prefix = "A"})), (id_list{"A"}));
  EXPECT_EQ(ids_of(db().list({.prefix = "\xC3\xA9"})), (id_list{"\xC3\xA9", "\xC3\xA9t\xC3\xA9"}));
  EXPECT_TRUE(db().list({.prefix = "%"}).empty());
  EXPECT_TRUE(db().list({.prefix = "_"}).empty());
  EXPECT_TRUE(db().list({.prefix = "abc"}).empty());
}

TEST_P(StoreContract, APrefixOfTheHighestCharactersIsTakenByItsBytes) {
  const std::string highest = "\xF4\x8F\xBF\xBF";  // U+10FFFF has no next character
  db().append("a", 0, {});
  db().append(highest, 0, {});
  db().append(highest + highest, 0, {});
  db().append("\x7F", 0, {});
  EXPECT_EQ(ids_of(db().list({.prefix = highest})), (id_list{highest, highest + highest}));
  EXPECT_EQ(ids_of(db().list({.prefix = "\x7F"})), (id_list{"\x7F"}));
}

TEST_P(StoreContract, AListStartsAfterAnIdThatNeedNotExist) {
  for (const char* id : {"a", "b", "c", "d"}) db().append(id, 0, {});
  EXPECT_EQ(ids_of(db().list({.after = "b"})), (id_list{"c", "d"}));
  EXPECT_EQ(ids_of(db().list({.after = "bb"})), (id_list{"c", "d"}));
  EXPECT_EQ(ids_of(db().list({.after = "A"})), (id_list{"a", "b", "c", "d"}));
  EXPECT_TRUE(db().list({.after = "d"}).empty());
}

TEST_P(StoreContract, PrefixAfterAndLimitHoldTogether) {
  for (const char* id : {"a", "b1", "b2", "b3", "b4", "c"}) db().append(id, 0, {});
  EXPECT_EQ(ids_of(db().list({.prefix = "b", .after = "b1", .limit = 2})), (id_list{"b2", "b3"}));
  EXPECT_EQ(ids_of(db().list({.prefix = "b", .after = "a", .limit = 2})), (id_list{"b1", "b2"}));
  EXPECT_EQ(ids_of(db().list({.prefix = "b", .after = "b3", .limit = 9})), (id_list{"b4"}));
  EXPECT_TRUE(db().list({.prefix = "b", .after = "c", .limit = 9}).empty());
}

TEST_P(StoreContract, PagesOfAnySizeCoverEverySessionOnce) {
  id_list all;
  for (char c = 'a'; c < 'a' + 23; ++c) all.emplace_back(1, c);
  for (const auto& id : all) db().append(id, 0, {});
  for (const std::size_t limit : {std::size_t{1}, std::size_t{7}, std::size_t{22}, std::size_t{23}, std::size_t{24}}) {
    id_list seen;
    for (;;) {
      const std::string after = seen.empty() ? "" : seen.back();
      const auto page = db().list({.after = after, .limit = limit});
      EXPECT_LE(page.size(), limit);
      for (const auto& info : page) seen.push_back(info.id);
      if (page.size() < limit) break;
    }
    EXPECT_EQ(seen, all) << "limit " << limit;
  }
}

TEST_P(StoreContract, AListHoldsAHundredSessionsUnlessTold) {
  for (int i = 0; i < 103; ++i) db().append("s" + std::to_string(i), 0, {});
  EXPECT_EQ(db().list().size(), 100U);
  EXPECT_EQ(db().list({.limit = list_options::max_limit}).size(), 103U);
}

TEST_P(StoreContract, ALimitOutOfItsRangeIsRefused) {
  EXPECT_EQ(attempt([&] { return db().list({.limit = 0}); }).code, errc::invalid_argument);
  EXPECT_EQ(attempt([&] { return db().list({.limit = list_options::max_limit + 1}); }).code, errc::invalid_argument);
}

}  // namespace atto::testing
