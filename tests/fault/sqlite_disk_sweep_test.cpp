#include <atto/blocking_store.hpp>

#include "fault/failing_vfs.hpp"
#include "fault/scenario.hpp"
#include "integration/sqlite/raw_database.hpp"
#include "support/temp_dir.hpp"

#include <gtest/gtest.h>

#include <string>

namespace atto {
namespace {

using test::failing_vfs;

/// The store works again once the disk does, and everything is as was said.
void expect_truth(const std::string& path, test::possible_sessions& known, bool has_tables) {
  blocking_store store("sqlite:" + path);
  if (!has_tables) store.ensure_schema();
  known.expect_all_in(store);
  test::scenario<>(store).run(known);
  known.expect_all_in(store);
  store.close();
  EXPECT_EQ(test::raw_database(path).value("PRAGMA integrity_check"), "ok");
}

/// False when there were fewer calls than n.
bool fail_nth(std::size_t n, failing_vfs::how how, bool with_schema) {
  const test::temp_dir dir;
  const std::string path = dir.file("sessions.db");
  test::possible_sessions known;
  bool failed = false;
  {
    failing_vfs::arm(0, how);
    blocking_store store("sqlite:" + path);
    if (!with_schema) store.ensure_schema();
    failing_vfs::arm(n, how);
    try {
      if (with_schema) store.ensure_schema();
    } catch (const error_with_diagnostics&) {
    }
    test::scenario<> scenario(store);
    scenario.run(known);
    failed = failing_vfs::disarm();
    // The file, opened anew, tells of a commit that failed; but for a remove, which leaves no trace.
    if (how == failing_vfs::how::once) {
      EXPECT_EQ(scenario.in_doubt(), 0U);
    }
    // It was not closed: it finds back by itself.
    if (!with_schema) known.expect_all_in(store);
  }
  expect_truth(path, known, !with_schema);
  return failed;
}

class SqliteDiskSweep : public testing::TestWithParam<failing_vfs::how> {
 protected:
  void sweep(bool with_schema) {
    std::size_t n = 1;
    for (; fail_nth(n, GetParam(), with_schema); ++n) {
      if (HasFailure()) FAIL() << "when call " << n << " to the disk failed";
    }
    EXPECT_GT(n, 20U) << "the sweep has met too few calls";
  }
};

TEST_P(SqliteDiskSweep, WhicheverCallFailsNothingThatWasSaidIsWrong) {
  sweep(false);
}

TEST_P(SqliteDiskSweep, SoItIsWhileTheTablesAreMade) {
  sweep(true);
}

INSTANTIATE_TEST_SUITE_P(Modes, SqliteDiskSweep,
                         testing::Values(failing_vfs::how::once, failing_vfs::how::once_torn,
                                         failing_vfs::how::from_then_on),
                         [](const auto& mode) {
                           switch (mode.param) {
                             case failing_vfs::how::once:
                               return "Once";
                             case failing_vfs::how::once_torn:
                               return "Torn";
                             default:
                               return "FromThenOn";
                           }
                         });

}  // namespace
}  // namespace atto
