// A checker that cannot refuse proves nothing, nor does one that refuses what is right.

#include "contract/mutants/racing_stores.hpp"

#include <atto/memory_store.hpp>

#include "support/history_run.hpp"
#include "support/io_thread.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

namespace atto::test {

void PrintTo(const racing_store& s, std::ostream* out) {
  *out << s.name;
}

namespace {

/// One construction, with callers who race on it. The seeds are fixed; how the threads run is not, so a mutant has many
/// histories to be caught in. Most need three.
class RacingStore : public ::testing::TestWithParam<racing_store> {
 protected:
  void expect_caught(bool removes) {
    const auto report = run(removes, 4'000);
    EXPECT_NE(report.violation, "") << "in " << report.counts.histories << " histories";
  }

  void expect_legal(bool removes) {
    const auto report = run(removes, 200);
    EXPECT_EQ(report.violation, "");
    const auto& counts = report.counts;
    const std::size_t faults = GetParam().name == "OneOperationAtATime" ? 0 : counts.operations / 20;
    EXPECT_EQ(shortfall(counts, {counts.operations / 30, counts.operations / 10, faults}), "");
  }

 private:
  history_report run(bool removes, std::size_t histories) {
    const history_workload work{.seed = 22, .habits = {.removes = removes}};
    return run_histories({store_.get()}, work, histories);
  }

  io_thread io_;
  std::shared_ptr<session_store> store_ = GetParam().make(memory::open(io_.executor()), 21);
};

using RacingMutant = RacingStore;
using RacingControl = RacingStore;
using RacingControlAmongRemoves = RacingStore;

TEST_P(RacingMutant, IsCaughtWhereNothingIsRemoved) {
  expect_caught(false);
}

TEST_P(RacingMutant, IsCaughtAmongRemoves) {
  expect_caught(true);
}

TEST_P(RacingControl, IsLegalWhereNothingIsRemoved) {
  expect_legal(false);
}

TEST_P(RacingControlAmongRemoves, IsLegal) {
  expect_legal(true);
}

std::vector<racing_store> controls_among_removes() {
  auto all = racing_controls();
  std::erase_if(all, [](const auto& c) { return !c.right_among_removes; });
  return all;
}

std::string name_of(const ::testing::TestParamInfo<racing_store>& info) {
  return std::string(info.param.name);
}

INSTANTIATE_TEST_SUITE_P(Histories, RacingMutant, ::testing::ValuesIn(racing_mutants()), name_of);
INSTANTIATE_TEST_SUITE_P(Histories, RacingControl, ::testing::ValuesIn(racing_controls()), name_of);
INSTANTIATE_TEST_SUITE_P(Histories, RacingControlAmongRemoves, ::testing::ValuesIn(controls_among_removes()), name_of);

}  // namespace
}  // namespace atto::test
