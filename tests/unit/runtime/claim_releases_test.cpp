#include "runtime/claim_releases.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>

namespace atto::detail {
namespace {

using namespace std::chrono_literals;

class ClaimReleases : public testing::Test {
 protected:
  void add(std::size_t count, std::chrono::seconds until) {
    for (std::size_t i = 0; i < count; ++i) {
      releases.add({std::make_shared<session_actor>("s"), {1, start + until}});
    }
  }

  session_claim::time_point start{1h};
  claim_releases releases;
};

TEST_F(ClaimReleases, AreAskedForSomeAtATimeUntilNoneIsLeft) {
  add(300, 10s);
  EXPECT_EQ(releases.next_batch(start).size(), 256U);
  EXPECT_TRUE(releases.next_batch(start).empty());
  releases.on_answer();
  EXPECT_EQ(releases.next_batch(start).size(), 1U);
  for (int i = 0; i < 256; ++i) releases.on_answer();
  EXPECT_EQ(releases.next_batch(start).size(), 43U);
  EXPECT_FALSE(releases.none_left());
  for (int i = 0; i < 43; ++i) releases.on_answer();
  EXPECT_TRUE(releases.none_left());
}

TEST_F(ClaimReleases, OfClaimsThatAreOverAreNotAskedFor) {
  add(3, 1s);
  add(1, 3s);
  releases.add({std::make_shared<session_actor>("never claimed"), {}});
  EXPECT_EQ(releases.next_batch(start + 2s).size(), 1U);
  releases.on_answer();
  EXPECT_TRUE(releases.none_left());
}

TEST_F(ClaimReleases, ThatAreDroppedLeaveOnlyThoseThatWereAskedFor) {
  add(300, 10s);
  static_cast<void>(releases.next_batch(start));
  releases.drop_waiting();
  EXPECT_FALSE(releases.none_left());
  for (int i = 0; i < 256; ++i) releases.on_answer();
  EXPECT_TRUE(releases.none_left());
}

}  // namespace
}  // namespace atto::detail
