#include <atto/postgres_store.hpp>

#include "fault/failing_libpq.hpp"
#include "fault/scenario.hpp"
#include "support/io_thread.hpp"
#include "support/test_postgres.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <memory>
#include <string>

namespace atto {
namespace {

using test::failing_libpq;
using test::test_postgres;

class LibpqSweep : public testing::Test {
 protected:
  void SetUp() override {
    ATTO_REQUIRE_POSTGRES_SERVER();
    table_ = std::make_unique<test::test_table>("libpq_sweep");
    admin_ = std::make_unique<test::test_connection>();
    const auto store = open(std::chrono::seconds(30));
    blocking_store(*store).ensure_schema();
  }

  std::unique_ptr<session_store> open(std::chrono::milliseconds timeout) {
    return postgres::open(io_.executor(), test_postgres::dsn(),
                          {.table = table_->name(), .limits = {.timeout = timeout}}, {.size = 1});
  }

  /// The function whose call has failed; empty when there were fewer calls than n.
  std::string fail_nth(std::size_t n, failing_libpq::how how, std::chrono::milliseconds timeout) {
    admin_->run(fmt::format(R"(DELETE FROM "{0}"; DELETE FROM "{0}_tail")", table_->name()));
    test::possible_sessions known(test::possible_sessions::removes::or_late);
    failing_libpq::arm(n, how);
    const auto opened = open(timeout);
    blocking_store store(*opened);
    test::scenario<>(store).run(known);
    const std::string failed = failing_libpq::disarm();
    const auto other = open(std::chrono::seconds(30));
    blocking_store fresh(*other);
    known.expect_all_in(fresh);
    if (how == failing_libpq::how::once) known.expect_all_in(store);
    return failed;
  }

  /// For every n, or for some, ever farther apart.
  void sweep(failing_libpq::how how, std::chrono::milliseconds timeout, bool every) {
    std::map<std::string, int> failed;
    for (std::size_t n = 1;; n += every ? 1 : 7 + n / 4) {
      const std::string function = fail_nth(n, how, timeout);
      if (HasFailure()) FAIL() << "when call " << n << ", of " << function << ", failed";
      if (function.empty()) break;
      ++failed[function];
    }
    for (const auto& [function, times] : failed) fmt::print("{}: {} times\n", function, times);
    // How far a run that waits for its deadlines gets depends on the machine.
    EXPECT_GE(failed.size(), every ? 11U : 1U);
  }

  test::io_thread io_;
  std::unique_ptr<test::test_table> table_;
  std::unique_ptr<test::test_connection> admin_;
};

TEST_F(LibpqSweep, ACallThatFailsOnceIsSurvivedOrToldAndNothingThatWasSaidIsWrong) {
  sweep(failing_libpq::how::once, std::chrono::seconds(10), true);
}

/// Every operation then waits for its deadline, and the slower the machine, the more calls are made until then.
TEST_F(LibpqSweep, AllCallsMayFailFromOneOn) {
  sweep(failing_libpq::how::from_then_on, std::chrono::milliseconds(40), false);
}

}  // namespace
}  // namespace atto
