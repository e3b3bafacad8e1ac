#include "fault/backends.hpp"
#include "fault/eventually.hpp"
#include "fault/fault_store.hpp"
#include "support/own_server.hpp"

#include <boost/asio/post.hpp>

#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <string>

namespace atto::test {
namespace {

using std::chrono::milliseconds;

/// A pool of two connections: a foreign lock holds one of them in `gate`.
class StuckGroup : public testing::Test {
 protected:
  void SetUp() override {
    ATTO_REQUIRE_POSTGRES_SERVER();
    ATTO_REQUIRE_ROOT();
    auto options = fault_store::quick_to_return();
    options.size = 2;
    fault = std::make_unique<fault_store>(test_postgres::dsn(), options);
    found = std::make_unique<backends>(fault->table());
    foreign = std::make_unique<test_connection>();
    fault->store().save("gate", whole(1));
    foreign->run("BEGIN; UPDATE " + fault->table() + " SET version = version WHERE session_id = 'gate'");
    start("gate", 2, std::chrono::minutes(1), gate);
    ASSERT_TRUE(found->become_waiting(1));
    fault->store().save("warm", whole(1));  // on the second connection
  }

  void TearDown() override {
    foreign.reset();
    fault.reset();
  }

  void start(const std::string& id, std::int64_t version, milliseconds timeout, std::promise<error_code>& told) {
    fault->async().async_save(id, whole(version), {.timeout = timeout},
                              [&told](error_code ec, std::int64_t) { told.set_value(ec); });
  }

  std::unique_ptr<fault_store> fault;
  std::unique_ptr<backends> found;
  std::unique_ptr<test_connection> foreign;
  std::promise<error_code> gate, hasty, patient, reader;
};

TEST_F(StuckGroup, TheNeighboursOfOneWhoseDeadlinePassesGoOnWithANewConnection) {
  {
    const stopped_process stopped(found->idle().at(0));
    boost::asio::post(fault->async().get_executor(), [&] {
      start(canary, 1, milliseconds(300), hasty);
      start("patient", 1, std::chrono::minutes(1), patient);
    });
    EXPECT_EQ(hasty.get_future().get(), errc::outcome_unknown);
    EXPECT_EQ(patient.get_future().get(), error_code());
  }
  foreign->run("ROLLBACK");
  EXPECT_EQ(gate.get_future().get(), error_code());
  ASSERT_TRUE(found->become(2));  // the one that stood still has ended
  EXPECT_EQ(fault->audit().repeated(), "");
  EXPECT_EQ(fault->audit().times("patient", 1), 1);
}

TEST_F(StuckGroup, AReadAndAWriteThatComeAfterItAreServedByTheOthers) {
  const stopped_process stopped(found->idle().at(0));
  start(canary, 1, milliseconds(300), hasty);
  EXPECT_EQ(hasty.get_future().get(), errc::outcome_unknown);
  EXPECT_EQ(fault->store().save("after", whole(1)), 1);
  EXPECT_EQ(fault->store().load("after"), whole(1));
  foreign->run("ROLLBACK");
  EXPECT_EQ(gate.get_future().get(), error_code());
}

/// A server that stands still as a whole, or only the process that lets clients in.
class StandstillOfAServer : public testing::Test {
 protected:
  void SetUp() override {
    ATTO_REQUIRE_OWN_SERVER();
    server = std::make_unique<own_server>();
    made = postgres::open(io.executor(), server->dsn() + " application_name=still", {.table = "t"}, {.size = 1});
    store = std::make_unique<blocking_store>(*made);
    store->ensure_schema();
    store->save(canary, whole(1));
  }

  void TearDown() override {
    store.reset();
    made.reset();
  }

  void expect_in_time(const std::function<void()>& operation, error_code code) {
    const auto start = std::chrono::steady_clock::now();
    EXPECT_EQ(discreet_failure_of(operation).code, code);
    EXPECT_LE(std::chrono::steady_clock::now() - start, timeout + milliseconds(250));
  }

  void expect_back() {
    const auto start = std::chrono::steady_clock::now();
    EXPECT_TRUE(eventually([&] { return !failure_of([&] { store->save(canary, whole(100)); }).code; }));
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(2));
    EXPECT_EQ(store->load(canary), whole(100));
    EXPECT_TRUE(backends("still", server->dsn()).become(1));
  }

  static constexpr milliseconds timeout{300};
  io_thread io;
  std::unique_ptr<own_server> server;
  std::unique_ptr<session_store> made;
  std::unique_ptr<blocking_store> store;
};

TEST_F(StandstillOfAServer, EveryCallEndsByItsDeadlineWhenNobodyLetsClientsIn) {
  backends serving("still", server->dsn());
  serving.terminate_all();
  ASSERT_TRUE(serving.become(0));
  {
    const stopped_process stopped(server->postmaster());
    // The first finds its connection gone; what connects now waits for ever.
    expect_in_time([&] { static_cast<void>(store->load(canary, {.timeout = timeout})); }, errc::timed_out);
    expect_in_time([&] { store->save(canary, whole(2), {.timeout = timeout}); }, errc::timed_out);
    expect_in_time([&] { store->append(canary, 1, one_turn(2), {.timeout = timeout}); }, errc::timed_out);
    expect_in_time([&] { store->remove(canary, {.timeout = timeout}); }, errc::timed_out);
    expect_in_time([&] { static_cast<void>(store->list({.timeout = timeout})); }, errc::timed_out);
    expect_in_time([&] { store->ensure_schema({.timeout = timeout}); }, errc::timed_out);
  }
  expect_back();
}

TEST_F(StandstillOfAServer, EveryCallEndsByItsDeadlineWhenItStandsStillAsAWhole) {
  server->suspend();
  expect_in_time([&] { store->save(canary, whole(2), {.timeout = timeout}); }, errc::outcome_unknown);
  expect_in_time([&] { static_cast<void>(store->load(canary, {.timeout = timeout})); }, errc::timed_out);
  expect_in_time([&] { store->append(canary, 1, one_turn(2), {.timeout = timeout}); }, errc::timed_out);
  server->resume();
  expect_back();
}

TEST_F(StandstillOfAServer, ACloseEndsByItsDeadlineWhenItStandsStillAsAWhole) {
  server->suspend();
  std::promise<error_code> saved;
  made->async_save(canary, whole(2), {}, [&](error_code ec, std::int64_t) { saved.set_value(ec); });
  expect_in_time([&] { store->close({.timeout = timeout}); }, errc::timed_out);
  EXPECT_EQ(saved.get_future().get(), errc::outcome_unknown);
  server->resume();
  EXPECT_TRUE(backends("still", server->dsn()).become(0));
}

}  // namespace
}  // namespace atto::test
