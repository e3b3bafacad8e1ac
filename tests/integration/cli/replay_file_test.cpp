#include "integration/cli/command.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace atto::test {
namespace {

using testing::HasSubstr;

struct broken_file {
  std::string text;
  std::string error;
};

TEST(CliReplayFile, ABrokenLineIsNamedAndNothingIsWritten) {
  const std::string good = R"({"session_id":"a","messages":[{"role":"user","content":"hi"}]})"
                           "\n";
  const std::vector<broken_file> files{{good + "{\"session_id\":\"b\",\"messages\":[}\n", "invalid_document"},
                                       {good + "\n\n[]\n", "line 4"},
                                       {good + "{\"messages\":[]}\n", "session_id"},
                                       {good + "{\"session_id\":7,\"messages\":[]}\n", "session_id"},
                                       {good + "{\"session_id\":\"\",\"messages\":[]}\n", "invalid_session_id"},
                                       {good + "{\"session_id\":\"\\u0000\",\"messages\":[]}\n", "invalid_session_id"},
                                       {good + "{\"session_id\":\"\\ud800\",\"messages\":[]}\n", "invalid_session_id"},
                                       {good + "{\"session_id\":\"b\",\"messages\":{}}\n", "messages"},
                                       {good + "{\"session_id\":\"b\"}\n", "messages"},
                                       {good + "\xFF\n", "invalid_document"},
                                       {good + good, "line 1"}};
  for (const broken_file& b : files) {
    SCOPED_TRACE(b.text);
    const sqlite_fixture f;
    write_file(f.file("broken.jsonl"), b.text);
    const outcome o = f.run({"replay", f.file("broken.jsonl")});
    EXPECT_EQ(o.status, 1);
    EXPECT_THAT(o.err, testing::ContainsRegex("broken.jsonl, line [24]"));
    EXPECT_THAT(o.err, HasSubstr(b.error));
    EXPECT_THAT(o.err, HasSubstr("nothing was written"));
    EXPECT_EQ(count_lines(o.err), 1U) << o.err;
    EXPECT_EQ(f.run({"list", "--json"}).out, "");
  }
}

TEST(CliReplayFile, ABrokenLineTellsTheByteInTheLine) {
  const outcome o = run_atto(on("memory:", {"replay", "-"}), "\n{\"session_id\": nope}\n");
  EXPECT_THAT(o.err, HasSubstr("stdin, line 2"));
  EXPECT_THAT(o.err, testing::ContainsRegex("byte 1[5-6]"));
}

TEST(CliReplayFile, AnEmptyFileAndEmptyConversationsAreFine) {
  EXPECT_EQ(run_atto(on("memory:", {"replay", "-"}), "").status, 0);
  EXPECT_EQ(run_atto(on("memory:", {"replay", "-"}), R"({"session_id":"a","messages":[]})").status, 0);
}

}  // namespace
}  // namespace atto::test
