#include "postgres/host_queue.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace atto::postgres {
namespace {

host_queue queue_of(const std::string& hosts) {
  return host_queue(dsn("host=" + hosts).hosts());
}

/// The addresses (or sockets) that are ready, in the order in which they are tried.
std::string all_ready(host_queue& q) {
  std::string all;
  while (q.has_ready()) {
    const dsn::host h = q.take();
    all += (h.address.empty() ? h.name : h.address) + ' ';
  }
  return all;
}

TEST(PostgresHostQueue, AddressesAndSocketsAreReadyAndNamesAreToBeResolved) {
  host_queue q = queue_of("10.0.0.1,/run,@abstract,db1,::1,db2");
  const std::vector<std::pair<std::size_t, std::string>> names{{3, "db1"}, {5, "db2"}};
  EXPECT_EQ(q.names(), names);
  EXPECT_EQ(q.left(), 6U);
  EXPECT_EQ(all_ready(q), "10.0.0.1 /run @abstract ::1 ");
  EXPECT_EQ(q.left(), 2U);
}

TEST(PostgresHostQueue, KeepsTheOrderOfTheHostsWhateverTheOrderOfTheAnswers) {
  host_queue q = queue_of("db1,10.0.0.9,db2");
  q.on_resolved(2, {"10.0.0.3"});
  EXPECT_TRUE(q.awaits_earlier());
  q.on_resolved(0, {"10.0.0.1", "10.0.0.2"});
  EXPECT_FALSE(q.awaits_earlier());
  EXPECT_EQ(q.left(), 4U);
  EXPECT_EQ(all_ready(q), "10.0.0.1 10.0.0.2 10.0.0.9 10.0.0.3 ");
  EXPECT_EQ(q.left(), 0U);
  EXPECT_EQ(q.complaint(), "");
}

TEST(PostgresHostQueue, ANameBehindWhatIsReadyIsNotWaitedFor) {
  EXPECT_FALSE(queue_of("10.0.0.9,db1").awaits_earlier());
  EXPECT_TRUE(queue_of("db1,10.0.0.9").awaits_earlier());
}

TEST(PostgresHostQueue, ANameThatHadItsShareIsNotWaitedForAndIsNamed) {
  host_queue q = queue_of("db1,db2");
  q.on_late();
  EXPECT_EQ(q.left(), 1U);
  q.on_late();
  EXPECT_EQ(q.left(), 0U);
  EXPECT_EQ(q.complaint(), "the name db1 was not resolved in time; check DNS");
  q.on_late();
  EXPECT_EQ(q.left(), 0U);
}

TEST(PostgresHostQueue, ANameThatComesLateIsTriedAllTheSame) {
  host_queue q = queue_of("db1,db2");
  q.on_late();
  q.on_resolved(0, {"10.0.0.1"});
  EXPECT_EQ(q.left(), 2U);
  EXPECT_EQ(all_ready(q), "10.0.0.1 ");
  EXPECT_EQ(q.complaint(), "");
}

TEST(PostgresHostQueue, ANameThatIsNotKnownIsPassedOverAndNamed) {
  host_queue q = queue_of("db1,10.0.0.9");
  q.on_resolved(0, {});
  EXPECT_EQ(q.left(), 1U);
  EXPECT_EQ(all_ready(q), "10.0.0.9 ");
  EXPECT_EQ(q.complaint(), "the name db1 is not known; check the connection string");
}

TEST(PostgresHostQueue, WithoutHostsHasNothing) {
  const host_queue q;
  EXPECT_FALSE(q.has_ready());
  EXPECT_FALSE(q.awaits_earlier());
  EXPECT_EQ(q.left(), 0U);
}

}  // namespace
}  // namespace atto::postgres
