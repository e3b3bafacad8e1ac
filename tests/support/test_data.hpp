#pragma once

#include <filesystem>
#include <optional>
#include <string_view>

namespace atto::test {

/// The root of this source tree.
[[nodiscard]] std::filesystem::path source_dir();

/// A file of the data set in the directory that ATTO_DATA_DIR names (script/data-dir). Nothing when it is not there:
/// such a test is skipped with a message (see ATTO_SKIP_WITHOUT_DATA).
[[nodiscard]] std::optional<std::filesystem::path> large_data(std::string_view name);

}  // namespace atto::test

/// Skips the running test when the data file is absent. In a test's body or SetUp.
#define ATTO_SKIP_WITHOUT_DATA(name) \
  if (!::atto::test::large_data(name)) GTEST_SKIP() << "no data file " << (name) << "; set ATTO_DATA_DIR"
