#include "integration/cli/command.hpp"

#include <atto/json.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace atto::test {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

TEST(CliCopyTest, ThereAndBackEndsEqual) {
  const sqlite_fixture a;
  const temp_dir dir;
  const std::string b = "sqlite:" + dir.file("b.db");
  const std::string c = "sqlite:" + dir.file("c.db");
  ASSERT_EQ(a.run({"replay", sample_file()}).status, 0);
  EXPECT_EQ(json(run_atto({"copy", a.store(), b, "--json"}).out), json(R"({"copied":8,"skipped":0,"failed":0})"));
  EXPECT_EQ(json(run_atto({"copy", b, c, "--json"}).out), json(R"({"copied":8,"skipped":0,"failed":0})"));
  const outcome compared = run_atto(on(c, {"replay", sample_file(), "--json"}));
  EXPECT_EQ(compared.status, 0) << compared.err;
  EXPECT_EQ(number_in(compared.out, "turns"), 0);
  EXPECT_EQ(number_in(compared.out, "differences"), 0);
}

TEST(CliCopyTest, ARepeatedCopyTakesOnlyWhatIsMissingOrOlder) {
  const sqlite_fixture a;
  const sqlite_fixture b;
  ASSERT_EQ(a.run({"replay", sample_file()}).status, 0);
  ASSERT_EQ(run_atto({"copy", a.store(), b.store()}).status, 0);
  ASSERT_EQ(b.run({"rm", "hotel-ben-2"}).status, 0);
  ASSERT_EQ(a.run({"put", "hotel-anna-1"}, R"({"version":50,"state":{},"history":["newer"]})").status, 0);
  ASSERT_EQ(b.run({"put", "hotel-hana-8"}, R"({"version":60,"state":{},"history":["newer there"]})").status, 0);
  EXPECT_EQ(json(run_atto({"copy", a.store(), b.store(), "--json"}).out),
            json(R"({"copied":2,"skipped":6,"failed":0})"));
  EXPECT_THAT(b.run({"get", "hotel-anna-1"}).out, HasSubstr(R"(["newer"])"));
  EXPECT_THAT(b.run({"get", "hotel-hana-8"}).out, HasSubstr(R"(["newer there"])"));
}

TEST(CliCopyTest, ASourceThatIsNotThereMakesNoTarget) {
  const temp_dir dir;
  const outcome o = run_atto({"copy", "sqlite:" + dir.file("none.db"), "sqlite:" + dir.file("new.db")});
  EXPECT_EQ(o.status, 1);
  EXPECT_THAT(o.err, StartsWith("atto: schema_missing: "));
  EXPECT_FALSE(std::filesystem::exists(dir.file("new.db")));
}

}  // namespace
}  // namespace atto::test
