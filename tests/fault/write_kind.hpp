#pragma once

#include <gtest/gtest.h>

#include <string>

namespace atto::test {

/// The two ways to write, as a parameter of tests that hold for both.
enum class write_kind { save, append };

inline const auto write_kinds = testing::Values(write_kind::save, write_kind::append);

inline std::string name_of(const testing::TestParamInfo<write_kind>& tested) {
  return tested.param == write_kind::save ? "Save" : "Append";
}

}  // namespace atto::test
