#include "support/test_data.hpp"

#include <cstdlib>

namespace atto::test {

std::filesystem::path source_dir() {
  return ATTO_TEST_SOURCE_DIR;
}

std::optional<std::filesystem::path> large_data(std::string_view name) {
  const char* dir = std::getenv("ATTO_DATA_DIR");
  if (dir == nullptr || *dir == '\0') return std::nullopt;
  auto file = std::filesystem::path(dir) / name;
  if (!std::filesystem::exists(file)) return std::nullopt;
  return file;
}

}  // namespace atto::test
