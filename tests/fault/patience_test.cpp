#include "fault/patience.hpp"

#include "fault/eventually.hpp"

#include <memory>
#include <string>

namespace atto::test {
namespace {

TEST_F(Patience, EveryCallEndsByItsDeadlineWhenItsBackendStandsStill) {
  ATTO_REQUIRE_ROOT();
  use(std::make_unique<fault_store>(test_postgres::dsn()));
  std::unique_ptr<stopped_process> stopped;
  each_call_ends(
      writes::sent, [&] { stopped = std::make_unique<stopped_process>(found().all().front()); },
      [&] { stopped.reset(); });
}

TEST_F(Patience, EveryCallEndsByItsDeadlineWhenTheWayIsABlackHole) {
  use(std::make_unique<fault_store>(test_postgres::dsn()));
  each_call_ends(
      writes::sent, [&] { fault().proxy().blackhole(); },
      [&] {
        fault().proxy().kill(chaos::ending::fin);  // the server would have to find out by itself
        fault().proxy().heal();
      });
}

TEST_F(Patience, EveryCallEndsByItsDeadlineWhenAnotherSessionHoldsTheLock) {
  use(std::make_unique<fault_store>(test_postgres::dsn()));
  test_connection foreign;
  each_call_ends(
      writes::sent, [&] { foreign.run("BEGIN; LOCK TABLE " + fault().table() + " IN ACCESS EXCLUSIVE MODE"); },
      [&] { foreign.run("ROLLBACK"); });
}

TEST_F(Patience, EveryCallEndsByItsDeadlineWhenThePoolIsExhausted) {
  use(std::make_unique<fault_store>(test_postgres::dsn()));
  test_connection foreign;
  const auto ignore = [](error_code, std::int64_t) {};
  each_call_ends(
      writes::kept,
      [&] {
        foreign.run("BEGIN; LOCK TABLE " + fault().table() + " IN ACCESS EXCLUSIVE MODE");
        fault().async().async_save("other", whole(++version), {}, ignore);
        ASSERT_TRUE(found().become_waiting(1));
      },
      [&] { foreign.run("ROLLBACK"); });
}

TEST_F(Patience, ALargeSaveEndsByItsDeadlineWhenTheServerStopsReading) {
  use(std::make_unique<fault_store>(test_postgres::dsn()));
  remember();
  const snapshot large(version + 1, {}, history{json::string(canary + std::string(8 << 20, 'x'))});
  fault().proxy().stop_reading(chaos::direction::requests);
  expect_in_time([&] { fault().store().save(id, large, {.timeout = timeout}); }, errc::outcome_unknown);
  fault().proxy().heal();
  expect_back();
  expect_nothing_left();
}

TEST_F(Patience, AnAttemptToConnectThatHangsDoesNotKeepThePoolAwayAfterTheFault) {
  use(std::make_unique<fault_store>(test_postgres::dsn()));
  remember();
  fault().proxy().blackhole();
  expect_in_time([&] { fault().store().save(id, whole(version + 1), {.timeout = timeout}); }, errc::outcome_unknown);
  expect_in_time([&] { fault().store().save(id, whole(version + 2), {.timeout = timeout}); }, errc::timed_out);
  fault().proxy().heal();
  expect_back();
}

}  // namespace
}  // namespace atto::test
