#include "integration/cli/command.hpp"

#include <atto/json.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace atto::test {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

TEST(CliPutGet, EveryDigitAndEscapeComesBack) {
  const sqlite_fixture f;
  const std::string snap = R"({"version":7,"state":{"":1e998,"n":-0.10,"k\u0000y":90071992547409931234},)"
                           R"("history":[{"text":"\u0000 \ud800 é"},[],12345678901234567890.000000000000000001,null]})";
  ASSERT_EQ(f.run({"put", "a", "-"}, snap).status, 0);
  const outcome got = f.run({"get", "a"});
  ASSERT_EQ(got.status, 0) << got.err;
  EXPECT_EQ(json(got.out), json(snap));
  EXPECT_THAT(got.out, HasSubstr("12345678901234567890.000000000000000001"));
  EXPECT_EQ(count_lines(got.out), 1U);
}

TEST(CliPutGet, WhatGetPrintsCanBePutElsewhere) {
  const sqlite_fixture a;
  const sqlite_fixture b;
  ASSERT_EQ(a.run({"put", "s"}, R"({"version":3,"state":{"x":1},"history":[1,2,3]})").status, 0);
  const std::string text = a.run({"get", "s"}).out;
  write_file(b.file("s.json"), text);
  ASSERT_EQ(b.run({"put", "s", b.file("s.json")}).status, 0);
  EXPECT_EQ(b.run({"get", "s"}).out, text);
}

TEST(CliPutGet, ABoundedGetSaysWhatIsLeftOutAndCannotBePut) {
  const sqlite_fixture f;
  ASSERT_EQ(f.run({"put", "a"}, R"({"version":3,"state":{},"history":[1,2,3]})").status, 0);
  const outcome got = f.run({"get", "a", "--last", "1"});
  EXPECT_EQ(json(got.out), json(R"({"version":3,"events_before":2,"state":{},"history":[3]})"));
  const outcome put = f.run({"put", "b"}, got.out);
  EXPECT_EQ(put.status, 1);
  EXPECT_THAT(put.err, StartsWith("atto: invalid_argument: "));
}

TEST(CliPutGet, BaseGuardsTheWrite) {
  const sqlite_fixture f;
  EXPECT_EQ(f.run({"put", "a", "--base", "0"}, R"({"version":1,"state":{},"history":[]})").status, 0);
  EXPECT_EQ(f.run({"put", "a", "--base", "0"}, R"({"version":2,"state":{},"history":[]})").status, 3);
  const outcome put = f.run({"put", "a", "--base", "1", "--json"}, R"({"version":2,"state":{},"history":[]})");
  EXPECT_EQ(json(put.out), json(R"({"session_id":"a","version":2})"));
}

struct bad_document {
  std::string text;
  std::string error;
};

TEST(CliPutGet, BadDocumentsAreRefusedInOneLineAndNothingIsWritten) {
  const sqlite_fixture f;
  const std::vector<bad_document> bad{
      {"", "invalid_document"},
      {"[]", "invalid_document"},
      {R"({"version":1,"state":{},"history":[})", "invalid_document: stdin"},
      {R"({"version":1,"state":{}})", R"("history" is missing)"},
      {R"({"version":1,"state":[],"history":[]})", R"("state" must be an object)"},
      {R"({"version":1,"state":{},"history":{}})", R"("history" must be an array)"},
      {R"({"version":"1","state":{},"history":[]})", R"("version" must be a whole number)"},
      {R"({"version":1.5,"state":{},"history":[]})", R"("version" must be a whole number)"},
      {R"({"version":9223372036854775808,"state":{},"history":[]})", R"("version" must be a whole number)"},
      {R"({"version":1,"state":{},"history":[],"histroy":[]})", "unknown member"},
      {R"({"version":0,"state":{},"history":[]})", "invalid_argument"},
      {R"({"version":-1,"state":{},"history":[]})", "invalid_argument"},
      {"{\"version\":1,\"state\":{},\"history\":[\"\xFF\"]}", "invalid_document"},
      {R"({"version":1,"state":{},"history":[1e1000]})", "invalid_document"},
      {R"({"version":1,"state":{},"history":)" + std::string(1001, '[') + std::string(1001, ']') + "}",
       "invalid_document"}};
  for (const bad_document& b : bad) {
    SCOPED_TRACE(b.text.substr(0, 100));
    const outcome put = f.run({"put", "a"}, b.text);
    EXPECT_EQ(put.status, 1);
    EXPECT_THAT(put.err, HasSubstr(b.error));
    EXPECT_EQ(count_lines(put.err), 1U) << put.err;
  }
  EXPECT_EQ(f.run({"get", "a"}).status, 4);
}

TEST(CliPutGet, ABrokenDocumentTellsTheByte) {
  const sqlite_fixture f;
  const outcome put = f.run({"put", "a"}, R"({"version":1,"state":{},"history":[nul]})");
  EXPECT_THAT(put.err, testing::ContainsRegex("byte [0-9]+"));
}

TEST(CliPutGet, AByteOrderMarkIsNamed) {
  const sqlite_fixture f;
  const outcome put = f.run({"put", "a"}, "\xEF\xBB\xBF{\"version\":1,\"state\":{},\"history\":[]}");
  EXPECT_EQ(put.status, 1);
  EXPECT_THAT(put.err, StartsWith("atto: invalid_document: stdin, byte 0: remove the byte order mark"));
  const outcome replay = f.run({"replay", "-"}, "\n\xEF\xBB\xBF{\"session_id\":\"a\",\"messages\":[]}\n");
  EXPECT_EQ(replay.status, 1);
  EXPECT_THAT(replay.err, StartsWith("atto: invalid_document: stdin, line 2, byte 0: remove the byte order mark"));
}

TEST(CliPutGet, TheDeepestDocumentItTakesIsTheOneItsHelpNames) {
  const sqlite_fixture f;
  const auto nested = [](std::size_t levels) { return std::string(levels, '[') + std::string(levels, ']'); };
  const auto with_event = [&](std::size_t n) { return R"({"version":1,"state":{},"history":[)" + nested(n) + "]}"; };
  const auto with_value = [&](std::size_t n) {
    return R"({"version":1,"state":{"x":)" + nested(n) + R"(},"history":[]})";
  };
  EXPECT_THAT(run_atto({"put", "--help"}).out, HasSubstr("998 levels"));
  EXPECT_EQ(f.run({"put", "a"}, with_event(998)).status, 0);
  EXPECT_EQ(f.run({"put", "b"}, with_value(998)).status, 0);
  EXPECT_EQ(f.run({"get", "a"}).out, with_event(998) + "\n");
  EXPECT_EQ(f.run({"get", "b"}).out, with_value(998) + "\n");
  EXPECT_EQ(f.run({"put", "c"}, with_event(999)).status, 1);
  EXPECT_EQ(f.run({"put", "d"}, with_value(999)).status, 1);
}

TEST(CliPutGet, AMissingFileIsNamed) {
  const sqlite_fixture f;
  const outcome put = f.run({"put", "a", f.file("none.json")});
  EXPECT_EQ(put.status, 1);
  EXPECT_THAT(put.err, HasSubstr("none.json: No such file"));
}

TEST(CliPutGet, AMillionHugeNumbersAreTooLarge) {
  const sqlite_fixture f;
  std::string text = R"({"version":1,"state":{},"history":[1e998)";
  for (int i = 1; i < 1'000'000; ++i) text += ",1e998";
  const outcome put = f.run({"put", "a"}, text + "]}");
  EXPECT_EQ(put.status, 1);
  EXPECT_THAT(put.err, StartsWith("atto: too_large: "));
}

}  // namespace
}  // namespace atto::test
