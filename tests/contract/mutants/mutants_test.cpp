// A suite that cannot fail proves nothing: every mutant must be caught by the rule it breaks.

#include "contract/mutants/mutant_stores.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <sys/wait.h>

#include <array>
#include <cstddef>
#include <cstdio>
#include <ostream>
#include <string>
#include <vector>

namespace atto::test {
namespace {

using ::testing::HasSubstr;

/// What the program of the mutants printed, and its exit status.
struct run_result {
  int status = -1;
  std::string output;
};

run_result run_rule(const std::string& filter) {
  // How this process came to run its share of the tests is not for that one.
  const std::string command = fmt::format(
      "env -u GTEST_TOTAL_SHARDS -u GTEST_SHARD_INDEX '{}' --gtest_brief=0 --gtest_color=no --gtest_filter='{}' 2>&1",
      ATTO_MUTANTS_PATH, filter);
  run_result result;
  FILE* child = ::popen(command.c_str(), "r");
  if (child == nullptr) return result;
  std::array<char, 4096> buffer{};
  while (const std::size_t n = std::fread(buffer.data(), 1, buffer.size(), child))
    result.output.append(buffer.data(), n);
  const int status = ::pclose(child);
  if (WIFEXITED(status)) result.status = WEXITSTATUS(status);
  return result;
}

struct indexed_mutant {
  std::size_t index = 0;
  mutant m;
};

void PrintTo(const indexed_mutant& m, std::ostream* out) {
  *out << m.m.name;
}

std::vector<indexed_mutant> indexed_mutants() {
  std::vector<indexed_mutant> all;
  for (const auto& m : mutants()) all.push_back({all.size(), m});
  return all;
}

class Mutants : public ::testing::TestWithParam<indexed_mutant> {};

TEST_P(Mutants, IsCaughtByTheRuleItBreaks) {
  const auto& [index, m] = GetParam();
  const auto broken = run_rule(fmt::format("Mutants/Store*Contract.{}/{}", m.rule, index));
  EXPECT_EQ(broken.status, 1) << broken.output;
  EXPECT_THAT(broken.output, HasSubstr("1 FAILED TEST"));
}

TEST_P(Mutants, TheSameRulePassesWithoutTheMutation) {
  const auto correct = run_rule(fmt::format("Control/Store*Contract.{}/0", GetParam().m.rule));
  EXPECT_EQ(correct.status, 0) << correct.output;
  EXPECT_THAT(correct.output, HasSubstr("[  PASSED  ] 1 test"));
}

INSTANTIATE_TEST_SUITE_P(Contract, Mutants, ::testing::ValuesIn(indexed_mutants()));

}  // namespace
}  // namespace atto::test
