// Both stores keep the contract: the kit says so.
#include <atto/memory_store.hpp>
#include <atto/testing/store_contract.hpp>

#include "counting_store.hpp"
#include "map_store.hpp"

using namespace atto::testing;

// Each opens a store anew, in this process alone: no schema, and no two handles on one storage.
const open_function plain = [](auto e, auto limits) { return std::make_shared<map_store>(e, limits); };
const open_function decorator = [](auto e, auto limits) {
  return std::make_shared<counting_store>(atto::memory::open(e, limits));
};
const contract_subject without_claims_and_ids{"map_store", [] { return plain; }, false, false, false, false};
const contract_subject with_both{"counting_store", [] { return decorator; }, false, false};

INSTANTIATE_TEST_SUITE_P(Plain, StoreContract, testing::Values(without_claims_and_ids));
INSTANTIATE_TEST_SUITE_P(Decorator, StoreContract, testing::Values(with_both));
INSTANTIATE_TEST_SUITE_P(Decorator, StoreClaimsContract, testing::Values(with_both));
INSTANTIATE_TEST_SUITE_P(Decorator, StoreMessagesContract, testing::Values(with_both));
