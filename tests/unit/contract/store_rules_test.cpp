#include <atto/store_rules.hpp>

#include <gmock/gmock.h>

#include <chrono>
#include <cstdint>
#include <string>

namespace atto {
namespace {

using std::chrono::milliseconds;

save_request saving(std::int64_t version, guard g, std::int64_t base) {
  return {{}, "s", {version, {}, {}}, g, base};
}

TEST(WriteGuard, NewerTakesWhatIsAboveTheStoredVersion) {
  EXPECT_FALSE(write_guard::save(saving(3, guard::newer, 0), 2));
  EXPECT_FALSE(write_guard::save(saving(1, guard::newer, 0), 0));
  const failure f = write_guard::save(saving(3, guard::newer, 0), 3);
  EXPECT_EQ(f.code, errc::concurrent_write);
  EXPECT_EQ(f.diag.stored_version(), 3);
  EXPECT_EQ(f.diag.supplied_version(), 3);
}

TEST(WriteGuard, ExactTakesNothingButItsBase) {
  EXPECT_FALSE(write_guard::save(saving(9, guard::exact, 2), 2));
  const failure f = write_guard::save(saving(9, guard::exact, 2), 1);
  EXPECT_EQ(f.code, errc::concurrent_write);
  EXPECT_EQ(f.diag.supplied_version(), 2);
}

TEST(WriteGuard, AnAppendMayFillTheLimitAndNotPassIt) {
  const append_request r{{}, "s", 1, {{}, {json("1")}}};
  const std::size_t bytes = 10 + r.turn.events.bytes() + r.turn.state.bytes();
  EXPECT_FALSE(write_guard::append(r, 1, 10, bytes));
  const failure f = write_guard::append(r, 1, 10, bytes - 1);
  EXPECT_EQ(f.code, errc::too_large);
  EXPECT_EQ(f.diag.size(), bytes);
  EXPECT_EQ(write_guard::append(r, 2, 10, bytes - 1).code, errc::concurrent_write);
}

TEST(WriteGuard, AnAbsentSessionIsRemovedWhateverTheBase) {
  EXPECT_FALSE(write_guard::remove({{}, "s", 3}, 0));
  EXPECT_FALSE(write_guard::remove({{}, "s"}, 7));
  EXPECT_FALSE(write_guard::remove({{}, "s", 7}, 7));
  EXPECT_EQ(write_guard::remove({{}, "s", 3}, 7).code, errc::concurrent_write);
}

TEST(ClaimRow, IsForItsOwnerUntilItExpires) {
  const claim_row held = claim_row().claimed({{}, "s", "a", "there", milliseconds(1)}, 1'000);
  EXPECT_EQ(held.owned_until, 2'000);
  EXPECT_FALSE(held.may_claim("a", 1'999));
  EXPECT_FALSE(held.may_claim("b", 2'000));
  const failure f = held.may_claim("b", 1'999);
  EXPECT_EQ(f.code, errc::owned_elsewhere);
  EXPECT_EQ(f.diag.owner_address(), "there");
}

TEST(ClaimRow, NeverGivesAnEpochTwice) {
  claim_row row = claim_row().claimed({{}, "s", "a"}, 5);
  EXPECT_EQ(row.epoch, 5);
  EXPECT_FALSE(row.check(5));
  EXPECT_FALSE(row.check({}));
  row.release();
  EXPECT_EQ(row.check(5).code, errc::claim_lost);
  EXPECT_FALSE(row.may_claim("b", 5));
  EXPECT_GT(row.next_epoch(5), 6);
}

}  // namespace
}  // namespace atto
