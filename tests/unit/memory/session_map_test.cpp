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

TEST(SessionMap, AnAppendKeepsTheDayOfCreation) {
  session_map map(1000);
  ASSERT_FALSE(map.append(appending("a", 0, {}), monday));
  ASSERT_FALSE(map.append(appending("a", 1, {}), tuesday));

  list_request everything;
  everything.limit = 10;
  const auto page = map.list(everything);

  ASSERT_EQ(page.size(), 1U);
  EXPECT_EQ(page[0].created, monday);
  EXPECT_EQ(page[0].updated, tuesday);
}

}  // namespace
}  // namespace atto::memory
