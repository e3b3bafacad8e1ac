#pragma once

#include <atto/testing/contract_fixture.hpp>
#include <atto/testing/contract_handlers.hpp>

#include <boost/asio/use_future.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <future>
#include <map>
#include <memory>
#include <string>
#include <vector>

/// Rules: closing and destroying a store.
namespace atto::testing {

TEST_P(StoreContract, AClosedStoreRefusesEveryOperation) {
  db().save("s", numbered_snapshot(1));
  db().close();
  const auto expect_closed = [](const auto& o) {
    EXPECT_EQ(o.code, errc::closed) << o.diag.message();
    EXPECT_NE(o.diag.message(), "");
  };
  expect_closed(attempt([&] { db().ensure_schema(); }));
  expect_closed(attempt([&] { return db().load("s"); }));
  expect_closed(attempt([&] { return db().save("s", numbered_snapshot(2)); }));
  expect_closed(attempt([&] { return db().append("s", 1, {}); }));
  expect_closed(attempt([&] { return db().remove("s"); }));
  if (GetParam().has_claims) {
    expect_closed(attempt([&] { return db().claim("s", "a"); }));
    expect_closed(attempt([&] { db().renew("s", 1, std::chrono::seconds(1)); }));
    expect_closed(attempt([&] { return db().release("s", 1); }));
    expect_closed(attempt([&] { return db().sweep(); }));
  }
  if (GetParam().has_message_ids) expect_closed(attempt([&] { return db().find_turn("s", message_id("m")); }));
  expect_closed(attempt([&] { return db().list(); }));
}

TEST_P(StoreContract, ASecondCloseIsHarmless) {
  db().save("s", numbered_snapshot(1));
  db().close();
  db().close();
  EXPECT_EQ(attempt([&] { return db().load("s"); }).code, errc::closed);
}

TEST_P(StoreContract, AStoreThatDidNothingCanBeClosed) {
  const auto store = open();
  blocking_store(*store).close();
  EXPECT_EQ(attempt([&] { return blocking_store(*store).load("s"); }).code, errc::closed);
}

TEST_P(StoreContract, TwoClosesAtOnceBothEnd) {
  db().save("s", numbered_snapshot(1));
  auto first = handle().async_close({}, boost::asio::use_future);
  auto second = handle().async_close({}, boost::asio::use_future);
  first.get();
  second.get();
}

TEST_P(StoreContract, ClosingOneHandleLeavesTheOthersOpen) {
  if (!GetParam().several_handles) GTEST_SKIP() << "the store has one handle";
  db(0).save("s", numbered_snapshot(1));
  db(1).append("s", 1, numbered_turn(1, 1));
  db(0).close();
  EXPECT_EQ(db(1).append("s", 2, numbered_turn(2, 2)), 3);
  EXPECT_EQ(db(2).load("s"), numbered_snapshot(3, 3));
}

TEST_P(StoreContract, ACloseWaitsForOutstandingOperations) {
  boost::asio::io_context own(1);
  handle();  // makes the schema
  auto store = open(own.get_executor());
  if (!GetParam().several_handles) store->async_ensure_schema({}, [](error_code) {});
  std::size_t ended = 0;
  std::size_t failed = 0;
  constexpr std::size_t writes = 20;
  for (std::size_t i = 0; i < writes; ++i) {
    store->async_append("s" + std::to_string(i), 0, numbered_turn(0, 0), {}, [&](error_code ec, std::int64_t) {
      ++ended;
      failed += ec ? 1U : 0U;
    });
  }
  bool closed = false;
  std::size_t ended_at_close = 0;
  store->async_close({}, [&](error_code ec) {
    EXPECT_FALSE(ec) << ec.message();
    closed = true;
    ended_at_close = ended;
  });
  EXPECT_TRUE(run_until(own, [&] { return closed && ended == writes; }));
  EXPECT_EQ(ended_at_close, writes);
  EXPECT_EQ(failed, 0U);
  store.reset();
  own.restart();
  own.run();
}

/// How the handlers of a store that went away were called.
struct ending {
  std::map<std::string, error_code> codes;
  std::size_t called = 0;
};

/// Starts `count` appends to sessions of their own, then destroys the store and runs what is left.
inline ending destroy_with_outstanding(std::shared_ptr<session_store> store, boost::asio::io_context& own, int count) {
  ending e;
  for (int i = 0; i < count; ++i) {
    const std::string id = "s" + std::to_string(i);
    store->async_append(id, 0, numbered_turn(0, 0), {}, [&e, id](error_code ec, std::int64_t) {
      e.codes[id] = ec;
      ++e.called;
    });
    if (i == count / 2) own.poll();
  }
  store.reset();
  own.restart();
  own.run();
  return e;
}

TEST_P(StoreContract, EveryHandlerRunsWhenTheStoreIsDestroyed) {
  handle();  // makes the schema
  boost::asio::io_context own(1);
  const ending e = destroy_with_outstanding(open(own.get_executor()), own, 40);
  EXPECT_EQ(e.called, 40U);
  for (const auto& [id, ec] : e.codes) {
    EXPECT_TRUE(!ec || ec == errc::closed || ec == errc::outcome_unknown) << id << ": " << ec.message();
    if (!GetParam().several_handles) continue;
    if (!ec) expect_stored(id, numbered_snapshot(1));
    if (ec == errc::closed) expect_absent(id);
  }
}

TEST_P(StoreContract, AHandlerMayDestroyTheStore) {
  handle();  // makes the schema
  boost::asio::io_context own(1);
  auto store = open(own.get_executor());
  std::size_t called = 0;
  const auto destroy = [&](error_code, std::optional<snapshot>) {
    ++called;
    store.reset();
  };
  for (int i = 0; i < 5; ++i) store->async_load("s", {}, destroy);
  EXPECT_TRUE(run_until(own, [&] { return called == 5; }));
  EXPECT_EQ(store, nullptr);
  own.restart();
  own.run();
}

TEST_P(StoreContract, AStoreThatDidNothingCanBeDestroyed) {
  static_cast<void>(open());
}

}  // namespace atto::testing
