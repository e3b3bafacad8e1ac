#include "support/postgres_proxy.hpp"

#include <atto/blocking_store.hpp>
#include <atto/postgres_store.hpp>

#include "support/failure_of.hpp"
#include "support/io_thread.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <memory>
#include <string>

namespace atto::test {
namespace {

using chaos::counters;
using chaos::direction;
using chaos::ending;

class PostgresProxy : public testing::Test {
 protected:
  void SetUp() override {
    ATTO_REQUIRE_POSTGRES_SERVER();
    table = std::make_unique<test_table>("proxied");
  }

  std::unique_ptr<session_store> store_through(const postgres_proxy& proxy) {
    return postgres::open(io.executor(), proxy.dsn(), {.table = table->name()}, {.size = 1});
  }

  io_thread io;
  std::unique_ptr<test_table> table;
};

void save_and_load(session_store& made) {
  blocking_store store(made);
  store.ensure_schema();
  const snapshot first(1, state::from_object(json(R"({"large":")" + std::string(300'000, 'x') + R"("})")),
                       history{json("1")});
  EXPECT_EQ(store.save("s", first), 1);
  EXPECT_EQ(store.load("s"), first);
  store.close();
}

TEST_F(PostgresProxy, AStoreSavesAndLoadsThroughItUnharmedAndLeavesNoConnection) {
  postgres_proxy proxy;
  save_and_load(*store_through(proxy));
  EXPECT_TRUE(proxy.wait_until([](const counters& c) { return c.open == 0; }));
  EXPECT_EQ(proxy.now().accepted, 1U);
  EXPECT_GT(proxy.now().requests.passed, 300'000U);
  EXPECT_GT(proxy.now().replies.passed, 300'000U);
}

TEST_F(PostgresProxy, AServerOnTcpIsReachedWithItsPassword) {
  const char* tcp = std::getenv("ATTO_TEST_POSTGRES_TCP");
  if (tcp == nullptr) GTEST_SKIP() << "ATTO_TEST_POSTGRES_TCP names no server on TCP";
  postgres_proxy proxy(tcp);
  save_and_load(*store_through(proxy));
  EXPECT_EQ(proxy.now().accepted, 1U);
}

TEST_F(PostgresProxy, AStoreSavesAndLoadsInTinySegments) {
  postgres_proxy proxy;
  for (const auto d : chaos::directions) proxy.drip(d, {.bytes = 7});
  save_and_load(*store_through(proxy));
}

TEST_F(PostgresProxy, TheLengthOfAWarmExchangeIsTheSameEachTime) {
  postgres_proxy proxy;
  const auto made = store_through(proxy);
  blocking_store store(*made);
  store.ensure_schema();
  const auto length = [&](std::int64_t version) {
    proxy.arm();
    store.save("s", snapshot(version, {}, {}));
    const auto counted = proxy.now();
    return std::pair(counted.requests.passed, counted.replies.passed);
  };
  static_cast<void>(length(1));
  const auto warm = length(2);
  EXPECT_EQ(length(3), warm);
  EXPECT_EQ(length(4), warm);
}

TEST_F(PostgresProxy, AWriteWhoseReplyIsHeldUntilTheCutIsFoundInTheServer) {
  postgres_proxy proxy;
  const auto made = store_through(proxy);
  blocking_store store(*made);
  store.ensure_schema();
  store.save("s", snapshot(1, {}, {}));
  proxy.arm(chaos::cut{.in = direction::replies, .after = 0, .server = ending::silence});
  proxy.admit(chaos::arrivals::refused);  // so that the store cannot do it again
  const save_options brief{.timeout = std::chrono::milliseconds(300)};
  EXPECT_EQ(failure_of([&] { store.save("s", snapshot(2, {}, {}), brief); }).code, errc::outcome_unknown);
  EXPECT_EQ(proxy.now().cut, 1U);
  proxy.admit(chaos::arrivals::served);
  EXPECT_EQ(store.load("s")->version, 2);
}

}  // namespace
}  // namespace atto::test
