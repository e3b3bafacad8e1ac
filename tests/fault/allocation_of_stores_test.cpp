#include <atto/sqlite_store.hpp>
#include <atto/store_requests.hpp>

#include "fault/failing_new.hpp"
#include "fault/scenario.hpp"
#include "integration/sqlite/raw_database.hpp"
#include "memory/session_map.hpp"
#include "support/io_thread.hpp"
#include "support/temp_dir.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <new>
#include <string>
#include <utility>

namespace atto {
namespace {

using test::failing_new;
using test::failing_sqlite_memory;

class AllocationOfStores : public testing::TestWithParam<failing_new::how> {
 protected:
  static void SetUpTestSuite() { failing_sqlite_memory::install(); }

  /// On the caller's thread. A call that throws bad_alloc has not written.
  bool fail_nth(session_store& opened, std::size_t n) {
    blocking_store store(opened);
    store.ensure_schema();
    test::possible_sessions known;
    failing_new::arm(n, GetParam());
    test::scenario<failing_new::window>(store).run(known);
    const bool failed = failing_new::disarm();
    known.expect_all_in(store);
    test::scenario<>(store).run(known);
    known.expect_all_in(store);
    return failed;
  }

  template <class Run>
  void sweep(Run run, std::size_t least) {
    std::size_t n = 1;
    for (; run(n); ++n) {
      if (HasFailure()) FAIL() << "when allocation " << n << " failed";
    }
    EXPECT_GT(n, least);
  }
};

INSTANTIATE_TEST_SUITE_P(Modes, AllocationOfStores,
                         testing::Values(failing_new::how::once, failing_new::how::from_then_on));

/// The sessions of the memory store: each write happens whole or not at all.
TEST_P(AllocationOfStores, LeavesTheSessionsInMemoryAsTheyWere) {
  const history events{json::string(std::string(100, 'e'))};
  const std::string id(100, 'i');
  const auto now = std::chrono::system_clock::time_point();
  memory::session_map sessions(10'000);
  const auto stored = [&] { return sessions.load({{}, id, load_options::all}); };
  // Keeps what was there before the run that nothing disturbs, which writes.
  const auto expect_all_or_nothing = [&](auto write) {
    const auto before = stored();
    for (std::size_t n = 1;; ++n) {
      failing_new::arm(n, GetParam());
      try {
        const failing_new::window open;
        write();
      } catch (const std::bad_alloc&) {
      }
      if (!failing_new::disarm()) break;
      EXPECT_EQ(stored(), before) << "when allocation " << n << " failed";
    }
    EXPECT_NE(stored(), before);
  };
  append_request append;
  append.id = id;
  append.turn = {state(), events};
  expect_all_or_nothing([&] { EXPECT_FALSE(sessions.append(append, now)); });
  append.base = 1;
  append.turn.state = state::from_object(json(R"({"a":1})"));
  expect_all_or_nothing([&] { EXPECT_FALSE(sessions.append(append, now)); });
  expect_all_or_nothing([&] {
    save_request save;
    save.id = id;
    save.snap = {5, state(), events};
    EXPECT_FALSE(sessions.save(std::move(save), now));
  });
}

TEST_P(AllocationOfStores, FailsACallToTheSqliteStoreAndNothingElse) {
  test::io_thread io;
  sweep(
      [&](std::size_t n) {
        const test::temp_dir dir;
        return fail_nth(*sqlite::open(io.executor(), dir.file("sessions.db")), n);
      },
      50);
}

/// SQLite's own memory, on the store's thread.
TEST_P(AllocationOfStores, OfSqliteItselfNeverMakesTheStoreSayWhatIsNotTrue) {
  test::io_thread io;
  const auto run = [&](std::size_t n) {
    const test::temp_dir dir;
    const std::string path = dir.file("sessions.db");
    test::possible_sessions known;
    bool failed = false;
    {
      const auto opened = sqlite::open(io.executor(), path);
      blocking_store store(*opened);
      store.ensure_schema();
      failing_sqlite_memory::arm(n, GetParam());
      test::scenario<>(store).run(known);
      failed = failing_sqlite_memory::disarm();
      known.expect_all_in(store);
      test::scenario<>(store).run(known);
      known.expect_all_in(store);
    }
    EXPECT_EQ(test::raw_database(path).value("PRAGMA integrity_check"), "ok");
    return failed;
  };
  sweep(run, 20);
}

}  // namespace
}  // namespace atto
