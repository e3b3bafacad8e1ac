#pragma once

#include <atto/session_store.hpp>

#include <memory>
#include <string_view>
#include <vector>

namespace atto::test {

/// A way to answer callers that race, right or wrong, made of a correct store in memory.
struct racing_store {
  std::string_view name;
  std::shared_ptr<session_store> (*make)(std::shared_ptr<session_store> correct, unsigned seed);
  /// A control: right also where sessions are removed and begin again.
  bool right_among_removes = false;
};

/// Stores and clients with one mistake each. No single operation shows it, only what others were told does.
[[nodiscard]] const std::vector<racing_store>& racing_mutants();

/// The same constructions without the mistake.
[[nodiscard]] const std::vector<racing_store>& racing_controls();

}  // namespace atto::test
