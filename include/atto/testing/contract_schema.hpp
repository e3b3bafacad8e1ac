#pragma once

#include <atto/testing/contract_fixture.hpp>

#include <barrier>
#include <chrono>
#include <cstddef>
#include <memory>
#include <thread>
#include <vector>

/// Rules: tables are made when asked for, and never harmed.
namespace atto::testing {

TEST_P(StoreContract, EveryOperationBeforeTheSchemaSaysThatItIsMissing) {
  if (!GetParam().has_schema) GTEST_SKIP() << "the store needs no schema";
  const auto store = open();
  blocking_store bare(*store);
  const auto expect_missing = [](const auto& o) {
    EXPECT_EQ(o.code, errc::schema_missing)
        << o.diag.message() << "\nA store that needs no schema says so: store_under_test::has_schema = false.";
    EXPECT_NE(o.diag.message(), "");
  };
  expect_missing(attempt([&] { return bare.load("s"); }));
  expect_missing(attempt([&] { return bare.load("s", {.last = 1}); }));
  expect_missing(attempt([&] { return bare.save("s", numbered_snapshot(1)); }));
  expect_missing(attempt([&] { return bare.save("s", numbered_snapshot(2), {.guard = guard::exact, .base = 1}); }));
  expect_missing(attempt([&] { return bare.append("s", 0, {}); }));
  expect_missing(attempt([&] { return bare.append("s", 1, {}); }));
  expect_missing(attempt([&] { return bare.remove("s"); }));
  if (GetParam().has_claims) {
    expect_missing(attempt([&] { return bare.claim("s", "a"); }));
    expect_missing(attempt([&] { bare.renew("s", 1, std::chrono::seconds(1)); }));
    expect_missing(attempt([&] { return bare.release("s", 1); }));
    expect_missing(attempt([&] { return bare.sweep(); }));
  }
  if (GetParam().has_message_ids) expect_missing(attempt([&] { return bare.find_turn("s", message_id("m")); }));
  expect_missing(attempt([&] { return bare.list(); }));
  bare.ensure_schema();
  EXPECT_FALSE(bare.load("s").has_value());
  EXPECT_EQ(bare.append("s", 0, {}), 1);
}

TEST_P(StoreContract, EnsureSchemaCanBeRepeatedAndDropsNothing) {
  db().ensure_schema();
  db().save("s", numbered_snapshot(3, 2));
  db().append("s", 3, numbered_turn(3, 2));
  for (int i = 0; i < 3; ++i) db(static_cast<std::size_t>(i)).ensure_schema();
  expect_stored("s", numbered_snapshot(4, 3));
}

TEST_P(StoreContract, EnsureSchemaCanRunFromManyHandlesAtOnce) {
  constexpr std::size_t callers = 8;
  std::vector<std::shared_ptr<session_store>> stores;
  for (std::size_t i = 0; i < (GetParam().several_handles ? callers : 1); ++i) stores.push_back(open());
  std::barrier start(static_cast<std::ptrdiff_t>(callers));
  std::vector<error_code> codes(callers);
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < callers; ++i) {
    threads.emplace_back([&, i] {
      start.arrive_and_wait();
      codes[i] = attempt([&] { blocking_store(*stores[i % stores.size()]).ensure_schema(); }).code;
    });
  }
  for (auto& t : threads) t.join();
  for (const auto& code : codes) EXPECT_FALSE(code.failed()) << code.message();
  for (const auto& store : stores) EXPECT_TRUE(blocking_store(*store).list().empty());
}

}  // namespace atto::testing
