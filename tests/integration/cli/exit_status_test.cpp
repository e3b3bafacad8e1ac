#include "integration/cli/command.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sys/wait.h>

namespace atto::test {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

const std::string one_event = R"({"version":1,"state":{},"history":["first"]})";

void expect_one_line(const outcome& o, int status, const std::string& start) {
  EXPECT_EQ(o.status, status) << o.err;
  EXPECT_THAT(o.err, StartsWith("atto: " + start));
  EXPECT_EQ(count_lines(o.err), 1U) << o.err;
  EXPECT_EQ(o.out, "");
}

TEST(CliExitStatus, DoneIs0) {
  const sqlite_fixture f;
  EXPECT_EQ(f.run({"put", "a"}, one_event).status, 0);
  EXPECT_EQ(f.run({"init"}).status, 0) << "init can be repeated";
}

TEST(CliExitStatus, FailedIs1AndMissingTablesNameAttoInit) {
  const temp_dir dir;
  const outcome o = run_atto(on("sqlite:" + dir.file("none.db"), {"get", "a"}));
  expect_one_line(o, 1, "schema_missing: ");
  EXPECT_THAT(o.err, HasSubstr("atto init"));
  EXPECT_FALSE(std::filesystem::exists(dir.file("none.db")));
}

TEST(CliExitStatus, AFileThatIsNotADatabaseFailsAndIsUntouched) {
  const temp_dir dir;
  const std::string letter(5000, 'x');
  write_file(dir.file("letter.txt"), letter);
  for (const std::string command : {"init", "list"}) {
    expect_one_line(run_atto(on("sqlite:" + dir.file("letter.txt"), {command})), 1, "schema_mismatch: ");
    EXPECT_EQ(read_file(dir.file("letter.txt")), letter);
  }
}

TEST(CliExitStatus, BadSessionIdsFail) {
  const sqlite_fixture f;
  for (const std::string& id : {std::string(), std::string(513, 'x'), std::string("\xFF")}) {
    expect_one_line(f.run({"get", id}), 1, "invalid_session_id: ");
  }
}

TEST(CliExitStatus, AStoreThatCannotBeIsBlamedOnWhatNamedIt) {
  expect_one_line(run_atto(on("nowhere", {"list"})), 2, "usage: --store: ");
  for (const std::string command : {"list", "rm", "init"}) {
    const std::vector<std::string> arguments =
        command == "rm" ? std::vector<std::string>{command, "--older-than", "1d"} : std::vector<std::string>{command};
    expect_one_line(process(arguments, "", "nowhere").wait(), 2, "usage: ATTO_STORE: ");
  }
  expect_one_line(process(on("nowhere", {"list"}), "", "memory:").wait(), 2, "usage: --store: ");
  expect_one_line(process({"--store=nowhere", "list"}, "", "memory:").wait(), 2, "usage: --store: ");
}

TEST(CliExitStatus, UsageIs2) {
  const sqlite_fixture f;
  const std::vector<std::vector<std::string>> wrong{{},
                                                    {"got", "a"},
                                                    {"get"},
                                                    {"get", "a", "b"},
                                                    {"get", "a", "--last", "some"},
                                                    {"get", "a", "--last", "-1"},
                                                    {"show", "a", "--last=-1"},
                                                    {"put", "a", "--base", "-1"},
                                                    {"put", "a", "--base", "9223372036854775808"},
                                                    {"rm", "a", "--base", "99999999999999999999"},
                                                    {"rm", "a", "--base", "0"},
                                                    {"rm", "a", "--base", "1x"},
                                                    {"get", "a", "--frist"},
                                                    {"list", "--limit", "0"},
                                                    {"rm"},
                                                    {"rm", "a", "--older-than", "30d"},
                                                    {"rm", "--older-than", "30"},
                                                    {"rm", "--older-than", ""},
                                                    {"rm", "--older-than", "-1d"},
                                                    {"rm", "a", "--prefix", "b"},
                                                    {"replay", sample_file(), "--shard", "3/2"},
                                                    {"replay", sample_file(), "--shard", "0/2"},
                                                    {"replay", sample_file(), "--mode", "some"},
                                                    {"replay", sample_file(), "--writers", "0"},
                                                    {"replay", sample_file(), "--writers", "10001"},
                                                    {"replay", sample_file(), "--pause", ""},
                                                    {"list", "--timeout", ""},
                                                    {"list", "--timeout="},
                                                    {"list", "--timeout", "0s"},
                                                    {"list", "--timeout", "soon"}};
  for (const auto& arguments : wrong) {
    SCOPED_TRACE(testing::PrintToString(arguments));
    expect_one_line(f.run(arguments), 2, "usage: ");
  }
}

TEST(CliExitStatus, UsageErrorsNameWhatIsWrong) {
  const sqlite_fixture f;
  expect_one_line(f.run({"lst"}), 2, "usage: no command \"lst\"; see atto --help\n");
  expect_one_line(f.run({"lst", "--json"}), 2, "usage: no command \"lst\"; see atto --help\n");
  expect_one_line(f.run({"l\x1b\ns"}), 2, "usage: no command \"l\\x1b\\x0as\"; see atto --help\n");
  expect_one_line(f.run({"u:CANARY@host"}), 2, "usage: no command of that name; see atto --help\n");
  expect_one_line(f.run({"list", "--timeout", "0s"}), 2, "usage: --timeout takes ");
  expect_one_line(f.run({"list", "--timeout", ""}), 2, "usage: --timeout takes ");
  expect_one_line(f.run({"put", "a", "--base", "5"}, one_event), 2, "usage: --base 5: ");
}

TEST(CliExitStatus, ConcurrentWriteIs3AndTellsBothVersions) {
  const sqlite_fixture f;
  ASSERT_EQ(f.run({"put", "a"}, one_event).status, 0);
  expect_one_line(f.run({"put", "a"}, one_event), 3, "concurrent_write: ");
  expect_one_line(f.run({"put", "a", "--base", "7"}, R"({"version":8,"state":{},"history":[]})"), 3,
                  "concurrent_write: ");
  expect_one_line(f.run({"rm", "a", "--base", "7"}), 3, "concurrent_write: ");
}

TEST(CliExitStatus, NoSuchSessionIs4) {
  const sqlite_fixture f;
  expect_one_line(f.run({"get", "nobody"}), 4, "no_such_session: nobody");
  expect_one_line(f.run({"show", "nobody"}), 4, "no_such_session: nobody");
  expect_one_line(f.run({"rm", "nobody"}), 4, "no_such_session: nobody");
}

TEST(CliExitStatus, AFullDiskUnderStdoutFails) {
  if (!std::filesystem::exists("/dev/full")) GTEST_SKIP() << "no /dev/full";
  const sqlite_fixture f;
  ASSERT_EQ(f.run({"put", "a"}, one_event).status, 0);
  const std::string command = std::string(ATTO_CLI) + " --store " + f.store() + " get a > /dev/full 2> " + f.file("e");
  EXPECT_NE(std::system(command.c_str()), 0);
  EXPECT_THAT(read_file(f.file("e")), StartsWith("atto: output_failed: "));
}

TEST(CliExitStatus, AFullDiskUnderTheHelpFails) {
  if (!std::filesystem::exists("/dev/full")) GTEST_SKIP() << "no /dev/full";
  const temp_dir dir;
  for (const std::string words : {"--help", "--version", "list --help"}) {
    const std::string command = std::string(ATTO_CLI) + " " + words + " > /dev/full 2> " + dir.file("e");
    const int status = std::system(command.c_str());
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 1) << words;
    EXPECT_THAT(read_file(dir.file("e")), StartsWith("atto: output_failed: ")) << words;
  }
}

TEST(CliExitStatus, TheEnvironmentNamesTheStore) {
  const sqlite_fixture f;
  ASSERT_EQ(f.run({"put", "a"}, one_event).status, 0);
  process p({"get", "a"}, "", f.store());
  EXPECT_EQ(p.wait().status, 0);
}

}  // namespace
}  // namespace atto::test
