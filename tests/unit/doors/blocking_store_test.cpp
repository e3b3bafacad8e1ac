#include <atto/blocking_store.hpp>
#include <atto/memory_store.hpp>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/thread_pool.hpp>

#include <gmock/gmock.h>

#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace atto {
namespace {

snapshot at_version(std::int64_t v) {
  return {v, {}, {json(std::to_string(v))}};
}

TEST(BlockingStore, EveryMemberDoesWhatItsOperationDoes) {
  blocking_store store("memory:");
  store.ensure_schema();
  EXPECT_FALSE(store.load("s").has_value());
  EXPECT_EQ(store.save("s", at_version(1)), 1);
  EXPECT_EQ(store.append("s", 1, {{}, {json("2")}}), 2);
  EXPECT_EQ(store.load("s")->total_events(), 2);
  EXPECT_EQ(store.list().size(), 1U);
  EXPECT_TRUE(store.remove("s"));
  store.close();
}

TEST(BlockingStore, OptionsReachTheOperation) {
  blocking_store store("memory:");
  store.save("a", at_version(3));
  store.save("b", at_version(3));
  EXPECT_EQ(store.load("a", {.last = 0})->events_before, 1);
  EXPECT_EQ(store.list({.prefix = "b"}).size(), 1U);
  EXPECT_EQ(store.save("a", at_version(9), {.guard = guard::exact, .base = 3}), 9);
  EXPECT_THROW(store.remove("a", {.base = 3}), error_with_diagnostics);
}

TEST(BlockingStore, AnErrorIsThrownWithItsDiagnostics) {
  blocking_store store("memory:");
  store.save("s", at_version(2));
  try {
    store.save("s", at_version(2));
    FAIL();
  } catch (const error_with_diagnostics& e) {
    EXPECT_EQ(e.code(), errc::concurrent_write);
    EXPECT_EQ(e.get_diagnostics().stored_version(), 2);
    EXPECT_NE(std::string(e.what()).find("concurrent_write"), std::string::npos);
  }
}

TEST(BlockingStore, TheCallersDiagnosticsAreFilledToo) {
  blocking_store store("memory:");
  diagnostics diag;
  EXPECT_THROW(store.append("s", 4, {}, {.diag = &diag}), error_with_diagnostics);
  EXPECT_EQ(diag.supplied_version(), 4);
  store.append("s", 0, {}, {.diag = &diag});
  EXPECT_FALSE(diag.supplied_version().has_value());
}

TEST(BlockingStore, ItOpensWhatOpenStoreOpens) {
  EXPECT_THROW(blocking_store("nothing"), error_with_diagnostics);
  EXPECT_THROW(blocking_store("memory:", {.max_session_bytes = 0}), error_with_diagnostics);
  blocking_store small("memory:", {.max_session_bytes = 50});
  EXPECT_THROW(small.save("s", {1, {}, {json::string(std::string(50, 'x'))}}), error_with_diagnostics);
}

TEST(BlockingStore, ABorrowedStoreIsNotClosed) {
  boost::asio::thread_pool threads(1);
  const auto store = memory::open(threads.get_executor());
  { blocking_store(*store).save("s", at_version(1)); }
  EXPECT_EQ(blocking_store(*store).load("s"), at_version(1));
  threads.join();
}

TEST(BlockingStore, AMovedStoreKeepsItsSessions) {
  blocking_store first("memory:");
  first.save("s", at_version(1));
  blocking_store second(std::move(first));
  EXPECT_EQ(second.load("s"), at_version(1));
  blocking_store third("memory:");
  third = std::move(second);
  EXPECT_EQ(third.load("s"), at_version(1));
}

TEST(BlockingStore, ManyThreadsMayWaitAtOnce) {
  blocking_store store("memory:");
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&store, i] {
      const std::string id = "s" + std::to_string(i);
      for (std::int64_t v = 0; v < 50; ++v) store.append(id, v, {{}, {json("1")}});
    });
  }
  for (auto& t : threads) t.join();
  for (const auto& info : store.list()) EXPECT_EQ(info.events, 50) << info.id;
}

TEST(BlockingStore, AStoreThatDidNothingEnds) {
  const blocking_store idle("memory:");
}

}  // namespace
}  // namespace atto
