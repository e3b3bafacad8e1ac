#pragma once

#include "support/history_run.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <vector>

namespace atto::test {

/// Runs histories and expects all to be legal, and at least one operation in thirty refused and one in ten beside
/// another.
inline void expect_legal_histories(const std::vector<session_store*>& handles, const history_workload& work,
                                   std::size_t histories, std::size_t faults = 0) {
  const auto report = run_histories(handles, work, histories);
  EXPECT_EQ(report.violation, "") << "seed " << work.seed;
  const auto& counts = report.counts;
  fmt::print("{} histories, {} operations: {} refused, {} beside another, {} faults, {} of them in doubt\n",
             counts.histories, counts.operations, counts.refused, counts.overlapping, counts.faults, counts.unknown);
  EXPECT_EQ(shortfall(counts, {counts.operations / 30, counts.operations / 10, faults}), "");
}

}  // namespace atto::test
