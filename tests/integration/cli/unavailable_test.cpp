#include "integration/cli/command.hpp"
#include "support/test_postgres.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

namespace atto::test {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

std::string refusal_by(const std::string& store, const std::string& code = "misconfigured") {
  const outcome o = run_atto({"--store", store, "list"});
  EXPECT_EQ(o.status, 1);
  EXPECT_THAT(o.err, StartsWith("atto: " + code + ": "));
  EXPECT_THAT(o.err, Not(HasSubstr("CANARY")));
  EXPECT_EQ(count_lines(o.err), 1U) << o.err;
  return o.err;
}

TEST(CliUnavailable, TheReasonIsShownInLibpqsWordsWhereNoServerAnswers) {
  EXPECT_THAT(refusal_by("host=127.0.0.1 port=1 password=CANARY", "unavailable"), HasSubstr("Connection refused"));
  EXPECT_THAT(refusal_by("host=/nowhere user=u password=CANARY", "unavailable"),
              HasSubstr("No such file or directory"));
}

class CliRefused : public testing::Test {
 protected:
  void SetUp() override { ATTO_REQUIRE_POSTGRES_SERVER(); }

  static std::string over_tcp() {
    const char* tcp = std::getenv("ATTO_TEST_POSTGRES_TCP");
    return tcp == nullptr ? "" : tcp;
  }
};

TEST_F(CliRefused, ARoleOrADatabaseThatDoesNotExistIsNamedWithoutAPasswordToo) {
  const std::string role = refusal_by(test_postgres::dsn() + " user=nobody_at_all");
  EXPECT_THAT(role, HasSubstr("did not let us in"));
  EXPECT_THAT(role, HasSubstr("(28000: role \"nobody_at_all\" does not exist)"));
  const std::string database = refusal_by(test_postgres::dsn() + " dbname=not_there");
  EXPECT_THAT(database, HasSubstr("did not let us in"));
  EXPECT_THAT(database, HasSubstr("(3D000: database \"not_there\" does not exist)"));
}

TEST_F(CliRefused, AServerWithoutTlsIsNamedAsSuch) {
  if (over_tcp().empty()) GTEST_SKIP() << "ATTO_TEST_POSTGRES_TCP names no server on TCP";
  EXPECT_THAT(refusal_by(over_tcp() + " sslmode=verify-full"), HasSubstr("does not support SSL"));
}

TEST_F(CliRefused, APasswordThatTheServerRefusesIsNotShownThoughItIsTheRolesNameAsWell) {
  if (over_tcp().empty()) GTEST_SKIP() << "ATTO_TEST_POSTGRES_TCP names no server that asks for a password";
  const std::string words = refusal_by(over_tcp() + " user=CANARY password=CANARY");
  EXPECT_THAT(words, HasSubstr("(28P01: password authentication failed for user \"***\")"));
}

}  // namespace
}  // namespace atto::test
