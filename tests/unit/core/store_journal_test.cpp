#include "store_journal.hpp"

#include <gtest/gtest.h>

#include <chrono>

namespace atto {
namespace {

using namespace std::chrono_literals;

constexpr store_journal::clock::time_point noon{1h};

TEST(StoreJournal, GroupsAreCountedWithTheirRoundsAndTheLargest) {
  store_journal j;
  for (const std::size_t rounds : {2U, 5U, 1U}) j.on_sent(rounds, {});
  const store_stats s = j.read();
  EXPECT_EQ(s.groups, 3U);
  EXPECT_EQ(s.rounds, 8U);
  EXPECT_EQ(s.largest_group, 5U);
  EXPECT_DOUBLE_EQ(s.mean_group(), 8.0 / 3);
  EXPECT_EQ(s.operations, 0U);
}

TEST(StoreJournal, AnOperationsWaitEndsOnceHoweverOftenItIsSent) {
  store_journal j;
  auto first = noon, second = noon + 2s;
  store_journal::waits w;
  w.end(first, noon + 4s);
  w.end(second, noon + 4s);
  EXPECT_EQ(w.longest, 4s);
  j.on_sent(2, w);
  store_journal::waits again;
  again.end(first, noon + 9s);
  j.on_sent(1, again);
  const store_stats s = j.read();
  EXPECT_EQ(s.operations, 2U);
  EXPECT_EQ(s.waited, 6s);
  EXPECT_EQ(s.longest_wait, 4s);
  EXPECT_EQ(s.mean_wait(), 3s);
  EXPECT_EQ(s.rounds, 3U);
}

TEST(StoreJournal, ConnectionsAndWhatIsSentAgainAreCounted) {
  store_journal j;
  j.on_attempt_failed();
  j.on_connected();
  j.on_connected();
  j.on_lost();
  j.on_sent_again(3);
  const store_stats s = j.read();
  EXPECT_EQ(s.failed_attempts, 1U);
  EXPECT_EQ(s.connections_made, 2U);
  EXPECT_EQ(s.connections_lost, 1U);
  EXPECT_EQ(s.writes_sent_again, 3U);
}

TEST(StoreJournal, AJournalWithoutEntriesHasNoMeansAndNothingIsDividedByZero) {
  const store_stats s = store_journal().read();
  EXPECT_EQ(s.mean_group(), 0);
  EXPECT_EQ(s.mean_wait(), 0ns);
}

}  // namespace
}  // namespace atto
