#include "support/history_counts.hpp"

#include <gtest/gtest.h>

namespace atto::test {
namespace {

using ending = operation_outcome;

recorded_operation load_in(std::int64_t invoked, std::int64_t returned, ending outcome = ending::done) {
  recorded_operation o;
  o.invoked = invoked;
  o.returned = returned;
  o.outcome = outcome;
  return o;
}

TEST(HistoryCounts, CountsAnOperationThatStartedWhileAnotherWasOutstanding) {
  history_counts counts;
  counts.add({load_in(5, 6), load_in(1, 4), load_in(2, 3), load_in(3, 7)});
  EXPECT_EQ(counts.operations, 4U);
  EXPECT_EQ(counts.overlapping, 3U);
}

TEST(HistoryCounts, CountsNoOverlapWhereOneFollowsTheOther) {
  history_counts counts;
  counts.add({load_in(1, 2), load_in(2, 3), load_in(4, 5)});
  EXPECT_EQ(counts.overlapping, 0U);
}

TEST(HistoryCounts, CountsConflictsAndFaultsOverAllHistories) {
  history_counts counts;
  counts.add({load_in(1, 2, ending::refused), load_in(3, 4, ending::unknown)});
  counts.add({load_in(1, 2, ending::not_written)});
  EXPECT_EQ(counts.histories, 2U);
  EXPECT_EQ(counts.refused, 1U);
  EXPECT_EQ(counts.faults, 2U);
  EXPECT_EQ(counts.unknown, 1U);
}

TEST(HistoryCounts, AnIdleRunProvesNothing) {
  history_counts counts;
  counts.add({load_in(1, 2), load_in(3, 4)});
  EXPECT_EQ(shortfall(counts, {}), "only 0 conflicts in 2 operations, 1 needed: this run proves nothing");
}

TEST(HistoryCounts, ARunWithoutConcurrencyProvesNothing) {
  history_counts counts;
  counts.add({load_in(1, 2, ending::refused), load_in(3, 4)});
  EXPECT_EQ(shortfall(counts, {}), "only 0 overlapping operations in 2 operations, 1 needed: this run proves nothing");
}

TEST(HistoryCounts, ARunWithoutTheFaultsItIsAboutProvesNothing) {
  history_counts counts;
  counts.add({load_in(1, 4, ending::refused), load_in(2, 3)});
  EXPECT_EQ(shortfall(counts, {}), "");
  EXPECT_EQ(shortfall(counts, {.faults = 2}), "only 0 faults in 2 operations, 2 needed: this run proves nothing");
}

}  // namespace
}  // namespace atto::test
