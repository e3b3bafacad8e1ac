// The numbers a pool tells of itself, on a real server: a foreign client holds a session's row, so that what is started
// meanwhile waits for as long as a test needs.

#include "integration/postgres/postgres_store_test.hpp"
#include "support/failure_of.hpp"
#include "support/postgres_proxy.hpp"

#include <boost/asio/use_future.hpp>

#include <gmock/gmock.h>

#include <functional>
#include <future>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace atto::postgres {
namespace {

using boost::asio::use_future;
using test::failure_of;
using test::test_postgres;

class PostgresPoolStats : public postgres_store_test {
 protected:
  void use_pool(const std::string& dsn) {
    connections.emplace(io.executor(), dsn, pool_options{.size = 1, .lock_timeout = no_giving_way});
    use(with_pool(*connections, {.table = table->name()}));
    store->ensure_schema();
    store->save("gate", snapshot(1, {}, {}));
    before = connections->stats();
  }

  std::future<std::int64_t> save(const std::string& id, std::int64_t version) {
    return made->async_save(id, snapshot(version, {}, {}), {}, use_future);
  }
  pool_stats wait_until(const std::function<bool(const pool_stats&)>& condition) const {
    for (;;) {
      const pool_stats s = connections->stats();
      if (condition(s)) return s;
      std::this_thread::yield();
    }
  }

  std::optional<pool> connections;
  pool_stats before;
};

TEST_F(PostgresPoolStats, TheyTellWhatWaitsAndIsBusyAndHowLargeTheGroupsAre) {
  use_pool(test_postgres::dsn());
  hold("gate");
  auto gate = save("gate", 2);
  wait_until([](const pool_stats& s) { return s.connections_busy == 1; });
  std::vector<std::future<std::int64_t>> gathered;
  for (int i = 0; i < 20; ++i) gathered.push_back(save("s" + std::to_string(i), 1));
  const pool_stats stuck = wait_until([](const pool_stats& s) { return s.waiting == 20; });
  EXPECT_EQ(stuck.connections_open, 1U);
  EXPECT_EQ(stuck.operations, before.operations + 1);
  let_go();
  for (auto& f : gathered) f.get();
  gate.get();
  const pool_stats after = wait_until([](const pool_stats& s) { return s.connections_busy == 0; });
  EXPECT_EQ(after.waiting, 0U);
  EXPECT_EQ(after.groups, before.groups + 2);
  EXPECT_EQ(after.rounds, before.rounds + 21);
  EXPECT_EQ(after.operations, before.operations + 21);
  EXPECT_EQ(after.largest_group, 20U);
  EXPECT_GT(after.longest_wait.count(), 0);
  EXPECT_GE(after.waited, after.longest_wait);
  EXPECT_GT(after.waited, before.waited);
  EXPECT_LE(after.mean_wait(), after.longest_wait);
  EXPECT_GT(after.mean_group(), 1);
}

TEST_F(PostgresPoolStats, TheyCountConnectionsThatAreMadeLostAndRefusedAndWritesThatAreSentAgain) {
  test::postgres_proxy proxy;
  use_pool(proxy.dsn());
  EXPECT_EQ(before.connections_made, 1U);
  EXPECT_EQ(before.connections_lost + before.failed_attempts, 0U);
  hold("gate");
  auto gate = save("gate", 2);
  wait_until([](const pool_stats& s) { return s.connections_busy == 1; });
  proxy.kill(test::chaos::ending::fin);
  wait_until([](const pool_stats& s) { return s.connections_made == 2; });
  let_go();
  EXPECT_EQ(gate.get(), 2);
  const pool_stats after = connections->stats();
  EXPECT_EQ(after.connections_lost, 1U);
  EXPECT_EQ(after.writes_sent_again, 1U);
  EXPECT_EQ(after.operations, before.operations + 1);
}

TEST_F(PostgresPoolStats, TheyCountAttemptsThatFailed) {
  pool refused(io.executor(), "host=127.0.0.1 port=1");
  use(with_pool(refused));
  EXPECT_EQ(failure_of([&] { static_cast<void>(store->load("s")); }).code, errc::unavailable);
  EXPECT_GE(refused.stats().failed_attempts, 1U);
  EXPECT_EQ(refused.stats().connections_made, 0U);
  EXPECT_EQ(refused.stats().operations, 0U);
}

TEST_F(PostgresPoolStats, AStoreTellsTheNumbersOfThePoolThatItShares) {
  use_pool(test_postgres::dsn());
  const auto other = with_pool(*connections, {.table = table->name()});
  blocking_store(*other).save("s", snapshot(1, {}, {}));
  const pool_stats all = wait_until([](const pool_stats& s) { return s.connections_busy == 0; });
  for (const store_stats& s : {made->stats(), other->stats(), store->stats()}) {
    EXPECT_EQ(s.operations, all.operations);
    EXPECT_EQ(s.groups, all.groups);
    EXPECT_EQ(s.connections_made, 1U);
    EXPECT_GT(s.longest_wait.count(), 0);
  }
  store->close();
  EXPECT_EQ(made->stats().operations, all.operations);
}

TEST_F(PostgresPoolStats, TheyCountWhatIsLent) {
  pool lending(io.executor(), test_postgres::dsn(), {.size = 2});
  {
    const lease l = lending.async_lease({}, use_future).get();
    while (lending.stats().connections_leased != 1) std::this_thread::yield();
  }
  while (lending.stats().connections_leased != 0) std::this_thread::yield();
  EXPECT_EQ(lending.stats().connections_open, 1U);
}

}  // namespace
}  // namespace atto::postgres
