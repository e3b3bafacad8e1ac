#include "memory/session_map.hpp"

#include <atto/store_requests.hpp>

#include <gtest/gtest.h>

namespace atto::memory {
namespace {

const session_map::time_point monday{std::chrono::hours(24)};
const session_map::time_point tuesday{std::chrono::hours(48)};

append_request appending(std::string id, std::int64_t base, turn t) {
  append_request r;
  r.id = std::move(id);
  r.base = base;
  r.turn = std::move(t);
  return r;
}

list_request listing(std::string prefix, std::string after, std::size_t limit) {
  list_request r;
  r.prefix = std::move(prefix);
  r.after = std::move(after);
  r.limit = limit;
  return r;
}

std::string ids(const session_page& page) {
  std::string all;
  for (const auto& info : page) all += info.id + ' ';
  return all;
}

TEST(SessionMapTest, AnAppendKeepsTheDayOfCreation) {
  session_map map(1000);
  ASSERT_FALSE(map.append(appending("a", 0, {}), monday));
  ASSERT_FALSE(map.append(appending("a", 1, {}), tuesday));

  const auto page = map.list(listing("", "", 10));

  ASSERT_EQ(page.size(), 1U);
  EXPECT_EQ(page[0].created, monday);
  EXPECT_EQ(page[0].updated, tuesday);
}

TEST(SessionMapTest, AnAppendPastTheLimitChangesNothing) {
  session_map map(30);
  const turn t({}, history{json("1")});
  ASSERT_FALSE(map.append(appending("a", 0, t), monday));

  const failure f = map.append(appending("a", 1, turn({}, history{json("1"), json("2")})), tuesday);

  EXPECT_EQ(f.code, errc::too_large);
  load_request r;
  r.id = "a";
  EXPECT_EQ(map.load(r)->version, 1);
}

TEST(SessionMapTest, PagesAreInByteOrderAndPrefixesArePlain) {
  session_map map(1000);
  for (const char* id : {"b", "a_1", "a%", "a", "\xC3\xA9", "ab"})
    ASSERT_FALSE(map.append(appending(id, 0, {}), monday));

  EXPECT_EQ(ids(map.list(listing("", "", 10))), "a a% a_1 ab b \xC3\xA9 ");
  EXPECT_EQ(ids(map.list(listing("a", "", 10))), "a a% a_1 ab ");
  EXPECT_EQ(ids(map.list(listing("a_", "", 10))), "a_1 ");
  EXPECT_EQ(ids(map.list(listing("a", "a%", 1))), "a_1 ");
  EXPECT_EQ(ids(map.list(listing("a", "ab", 10))), "");
  EXPECT_EQ(ids(map.list(listing("b", "a", 10))), "b ");
  EXPECT_EQ(ids(map.list(listing("a", "b", 10))), "");
}

}  // namespace
}  // namespace atto::memory
