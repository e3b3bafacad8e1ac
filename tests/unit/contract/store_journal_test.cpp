#include "contract/store_journal.hpp"

#include "support/noting_store_observer.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

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
  j.on_attempt_failed({});
  j.on_connected();
  j.on_connected();
  j.on_lost({});
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

TEST(StoreJournal, TheObserverIsToldWhatIsCounted) {
  const auto observer = std::make_shared<test::noting_store_observer>();
  store_journal j(observer);
  diagnostics diag;
  diag.message("ours").code("57P01").server_message("theirs");
  auto since = noon;
  store_journal::waits w;
  w.end(since, noon + 3ns);
  j.on_attempt_failed(trouble_of({errc::unavailable, diag}));
  j.on_connected();
  j.on_sent(7, w);
  j.on_lost({errc::storage_failure, "SQLITE_FULL", "no words", {}});
  EXPECT_EQ(observer->told(), (std::vector<std::string>{"failed: unavailable 57P01 ours (theirs)", "connected",
                                                        "sent: 7", "lost: storage_failure SQLITE_FULL no words ()"}));
  EXPECT_EQ(observer->longest_wait(), 3ns);
}

TEST(StoreJournal, AnObserverThatOverridesNothingIsToldInVain) {
  store_journal j(std::make_shared<store_observer>());
  j.on_attempt_failed({});
  j.on_connected();
  j.on_sent(1, {});
  j.on_lost({});
  EXPECT_EQ(j.read().groups, 1U);
}

}  // namespace
}  // namespace atto
