#pragma once

#include "support/failure_of.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace atto::test {

/// Stands in passwords, documents and session ids of the fault tests, and must stand in no error.
inline const std::string canary = "canary-4c1d";

/// How an operation failed, which must not show the canary.
template <class Operation>
failure_of discreet_failure_of(Operation&& operation) {
  failure_of f(std::forward<Operation>(operation));
  const std::string words = f.diag.message() + f.diag.server_message() + error_with_diagnostics(f.code, f.diag).what();
  EXPECT_EQ(words.find(canary), std::string::npos) << words;
  return f;
}

}  // namespace atto::test
