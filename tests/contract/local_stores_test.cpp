#include <atto/testing/store_contract.hpp>
