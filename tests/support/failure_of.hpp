#pragma once

#include <atto/diagnostics.hpp>

#include <utility>

namespace atto::test {

/// How a blocking operation failed.
struct failure_of {
  template <class Operation>
  explicit failure_of(Operation&& operation) {
    try {
      std::forward<Operation>(operation)();
    } catch (const error_with_diagnostics& e) {
      code = e.code();
      diag = e.get_diagnostics();
    }
  }

  error_code code;  // success when nothing was thrown
  diagnostics diag;
};

}  // namespace atto::test
