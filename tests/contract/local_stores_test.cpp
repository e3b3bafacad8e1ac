#include <atto/memory_store.hpp>
#include <atto/sqlite_store.hpp>
#include <atto/testing/store_contract.hpp>

#include "support/temp_dir.hpp"

#include <memory>
#include <utility>

namespace atto::testing {
namespace {

open_function fresh_memory() {
  return [](boost::asio::any_io_executor executor, store_limits limits) -> std::shared_ptr<session_store> {
    return memory::open(std::move(executor), limits);
  };
}

open_function fresh_sqlite() {
  auto dir = std::make_shared<test::temp_dir>();
  return [dir](boost::asio::any_io_executor executor, store_limits limits) -> std::shared_ptr<session_store> {
    return sqlite::open(std::move(executor), dir->file("sessions.db"), {.limits = limits});
  };
}

const contract_subject memory_subject{
    .name = "memory", .fresh = fresh_memory, .has_schema = false, .several_handles = false};
const contract_subject sqlite_subject{.name = "sqlite", .fresh = fresh_sqlite};

INSTANTIATE_TEST_SUITE_P(Memory, StoreContract, ::testing::Values(memory_subject));
INSTANTIATE_TEST_SUITE_P(Memory, StoreClaimsContract, ::testing::Values(memory_subject));
INSTANTIATE_TEST_SUITE_P(Memory, StoreMessagesContract, ::testing::Values(memory_subject));
INSTANTIATE_TEST_SUITE_P(Sqlite, StoreContract, ::testing::Values(sqlite_subject));
INSTANTIATE_TEST_SUITE_P(Sqlite, StoreClaimsContract, ::testing::Values(sqlite_subject));
INSTANTIATE_TEST_SUITE_P(Sqlite, StoreMessagesContract, ::testing::Values(sqlite_subject));

}  // namespace
}  // namespace atto::testing
