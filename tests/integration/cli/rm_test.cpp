#include <atto/blocking_store.hpp>

#include "integration/cli/command.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace atto::test {
namespace {

using testing::HasSubstr;

class CliRm : public testing::Test {
 protected:
  void SetUp() override { ASSERT_EQ(f_.run({"replay", sample_file()}).status, 0); }
  std::size_t sessions() const { return count_lines(f_.run({"list", "--json"}).out); }

  sqlite_fixture f_;
};

TEST_F(CliRm, RemovesOneSession) {
  EXPECT_EQ(f_.run({"rm", "hotel-ben-2"}).status, 0);
  EXPECT_EQ(f_.run({"get", "hotel-ben-2"}).status, 4);
  EXPECT_EQ(sessions(), 7U);
}

TEST_F(CliRm, ADryRunRemovesNothingAndNamesWhatWouldGo) {
  const outcome o = f_.run({"rm", "--older-than", "0s", "--dry-run"});
  EXPECT_EQ(o.status, 0) << o.err;
  EXPECT_THAT(o.out, HasSubstr("hotel-anna-1\n"));
  EXPECT_THAT(o.out, HasSubstr("8 sessions would be removed"));
  EXPECT_EQ(f_.run({"rm", "hotel-ben-2", "--dry-run"}).status, 0);
  EXPECT_EQ(sessions(), 8U);
}

TEST_F(CliRm, OldSessionsGoAndYoungOnesStay) {
  EXPECT_THAT(f_.run({"rm", "--older-than", "30d"}).out, HasSubstr("0 sessions removed"));
  EXPECT_EQ(sessions(), 8U);
  EXPECT_THAT(f_.run({"rm", "--older-than", "0s", "--prefix", "hotel-a"}).out, HasSubstr("1 session removed"));
  EXPECT_EQ(sessions(), 7U);
  EXPECT_THAT(f_.run({"rm", "--older-than", "0s"}).out, HasSubstr("7 sessions removed"));
  EXPECT_EQ(sessions(), 0U);
}

TEST_F(CliRm, DeadClaimsOfSessionsThatWereNeverWrittenGoWithTheOldSessions) {
  blocking_store store(f_.store());
  store.claim("dead", "owner", {.ttl = std::chrono::milliseconds(0)});
  store.claim("dead too", "owner", {.ttl = std::chrono::milliseconds(0)});
  const std::int64_t live = store.claim("live", "owner").epoch;
  EXPECT_EQ(f_.run({"rm", "--older-than", "30d", "--dry-run"}).status, 0);
  EXPECT_EQ(f_.run({"rm", "--older-than", "30d"}).status, 0);
  EXPECT_EQ(store.sweep(), 0);
  EXPECT_EQ(store.append("live", 0, {}, {.epoch = live}), 1);
  EXPECT_EQ(sessions(), 9U);
}

}  // namespace
}  // namespace atto::test
