#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace atto::test {

/// A name no other test of any process has: `prefix`, the process and a count. Letters, digits and `_` only are added.
[[nodiscard]] std::string unique_name(std::string_view prefix);

/// An empty directory of this test's own, removed with all it holds at the end.
class temp_dir {
 public:
  temp_dir();
  temp_dir(const temp_dir&) = delete;
  temp_dir& operator=(const temp_dir&) = delete;
  ~temp_dir();

  [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }
  /// The path of `name` in it, for functions that take a string.
  [[nodiscard]] std::string file(std::string_view name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

}  // namespace atto::test
