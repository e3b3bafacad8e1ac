#include "fault/backends.hpp"
#include "fault/eventually.hpp"
#include "fault/fault_store.hpp"
#include "fault/write_kind.hpp"

#include <future>
#include <memory>
#include <string>

// A server goes on with what a client that has gone had sent. The store has sent the same write again by then.
namespace atto::test {
namespace {

using chaos::ending;

class Zombie : public testing::TestWithParam<write_kind> {
 protected:
  void SetUp() override {
    ATTO_REQUIRE_POSTGRES_SERVER();
    fault = std::make_unique<fault_store>(test_postgres::dsn());
    found = std::make_unique<backends>(fault->table());
    foreign = std::make_unique<test_connection>();
    fault->store().save(id, whole(1));
    write(2);  // prepares its statements
  }

  void TearDown() override {
    foreign.reset();
    fault.reset();
  }

  void write(std::int64_t version) {
    if (GetParam() == write_kind::save) {
      fault->store().save(id, whole(version));
    } else {
      fault->store().append(id, version - 1, one_turn(version));
    }
  }

  std::future<error_code> start_write(std::int64_t version) {
    return std::async(std::launch::async,
                      [this, version] { return discreet_failure_of([&] { write(version); }).code; });
  }

  void lock() {
    foreign->run("BEGIN; UPDATE " + fault->table() + " SET version = version WHERE session_id = '" + id + "'");
  }

  /// The version is stored, and was written once.
  void expect_once(std::int64_t version) {
    const auto now = fault->other().load(id);
    EXPECT_EQ(now->version, version);
    EXPECT_EQ(now->history.back(), document(version));
    EXPECT_EQ(fault->audit().times(id, version), 1);
    EXPECT_EQ(now->history.size(), GetParam() == write_kind::save ? 1U : static_cast<std::size_t>(version));
  }

  const std::string id = canary;
  std::unique_ptr<fault_store> fault;
  std::unique_ptr<backends> found;
  std::unique_ptr<test_connection> foreign;
};

INSTANTIATE_TEST_SUITE_P(Of, Zombie, write_kinds, name_of);

TEST_P(Zombie, WhenItStillGetsTheRowFirstTheWriteWasDoneByIt) {
  lock();
  auto told = start_write(3);
  ASSERT_TRUE(found->become_waiting(1));
  fault->proxy().kill(ending::reset, ending::silence);
  ASSERT_TRUE(found->become_waiting(2));  // the first copy and the second
  foreign->run("ROLLBACK");
  EXPECT_EQ(told.get(), error_code());
  expect_once(3);
}

TEST_P(Zombie, WhenTheServerHasEndedItTheSecondCopyIsDone) {
  lock();
  auto told = start_write(3);
  ASSERT_TRUE(found->become_waiting(1));
  const pid_t first = found->waiting().front();
  fault->proxy().kill(ending::fin);
  ASSERT_TRUE(found->end_of(first));  // the server was told to look for clients that have gone
  ASSERT_TRUE(found->become_waiting(1));
  foreign->run("ROLLBACK");
  EXPECT_EQ(told.get(), error_code());
  expect_once(3);
}

TEST_P(Zombie, WhenAnotherClientWasFirstItIsALostRaceForBothCopies) {
  lock();
  auto told = start_write(3);
  ASSERT_TRUE(found->become_waiting(1));
  fault->proxy().kill(ending::fin, ending::silence);
  ASSERT_TRUE(found->become_waiting(2));
  foreign->run("UPDATE " + fault->table() + " SET version = 3 WHERE session_id = '" + id + "'; COMMIT");
  EXPECT_EQ(told.get(), errc::concurrent_write);
  EXPECT_EQ(fault->audit().times(id, 3), 1);
}

TEST_P(Zombie, OfARemoveTakesNothingThatWasWrittenAfterIt) {
  lock();
  auto told =
      std::async(std::launch::async, [this] { return discreet_failure_of([&] { fault->store().remove(id); }).code; });
  ASSERT_TRUE(found->become_waiting(1));
  fault->proxy().kill(ending::fin, ending::silence);
  EXPECT_EQ(told.get(), errc::outcome_unknown);
  foreign->run("UPDATE " + fault->table() + " SET version = 3 WHERE session_id = '" + id + "'; COMMIT");
  ASSERT_TRUE(found->become_waiting(0));
  EXPECT_EQ(fault->other().list().size(), 1U);
}

TEST_P(Zombie, WhenItWakesAfterTheSecondCopyAndALaterWriteItChangesNothing) {
  ATTO_REQUIRE_ROOT();
  fault->proxy().arm();
  {
    const stopped_process stopped(found->all().front());
    auto told = start_write(3);
    ASSERT_TRUE(fault->proxy().wait_until([](const chaos::counters& c) { return c.requests.passed > 0; }));
    fault->proxy().kill(ending::fin, ending::silence);
    EXPECT_EQ(told.get(), error_code());
    write(4);
    fault->proxy().arm();
  }
  // It answers, to nobody.
  ASSERT_TRUE(fault->proxy().wait_until([](const chaos::counters& c) { return c.replies.taken > 0; }));
  expect_once(4);
  EXPECT_EQ(fault->audit().times(id, 3), 1);
}

}  // namespace
}  // namespace atto::test
