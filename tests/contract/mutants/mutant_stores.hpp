#pragma once

#include <atto/session_store.hpp>

#include <memory>
#include <string_view>
#include <vector>

namespace atto::test {

/// A store that breaks one rule of the contract on purpose, and the rule of the suite that must notice.
struct mutant {
  std::string_view name;
  std::string_view rule;
  std::shared_ptr<session_store> (*make)(std::shared_ptr<session_store> correct);
};

[[nodiscard]] const std::vector<mutant>& mutants();

}  // namespace atto::test
