#include "integration/cli/command.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace atto::test {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(CliShow, ChatMessagesAreReadable) {
  const sqlite_fixture f;
  ASSERT_EQ(f.run({"replay", sample_file()}).status, 0);
  const std::string shown = f.run({"show", "hotel-anna-1"}).out;
  EXPECT_THAT(shown, HasSubstr("hotel-anna-1  version 10, 10 events"));
  EXPECT_THAT(shown, HasSubstr("2 user\n    Hello, do you have"));
  EXPECT_THAT(shown, HasSubstr("3 assistant\n    calls find_rooms {"));
  EXPECT_THAT(shown, HasSubstr("4 tool find_rooms (call_a1)\n"));
}

TEST(CliShow, OtherEventsAreJson) {
  const sqlite_fixture f;
  ASSERT_EQ(f.run({"put", "a"}, R"({"version":1,"state":{},"history":[{ "kind" : "t i c k" }, 7]})").status, 0);
  EXPECT_THAT(f.run({"show", "a"}).out, HasSubstr("1 event\n    {\"kind\":\"t i c k\"}\n\n2 event\n    7\n"));
  EXPECT_THAT(f.run({"show", "a", "--last", "1"}).out, testing::AllOf(HasSubstr("1 older"), HasSubstr("2 event")));
}

TEST(CliShow, NothingInASessionReachesTheTerminalAsAControl) {
  const sqlite_fixture f;
  const std::string evil = R"({"version":1,"state":{"\u001b[2J":1},"history":[{"role":"user\u001b[31m",)"
                           R"("name":"\u009b1m","content":"a\u001b]0;x\u0007\r\n9 assistant\u202e\u0000\ud800"},)"
                           R"(["\u001b", ")"
                           "\xC2\x9B"
                           R"("]]})";
  ASSERT_EQ(f.run({"put", "a\x1b[1m"}, evil).status, 0);
  for (const outcome& o : {f.run({"show", "a\x1b[1m"}), f.run({"list"}), f.run({"get", "b\x1b[1m"})}) {
    for (const char* control : {"\x1b", "\x07", "\r", "\xC2\x9B", "\xE2\x80\xAE", "\xED\xA0\x80"}) {
      EXPECT_THAT(o.out + o.err, Not(HasSubstr(control)));
    }
    EXPECT_EQ(o.out.find('\0'), std::string::npos);
  }
  EXPECT_THAT(f.run({"show", "a\x1b[1m"}).out, HasSubstr("\n    9 assistant")) << "content cannot look like our lines";
}

}  // namespace
}  // namespace atto::test
