#include "fuzz/targets.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <ostream>
#include <string>
#include <vector>

namespace atto::fuzz {

static void PrintTo(const target& t, std::ostream* out) {
  *out << t.name;
}

namespace {

/// The files of both folders of a target, sorted.
std::vector<std::filesystem::path> files_of(const target& t) {
  std::vector<std::filesystem::path> files;
  for (const char* folder : {"corpus", "crashes"}) {
    const auto path = std::filesystem::path(ATTO_FUZZ_FOLDER) / folder / t.name;
    if (!std::filesystem::exists(path)) continue;
    std::copy(std::filesystem::directory_iterator(path), {}, std::back_inserter(files));
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::string bytes_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

class FuzzCorpus : public testing::TestWithParam<target> {};

TEST_P(FuzzCorpus, EverySeedAndEveryOldCrashPasses) {
  const auto files = files_of(GetParam());
  EXPECT_FALSE(files.empty());
  for (const auto& file : files) {
    const std::string bytes = bytes_of(file);
    // With the bytes: a file that a fuzzer has just left may be gone by the time someone reads this.
    SCOPED_TRACE(file.filename().string() + ": " + testing::PrintToString(bytes));
    EXPECT_NO_THROW(GetParam().run(bytes));
  }
}

/// A little of what the fuzzers do, for builds without them: each file with one bit turned, and cut.
TEST_P(FuzzCorpus, EverySeedPassesWhenItIsDamaged) {
  for (const auto& file : files_of(GetParam())) {
    const std::string whole = bytes_of(file);
    const std::size_t step = whole.size() / 16 + 1;
    for (std::size_t at = 0; at < whole.size(); at += step) {
      SCOPED_TRACE(file.filename().string() + ", byte " + std::to_string(at));
      std::string turned = whole;
      turned[at] = static_cast<char>(turned[at] ^ (1 << (at % 8)));
      EXPECT_NO_THROW(GetParam().run(turned));
      EXPECT_NO_THROW(GetParam().run(whole.substr(0, at)));
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Fuzz, FuzzCorpus, testing::ValuesIn(targets),
                         [](const auto& param) { return std::string(param.param.name); });

}  // namespace
}  // namespace atto::fuzz
