#pragma once

#include <atto/blocking_store.hpp>
#include <atto/postgres_store.hpp>

#include "support/io_thread.hpp"
#include "support/test_postgres.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>

namespace atto::postgres {

/// A test of stores on the throw-away server; without a server it is skipped, or fails (see test_postgres). It has a
/// table of its own, whose name its stores also bear as application_name, and two clients that are no store: `foreign`,
/// which gets in the stores' way, and `watcher`, which looks on.
/// At the end `foreign` goes first, so that nothing waits for it any more; then `store` and `made`; then what the
/// derived fixture has; then the table.
class postgres_store_test : public testing::Test {
 protected:
  /// A lock_timeout longer than any test: what waits for a lock stays sent.
  static constexpr std::chrono::milliseconds no_giving_way = std::chrono::hours(1);

  void SetUp() final;
  void TearDown() final;
  /// SetUp's last step, which is not reached without a server.
  virtual void prepare() {}

  /// A store of the table. What `more_dsn` says comes last, and so replaces what the server's own string says.
  [[nodiscard]] std::unique_ptr<session_store> open_store(pool_options o = {}, const std::string& more_dsn = "");
  /// Makes it this test's store; does not ensure its schema.
  void use(std::unique_ptr<session_store> opened);

  /// Each begins a transaction of `foreign`, which holds what it has locked until it ends.
  void hold_table();
  void hold(const std::string& id);
  /// What another client's append of one event does, up to its commit.
  void begin_foreign_append(const std::string& id);
  void let_go() { foreign->run("ROLLBACK"); }

  /// Returns when one of the stores' backends waits for a lock; fails when that takes 25 s.
  void wait_until_stuck();

  test::io_thread io;
  std::optional<test::test_table> table;
  std::optional<test::test_connection> foreign, watcher;
  std::unique_ptr<session_store> made;
  std::optional<blocking_store> store;  // of `made`
};

}  // namespace atto::postgres
