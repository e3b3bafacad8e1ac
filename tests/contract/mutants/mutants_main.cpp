// The suite, run on stores that break it. Its tests are to fail, so CTest never runs this program by itself: the tests
// in mutants_test.cpp do.

#include <atto/memory_store.hpp>
#include <atto/testing/store_contract.hpp>

#include "contract/mutants/mutant_stores.hpp"
#include "support/store_decorator.hpp"

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace atto::testing {
namespace {

template <class Wrap>
contract_subject wrapped_memory(std::string name, Wrap wrap) {
  return {std::move(name),
          [wrap] {
            return
                [wrap](boost::asio::any_io_executor executor, store_limits limits) -> std::shared_ptr<session_store> {
                  return wrap(std::shared_ptr<session_store>(memory::open(std::move(executor), limits)));
                };
          },
          false, false};
}

std::vector<contract_subject> mutant_subjects() {
  std::vector<contract_subject> all;
  for (const auto& m : test::mutants()) all.push_back(wrapped_memory(std::string(m.name), m.make));
  return all;
}

std::shared_ptr<session_store> unchanged(std::shared_ptr<session_store> store) {
  return std::make_shared<test::store_decorator>(std::move(store));
}

INSTANTIATE_TEST_SUITE_P(Mutants, StoreContract, ::testing::ValuesIn(mutant_subjects()));
INSTANTIATE_TEST_SUITE_P(Mutants, StoreClaimsContract, ::testing::ValuesIn(mutant_subjects()));
INSTANTIATE_TEST_SUITE_P(Mutants, StoreMessagesContract, ::testing::ValuesIn(mutant_subjects()));

INSTANTIATE_TEST_SUITE_P(Control, StoreContract, ::testing::Values(wrapped_memory("control", unchanged)));
INSTANTIATE_TEST_SUITE_P(Control, StoreClaimsContract, ::testing::Values(wrapped_memory("control", unchanged)));
INSTANTIATE_TEST_SUITE_P(Control, StoreMessagesContract, ::testing::Values(wrapped_memory("control", unchanged)));

}  // namespace
}  // namespace atto::testing
