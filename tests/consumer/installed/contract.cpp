#include <atto/memory_store.hpp>
#include <atto/testing/store_contract.hpp>

#include <memory>
#include <utility>

namespace {

using namespace atto::testing;

const contract_subject store_of_ours{.name = "store_of_ours",
                                     .fresh =
                                         [] {
                                           return
                                               [](boost::asio::any_io_executor executor,
                                                  atto::store_limits limits) -> std::shared_ptr<atto::session_store> {
                                                 return atto::memory::open(std::move(executor), limits);
                                               };
                                         },
                                     .has_schema = false,
                                     .several_handles = false};

INSTANTIATE_TEST_SUITE_P(Ours, StoreContract, ::testing::Values(store_of_ours));
INSTANTIATE_TEST_SUITE_P(Ours, StoreClaimsContract, ::testing::Values(store_of_ours));
INSTANTIATE_TEST_SUITE_P(Ours, StoreMessagesContract, ::testing::Values(store_of_ours));

}  // namespace
