// What a pool tells its observer, on a real server.

#include "integration/postgres/postgres_store_test.hpp"
#include "support/failure_of.hpp"
#include "support/noting_store_observer.hpp"

#include <boost/asio/use_future.hpp>

#include <gmock/gmock.h>

#include <functional>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace atto::postgres {
namespace {

using boost::asio::use_future;
using test::failure_of;
using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

class PostgresPoolObserver : public postgres_store_test {
 protected:
  /// A store of one connection, which is open, with a session of the name "gate".
  void use_observed() {
    use(open_store({.size = 1, .lock_timeout = no_giving_way, .observer = observer}));
    store->ensure_schema();
    store->save("gate", snapshot(1, {}, {}));
    EXPECT_THAT(observer->told(), Contains("connected").Times(1));
    observer->forget();
    before = made->stats();
  }
  std::future<std::int64_t> save(const std::string& id, std::int64_t version) {
    return made->async_save(id, snapshot(version, {}, {}), {}, use_future);
  }
  void wait_until(const std::function<bool(const store_stats&)>& condition) const {
    while (!condition(made->stats())) std::this_thread::yield();
  }
  void kill_backend() {
    watcher->rows("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1",
                  {table->name()});
  }

  std::shared_ptr<test::noting_store_observer> observer = std::make_shared<test::noting_store_observer>();
  store_stats before;
};

TEST_F(PostgresPoolObserver, ItIsToldOfTheGroupsAndTheLongestWaitInThem) {
  use_observed();
  hold("gate");
  auto gate = save("gate", 2);
  wait_until([&](const store_stats& s) { return s.groups == before.groups + 1; });
  std::vector<std::future<std::int64_t>> gathered;
  for (int i = 0; i < 20; ++i) gathered.push_back(save("s" + std::to_string(i), 1));
  wait_until([](const store_stats& s) { return s.waiting == 20; });
  let_go();
  gate.get();
  for (auto& f : gathered) f.get();
  EXPECT_THAT(observer->told(), ElementsAre("sent: 1", "sent: 20"));
  EXPECT_GT(observer->longest_wait().count(), 0);
  EXPECT_LE(observer->longest_wait(), made->stats().longest_wait);
}

TEST_F(PostgresPoolObserver, ItIsToldOfAConnectionThatIsKilledWithWhatTheServerSaid) {
  use_observed();
  hold("gate");
  auto gate = save("gate", 2);
  wait_until_stuck();
  kill_backend();
  wait_until([](const store_stats& s) { return s.connections_made == 2; });
  let_go();
  EXPECT_EQ(gate.get(), 2);
  const auto told = observer->told();
  ASSERT_GE(told.size(), 4U);
  EXPECT_EQ(told[0], "sent: 1");
  EXPECT_THAT(told[1], AllOf(StartsWith("lost: "), HasSubstr(" 57P01 the connection to "), HasSubstr("administrator")));
  EXPECT_EQ(told[2], "connected");
  EXPECT_EQ(told[3], "sent: 1");
}

TEST_F(PostgresPoolObserver, ItIsToldOfAConnectionThatIsKilledWhileItIsIdle) {
  use_observed();
  kill_backend();
  const std::string left = "SELECT count(*) FROM pg_stat_activity WHERE application_name = $1";
  while (watcher->value(left, {table->name()}) != "0") std::this_thread::yield();
  EXPECT_EQ(store->save("gate", snapshot(2, {}, {})), 2);
  EXPECT_THAT(observer->told(), ElementsAre(AllOf(StartsWith("lost: "), HasSubstr("idle")), "connected", "sent: 1"));
}

TEST_F(PostgresPoolObserver, ItIsToldWhyAnAttemptWasRefusedAndNoPassword) {
  use(open_store({.observer = observer}, "host=127.0.0.1 port=1 password=canary"));
  EXPECT_EQ(failure_of([&] { static_cast<void>(store->load("s")); }).code, errc::unavailable);
  const auto told = observer->told();
  ASSERT_THAT(told, Not(IsEmpty()));
  EXPECT_THAT(told[0], AllOf(StartsWith("failed: unavailable "), HasSubstr("127.0.0.1:1"), Not(HasSubstr("canary"))));
}

TEST_F(PostgresPoolObserver, ItIsToldTheSqlstateOfARefusedLogin) {
  use(open_store({.observer = observer}, "dbname=not_there"));
  EXPECT_EQ(failure_of([&] { static_cast<void>(store->load("s")); }).code, errc::misconfigured);
  const auto told = observer->told();
  ASSERT_THAT(told, Not(IsEmpty()));
  EXPECT_THAT(told[0], AllOf(StartsWith("failed: misconfigured "), HasSubstr(" 3D000 "), HasSubstr("not_there")));
}

TEST_F(PostgresPoolObserver, ItLivesAsLongAsThePoolNeedsIt) {
  use_observed();
  const std::weak_ptr<test::noting_store_observer> shared = observer;
  observer.reset();
  store->save("gate", snapshot(2, {}, {}));
  EXPECT_FALSE(shared.expired());
  store.reset();
  made.reset();
  while (!shared.expired()) std::this_thread::yield();
}

}  // namespace
}  // namespace atto::postgres
