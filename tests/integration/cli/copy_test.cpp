#include "integration/cli/command.hpp"
#include "integration/sqlite/raw_database.hpp"

#include <atto/json.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace atto::test {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

TEST(CliCopy, ThereAndBackEndsEqual) {
  const sqlite_fixture a;
  const temp_dir dir;
  const std::string b = "sqlite:" + dir.file("b.db");
  const std::string c = "sqlite:" + dir.file("c.db");
  ASSERT_EQ(a.run({"replay", sample_file()}).status, 0);
  EXPECT_EQ(json(run_atto({"copy", a.store(), b, "--json"}).out),
            json(R"({"copied":8,"skipped":0,"different":0,"failed":0})"));
  EXPECT_EQ(json(run_atto({"copy", b, c, "--json"}).out), json(R"({"copied":8,"skipped":0,"different":0,"failed":0})"));
  const outcome compared = run_atto(on(c, {"replay", sample_file(), "--json"}));
  EXPECT_EQ(compared.status, 0) << compared.err;
  EXPECT_EQ(number_in(compared.out, "turns"), 0);
  EXPECT_EQ(number_in(compared.out, "differences"), 0);
}

TEST(CliCopy, ARepeatedCopyTakesOnlyWhatIsMissingOrOlder) {
  const sqlite_fixture a;
  const sqlite_fixture b;
  ASSERT_EQ(a.run({"replay", sample_file()}).status, 0);
  ASSERT_EQ(run_atto({"copy", a.store(), b.store()}).status, 0);
  ASSERT_EQ(b.run({"rm", "hotel-ben-2"}).status, 0);
  ASSERT_EQ(a.run({"put", "hotel-anna-1"}, R"({"version":50,"state":{},"history":["newer"]})").status, 0);
  ASSERT_EQ(b.run({"put", "hotel-hana-8"}, R"({"version":60,"state":{},"history":["newer there"]})").status, 0);
  EXPECT_EQ(json(run_atto({"copy", a.store(), b.store(), "--json"}).out),
            json(R"({"copied":2,"skipped":6,"different":0,"failed":0})"));
  EXPECT_THAT(b.run({"get", "hotel-anna-1"}).out, HasSubstr(R"(["newer"])"));
  EXPECT_THAT(b.run({"get", "hotel-hana-8"}).out, HasSubstr(R"(["newer there"])"));
}

TEST(CliCopy, WhatDiffersAtTheSameVersionIsReportedAndLeftAlone) {
  const sqlite_fixture a;
  const sqlite_fixture b;
  for (const std::string id : {"alike", "rival", "young"}) {
    ASSERT_EQ(a.run({"put", id}, R"({"version":3,"state":{"n":100,"m":[]},"history":["here"]})").status, 0);
  }
  ASSERT_EQ(b.run({"put", "alike"}, R"({"version":3,"state":{"m":[],"n":1e2},"history":["\u0068ere"]})").status, 0);
  ASSERT_EQ(b.run({"put", "rival"}, R"({"version":3,"state":{"n":100,"m":[]},"history":["there"]})").status, 0);
  const outcome o = run_atto({"copy", a.store(), b.store(), "--json"});
  EXPECT_EQ(o.status, 1);
  EXPECT_EQ(json(o.out), json(R"({"copied":1,"skipped":1,"different":1,"failed":0})"));
  EXPECT_THAT(o.err, StartsWith("atto: different: rival: "));
  EXPECT_EQ(count_lines(o.err), 1U) << o.err;
  EXPECT_THAT(b.run({"get", "rival"}).out, HasSubstr(R"(["there"])"));
  EXPECT_THAT(run_atto({"copy", a.store(), b.store()}).out, HasSubstr("1 different at the same version"));
}

TEST(CliCopy, ASessionThatCannotBeReadIsPassedBy) {
  const sqlite_fixture a;
  const sqlite_fixture b;
  for (const std::string id : {"a", "b", "c", "d"}) {
    ASSERT_EQ(a.run({"put", id}, R"({"version":1,"state":{},"history":[1]})").status, 0);
  }
  ASSERT_EQ(b.run({"put", "d"}, R"({"version":1,"state":{},"history":[1]})").status, 0);
  raw_database(a.file("store.db")).run("UPDATE atto_sessions SET state = '{oh' WHERE session_id = 'b'");
  raw_database(b.file("store.db")).run("UPDATE atto_sessions SET state = '{oh' WHERE session_id = 'd'");
  const outcome o = run_atto({"copy", a.store(), b.store(), "--json"});
  EXPECT_EQ(o.status, 1);
  EXPECT_EQ(json(o.out), json(R"({"copied":2,"skipped":0,"different":0,"failed":2})"));
  EXPECT_THAT(o.err, HasSubstr("atto: storage_failure: b: "));
  EXPECT_THAT(o.err, HasSubstr("atto: storage_failure: d: "));
  EXPECT_EQ(count_lines(o.err), 2U) << o.err;
  EXPECT_THAT(o.err, Not(HasSubstr("goes on")));
}

TEST(CliCopy, AnErrorOfTheWholeStoreEndsItWithoutAFalsePromise) {
  const sqlite_fixture a;
  const sqlite_fixture b;
  ASSERT_EQ(a.run({"put", "a"}, R"({"version":1,"state":{},"history":[1]})").status, 0);
  raw_database(b.file("store.db"))
      .run("CREATE TRIGGER t BEFORE INSERT ON atto_sessions BEGIN SELECT RAISE(ABORT, 'no'); END");
  const outcome o = run_atto({"copy", a.store(), b.store()});
  EXPECT_EQ(o.status, 1);
  EXPECT_EQ(count_lines(o.err), 1U) << o.err;
  EXPECT_THAT(o.err, Not(HasSubstr("goes on")));
}

TEST(CliCopy, ATargetThatIsBusySaysThatTheSameCommandGoesOn) {
  const sqlite_fixture a;
  const sqlite_fixture b;
  ASSERT_EQ(a.run({"put", "a"}, R"({"version":1,"state":{},"history":[1]})").status, 0);
  const raw_database other(b.file("store.db"));
  other.run("BEGIN IMMEDIATE");
  const outcome o = run_atto({"copy", a.store(), b.store(), "--timeout", "200ms"});
  EXPECT_EQ(o.status, 1);
  EXPECT_THAT(o.err, HasSubstr("; the same command goes on from here\n"));
  other.run("COMMIT");
  EXPECT_EQ(run_atto({"copy", a.store(), b.store()}).status, 0);
}

TEST(CliCopy, ASourceThatIsNotThereMakesNoTarget) {
  const temp_dir dir;
  const outcome o = run_atto({"copy", "sqlite:" + dir.file("none.db"), "sqlite:" + dir.file("new.db")});
  EXPECT_EQ(o.status, 1);
  EXPECT_THAT(o.err, StartsWith("atto: schema_missing: FROM: "));
  EXPECT_FALSE(std::filesystem::exists(dir.file("new.db")));
}

TEST(CliCopy, AStoreThatIsNotAttosIsSaidToBeFromOrTo) {
  const sqlite_fixture ours;
  const temp_dir dir;
  raw_database(dir.file("other.db")).run("CREATE TABLE t (x)");
  const std::string other = "sqlite:" + dir.file("other.db");
  const outcome from = run_atto({"copy", other, ours.store()});
  EXPECT_EQ(from.status, 1);
  EXPECT_THAT(from.err, StartsWith("atto: schema_mismatch: FROM: "));
  const outcome to = run_atto({"copy", ours.store(), other});
  EXPECT_EQ(to.status, 1);
  EXPECT_THAT(to.err, StartsWith("atto: schema_mismatch: TO: "));
}

}  // namespace
}  // namespace atto::test
