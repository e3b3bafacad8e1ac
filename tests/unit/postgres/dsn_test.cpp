#include "postgres/dsn.hpp"

#include <atto/diagnostics.hpp>

#include <gmock/gmock.h>

#include <algorithm>
#include <string>

namespace atto::postgres {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string value_of(const dsn& d, std::string_view keyword) {
  const auto& all = d.parameters();
  const auto it = std::find_if(all.begin(), all.end(), [&](const auto& p) { return p.first == keyword; });
  return it == all.end() ? "(none)" : it->second;
}

TEST(PostgresDsn, TakesSeveralHostsWithTheirPorts) {
  const dsn d("postgresql://u@db1:5433,10.0.0.2:5434/app");
  ASSERT_EQ(d.hosts().size(), 2U);
  EXPECT_EQ(d.hosts()[0].name, "db1");
  EXPECT_EQ(d.hosts()[0].address, "");
  EXPECT_EQ(d.hosts()[0].port, "5433");
  EXPECT_EQ(d.hosts()[1].address, "10.0.0.2");
  EXPECT_EQ(d.describe_hosts(), "db1:5433, 10.0.0.2:5434");
}

TEST(PostgresDsn, OnePortCountsForAllHosts) {
  const dsn d("host=a,b port=6000 dbname=app");
  EXPECT_EQ(d.describe_hosts(), "a:6000, b:6000");
}

TEST(PostgresDsn, WantsAServerItCanWriteToUnlessToldOtherwise) {
  EXPECT_EQ(value_of(dsn("host=a"), "target_session_attrs"), "read-write");
  EXPECT_EQ(value_of(dsn("host=a target_session_attrs=any"), "target_session_attrs"), "any");
}

TEST(PostgresDsn, SpeaksUtf8AndKeepsItsOwnConnectTimeout) {
  const dsn d("host=a client_encoding=latin1 connect_timeout=3");
  EXPECT_EQ(value_of(d, "client_encoding"), "UTF8");
  EXPECT_EQ(value_of(d, "connect_timeout"), "(none)");
}

TEST(PostgresDsn, NoticesAPeerThatVanishedUnlessToldOtherwise) {
  EXPECT_EQ(value_of(dsn("host=a"), "tcp_user_timeout"), "10000");
  EXPECT_EQ(value_of(dsn("host=a"), "keepalives_idle"), "10");
  EXPECT_EQ(value_of(dsn("host=a tcp_user_timeout=0"), "tcp_user_timeout"), "0");
}

TEST(PostgresDsn, IsVerifiedOnThisMachineAndWithVerifyFull) {
  for (const char* local : {"dbname=a", "host=/run/postgresql", "host=localhost", "host=127.0.0.1",
                            "postgres://[::1]/a", "host=db1 sslmode=verify-full"}) {
    EXPECT_TRUE(dsn(local).is_verified()) << local;
  }
  for (const char* open :
       {"host=db1", "host=db1 sslmode=require", "host=localhost,db1", "host=localhost hostaddr=10.0.0.2"}) {
    EXPECT_FALSE(dsn(open).is_verified()) << open;
  }
}

TEST(PostgresDsn, KeepsTlsSettings) {
  EXPECT_EQ(value_of(dsn("postgres://a/b?sslmode=verify-full"), "sslmode"), "verify-full");
}

TEST(PostgresDsn, DescribesHostsAndNeverThePassword) {
  const dsn d("postgres://user:canary@db1/app");
  EXPECT_THAT(d.describe_hosts(), Not(HasSubstr("canary")));
}

TEST(PostgresDsn, BlotsThePasswordOutOfLibpqsWords) {
  const dsn d("host=a password=canary");
  EXPECT_EQ(d.redact("tried \"canary\"\n\tat a\n"), "tried \"***\"  at a");
}

TEST(PostgresDsn, TakesHostaddrsOfBothKindsAndNoneForAHostThatIsToBeResolved) {
  const dsn d("host=a,b,c hostaddr=127.0.0.1,,fe80::1%1");
  EXPECT_EQ(d.hosts()[0].address, "127.0.0.1");
  EXPECT_EQ(d.hosts()[1].address, "");
  EXPECT_EQ(d.hosts()[2].address, "fe80::1%1");
}

class PostgresBadDsn : public testing::TestWithParam<const char*> {};

TEST_P(PostgresBadDsn, IsRefusedAndNothingOfItIsQuoted) {
  try {
    const dsn d{std::string_view(GetParam())};
    FAIL() << "was taken";
  } catch (const error_with_diagnostics& e) {
    EXPECT_EQ(e.code(), errc::invalid_argument);
    EXPECT_THAT(e.what(), Not(HasSubstr("S3cret")));
    EXPECT_THAT(e.what(), Not(HasSubstr("S3")));
    EXPECT_EQ(e.get_diagnostics().server_message(), "");
  }
}

INSTANTIATE_TEST_SUITE_P(
    Strings, PostgresBadDsn,
    testing::Values("host=a password S3cret", "postgres://u:S3%zzcret@a/b", "postgres://u:S3cret@[::1/b",
                    "postgres://u:S3@cret@a/b", "postgres://u:S3/cret@a/b", "S3cret=1", "host=a password='S3cret",
                    "host=a port=S3cret", "host=a port=0", "host=a port=65536", "host=a,b port=1,2,3",
                    "host=a,b hostaddr=127.0.0.1", "host=a sslmode=S3cret", "host=a dbname=postgres://u:S3cret@h/d",
                    "host=a dbname='password=S3cret'", "host=a target_session_attrs=S3cret", "host=a gssencmode=S3cret",
                    "hostaddr=S3cret@1", "host=a,b hostaddr=127.0.0.1,S3cret", "postgres://u:1/2?hostaddr=S3cret@a",
                    "host=a channel_binding=S3cret", "postgres://u:1/2?host=S3cret@a"));

TEST(PostgresDsn, WithANulIsRefused) {
  EXPECT_THROW(dsn(std::string_view("host=a\0password=x", 17)), error_with_diagnostics);
}

}  // namespace
}  // namespace atto::postgres
