// The numbers of the stores that need no file and no server.

#include <atto/blocking_store.hpp>
#include <atto/memory_store.hpp>

#include "support/store_decorator.hpp"

#include <boost/asio/io_context.hpp>

#include <gtest/gtest.h>

#include <memory>
#include <optional>

namespace atto {
namespace {

/// Knows nothing of stats(), as a store that was written before there were any.
class store_of_others final : public test::store_decorator {
 public:
  using store_decorator::store_decorator;
};

TEST(StoreStats, AStoreThatCountsNothingTellsZeros) {
  boost::asio::io_context context;
  const std::shared_ptr<session_store> inner = memory::open(context.get_executor());
  store_of_others others(inner);
  others.async_load("s", {}, [](error_code, const std::optional<snapshot>&) {});
  context.run();
  EXPECT_EQ(inner->stats().operations, 1U);
  EXPECT_EQ(others.stats().operations, 0U);
  EXPECT_EQ(others.stats().mean_wait().count(), 0);
}

TEST(StoreStats, InMemoryTheyCountTheOperationsThatWereDone) {
  blocking_store store("memory:");
  EXPECT_EQ(store.stats().operations, 0U);
  store.ensure_schema();
  store.append("s", 0, turn());
  EXPECT_THROW(store.append("s", 0, turn()), error_with_diagnostics);
  static_cast<void>(store.load("s"));
  EXPECT_EQ(store.stats().operations, 4U);
  EXPECT_THROW(static_cast<void>(store.load("")), error_with_diagnostics);
  store.close();
  EXPECT_THROW(static_cast<void>(store.load("s")), error_with_diagnostics);
  const store_stats s = store.stats();
  EXPECT_EQ(s.operations, 4U);
  EXPECT_EQ(s.waiting + s.groups + s.rounds + s.connections_made, 0U);
  EXPECT_EQ(s.longest_wait.count(), 0);
}

}  // namespace
}  // namespace atto
