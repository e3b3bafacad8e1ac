#include "integration/cli/command.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace atto::test {
namespace {

using testing::HasSubstr;

class CliList : public testing::Test {
 protected:
  void put(const std::string& id) {
    ASSERT_EQ(f_.run({"put", id}, R"({"version":2,"state":{},"history":[1,2,3]})").status, 0);
  }
  /// The ids, in the order in which they are listed.
  std::vector<std::string> ids(const std::vector<std::string>& options) {
    std::vector<std::string> arguments{"list", "--json"};
    arguments.insert(arguments.end(), options.begin(), options.end());
    std::vector<std::string> all;
    const std::string out = f_.run(arguments).out;
    const std::string lead = "{\"session_id\":\"";
    for (std::size_t at = out.find(lead); at != std::string::npos; at = out.find(lead, at + 1)) {
      all.push_back(out.substr(at + lead.size(), out.find('"', at + lead.size()) - at - lead.size()));
    }
    return all;
  }

  sqlite_fixture f_;
};

TEST_F(CliList, ShowsVersionEventsAndTime) {
  put("a");
  EXPECT_THAT(f_.run({"list"}).out, testing::ContainsRegex("2 +3 +20[0-9-]+ [0-9:]+Z  a\n"));
  EXPECT_THAT(f_.run({"list", "--json"}).out,
              testing::MatchesRegex("\\{\"session_id\":\"a\",\"version\":2,\"events\":3,\"created\":\"20[^\"]+Z\","
                                    "\"updated\":\"20[^\"]+Z\"\\}\n"));
}

TEST_F(CliList, PagesWithLimitAndAfter) {
  for (const char* id : {"c", "a", "b"}) put(id);
  EXPECT_EQ(ids({}), (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_EQ(ids({"--limit", "2"}), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(ids({"--limit", "2", "--after", "b"}), (std::vector<std::string>{"c"}));
  EXPECT_THAT(f_.run({"list", "--limit", "2"}).err, HasSubstr("--after 'b'"));
  EXPECT_EQ(f_.run({"list", "--limit", "3"}).err, "");
}

TEST_F(CliList, TheHintCanBeGivenToAShell) {
  for (const char* id : {"-b", "it's", "j\x1b", "z"}) {
    ASSERT_EQ(f_.run({"put", "--", id}, R"({"version":2,"state":{},"history":[]})").status, 0);
  }
  EXPECT_THAT(f_.run({"list", "--limit", "1"}).err, HasSubstr("--after='-b'\n"));
  EXPECT_THAT(f_.run({"list", "--limit", "2"}).err, HasSubstr(R"(--after 'it'\''s')"
                                                              "\n"));
  const std::string hint = f_.run({"list", "--limit", "3"}).err;
  EXPECT_THAT(hint, HasSubstr("--json"));
  EXPECT_THAT(hint, testing::Not(HasSubstr("'")));
}

TEST_F(CliList, APrefixHasNoWildcards) {
  for (const char* id : {"a_1", "ab1", "a%1"}) put(id);
  EXPECT_EQ(ids({"--prefix", "a_"}), (std::vector<std::string>{"a_1"}));
  EXPECT_EQ(ids({"--prefix", "a%"}), (std::vector<std::string>{"a%1"}));
  EXPECT_EQ(ids({"--prefix", "x"}), (std::vector<std::string>{}));
}

TEST_F(CliList, WithoutALimitAllPagesAreListed) {
  const std::string file = f_.file("many.jsonl");
  write_file(file, made_up_conversations(205, 1));
  ASSERT_EQ(f_.run({"replay", file, "--writers", "64"}).status, 0);
  EXPECT_EQ(ids({}).size(), 205U);
  EXPECT_EQ(ids({"--limit", "203"}).size(), 203U);
}

}  // namespace
}  // namespace atto::test
