#include "support/temp_dir.hpp"

#include <fmt/format.h>

#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <system_error>

namespace atto::test {

std::string unique_name(std::string_view prefix) {
  static std::atomic<unsigned> count{0};
  return fmt::format("{}_{}_{}", prefix, ::getpid(), ++count);
}

temp_dir::temp_dir() {
  std::string pattern = (std::filesystem::temp_directory_path() / "atto_test_XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) throw std::system_error(errno, std::generic_category(), "mkdtemp");
  path_ = pattern;
}

temp_dir::~temp_dir() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace atto::test
