#include "fault/sweep.hpp"
#include "fuzz/targets.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace atto {
namespace {

using test::failing_new;

std::string bytes_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

class AllocationOfRooms : public testing::TestWithParam<failing_new::how> {
 protected:
  /// The seeds of a fuzzer are scripts for the pure rooms, which it checks at every step.
  void sweep(const std::string& target, void (*run)(std::string_view)) {
    const auto folder = std::filesystem::path(ATTO_FUZZ_FOLDER) / "corpus" / target;
    for (const auto& file : std::filesystem::directory_iterator(folder)) {
      SCOPED_TRACE(file.path().filename());
      const std::string input = bytes_of(file.path());
      run(input);  // what is made once is made now
      EXPECT_NO_THROW(test::sweep_allocations(GetParam(), [&] { run(input); }));
    }
  }
};

INSTANTIATE_TEST_SUITE_P(Modes, AllocationOfRooms,
                         testing::Values(failing_new::how::once, failing_new::how::from_then_on));

TEST_P(AllocationOfRooms, MayFailInEveryDecisionOfBacklogAndPipeline) {
  sweep("pipeline_machine", fuzz::pipeline_machine);
}

TEST_P(AllocationOfRooms, MayFailInEveryRoundOfAnExchange) {
  sweep("reply_decoding", fuzz::reply_decoding);
}

TEST_P(AllocationOfRooms, MayFailWhileAConnectionStringIsTakenApart) {
  sweep("connection_string", fuzz::connection_string);
}

}  // namespace
}  // namespace atto
