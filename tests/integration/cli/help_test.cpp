#include "integration/cli/command.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

namespace atto::test {
namespace {

using testing::HasSubstr;

const std::vector<std::string> commands{"init", "put", "get", "show", "list", "rm", "copy", "replay", "bench"};

TEST(CliHelp, FitsAScreenAndNamesEveryCommand) {
  const outcome help = run_atto({"--help"});
  EXPECT_EQ(help.status, 0);
  EXPECT_LE(count_lines(help.out), 24U);
  std::istringstream lines(help.out);
  for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 80U) << line;
  for (const std::string& command : commands) EXPECT_THAT(help.out, HasSubstr("\n  " + command + " "));
}

TEST(CliHelp, EveryCommandHasAPageOfItsOwn) {
  for (const std::string& command : commands) {
    const outcome help = run_atto({command, "--help"});
    EXPECT_EQ(help.status, 0) << command;
    EXPECT_THAT(help.out, HasSubstr("Usage: atto " + command));
    EXPECT_EQ(help.err, "");
  }
}

TEST(CliHelp, CopySaysWhatItDoesToTheTarget) {
  const std::string page = run_atto({"copy", "--help"}).out;
  EXPECT_THAT(page, HasSubstr("tables are made"));
  EXPECT_THAT(page, HasSubstr("same version"));
  EXPECT_THAT(page, HasSubstr("different"));
  EXPECT_THAT(run_atto({"--help"}).out, HasSubstr("130"));
}

TEST(CliHelp, VersionIsOneLine) {
  const outcome version = run_atto({"--version"});
  EXPECT_EQ(version.status, 0);
  EXPECT_THAT(version.out, testing::MatchesRegex("atto [0-9]+\\.[0-9]+\\.[0-9]+\n"));
}

}  // namespace
}  // namespace atto::test
