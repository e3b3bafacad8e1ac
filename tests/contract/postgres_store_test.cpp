#include <atto/postgres_store.hpp>
#include <atto/testing/store_contract.hpp>

#include "support/test_postgres.hpp"

#include <memory>
#include <stdexcept>
#include <utility>

namespace atto::testing {
namespace {

using test::test_postgres;

/// A table of the test's own; every handle has a pool of its own.
open_function fresh_table() {
  if (!test_postgres::available()) {
    if (test_postgres::required()) throw std::runtime_error(test_postgres::missing_message());
    throw not_available(test_postgres::missing_message());
  }
  auto table = std::make_shared<test::test_table>("contract");
  return [table](boost::asio::any_io_executor executor, store_limits limits) -> std::shared_ptr<session_store> {
    return postgres::open(std::move(executor), test_postgres::dsn(), {.table = table->name(), .limits = limits},
                          {.size = 2});
  };
}

const contract_subject postgres_subject{.name = "postgres", .fresh = fresh_table};

INSTANTIATE_TEST_SUITE_P(Postgres, StoreContract, ::testing::Values(postgres_subject));
INSTANTIATE_TEST_SUITE_P(Postgres, StoreClaimsContract, ::testing::Values(postgres_subject));
INSTANTIATE_TEST_SUITE_P(Postgres, StoreMessagesContract, ::testing::Values(postgres_subject));

}  // namespace
}  // namespace atto::testing
