#include "support/test_data.hpp"

#include <cstdlib>

namespace atto::test {

std::filesystem::path source_dir() {
  return ATTO_TEST_SOURCE_DIR;
}

std::optional<std::filesystem::path> shared_data(std::string_view name) {
  const char* named = std::getenv("ATTO_TEST_DATA");
  const auto dir = named != nullptr ? std::filesystem::path(named) : source_dir() / ".." / "shared" / "data";
  auto file = dir / name;
  if (!std::filesystem::exists(file)) return std::nullopt;
  return file;
}

}  // namespace atto::test
