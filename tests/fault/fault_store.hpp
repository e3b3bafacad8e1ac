#pragma once

#include <atto/blocking_store.hpp>
#include <atto/postgres_store.hpp>

#include "fault/canary.hpp"
#include "fault/write_audit.hpp"
#include "support/io_thread.hpp"
#include "support/postgres_proxy.hpp"
#include "support/test_postgres.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace atto::test {

/// A store of one connection behind a proxy, another one that goes straight to the server, and what the server has
/// written for either.
class fault_store {
 public:
  /// `server`: where both go.
  explicit fault_store(const std::string& server, postgres::pool_options options = quick_to_return());
  ~fault_store();

  /// One connection, never paused long, and no giving way to locks.
  [[nodiscard]] static postgres::pool_options quick_to_return();

  [[nodiscard]] const std::string& table() const noexcept { return table_.name(); }
  [[nodiscard]] postgres_proxy& proxy() noexcept { return proxy_; }
  [[nodiscard]] session_store& async() noexcept { return *made_; }
  [[nodiscard]] blocking_store& store() noexcept { return store_; }
  [[nodiscard]] blocking_store& other() noexcept { return other_; }
  [[nodiscard]] const write_audit& audit() const noexcept { return *audit_; }

 private:
  io_thread io_;
  test_table table_{"fault"};
  postgres_proxy proxy_;
  std::unique_ptr<session_store> made_, direct_;
  blocking_store store_, other_;
  std::optional<write_audit> audit_;
};

/// A document of a fixed length, which holds the canary.
[[nodiscard]] json document(std::int64_t number);
/// A session of one event.
[[nodiscard]] snapshot whole(std::int64_t version);
/// A turn of one event.
[[nodiscard]] turn one_turn(std::int64_t number);

}  // namespace atto::test
