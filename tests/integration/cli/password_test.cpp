#include "integration/cli/command.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sys/stat.h>

namespace atto::test {
namespace {

using testing::HasSubstr;
using testing::Not;

// Nothing listens on port 1 of this host.
const std::vector<std::string> stores_with_a_password{
    "postgres://u:CANARY@127.0.0.1:1/d",
    "postgresql://u:CANARY@127.0.0.1:1/d?connect_timeout=1",
    "postgres://u:CANARY@127.0.0.1:99999/d",
    "postgres://u:CANARY@127.0.0.1:1/d?sslmode=verify-full&sslrootcert=/nowhere",
    "postgres://u:1/d?gssencmode=CANARY@h/d",
    "postgres://CANARY:CANARY@127.0.0.1:1/CANARY",
    "postgres://u:CANARY@[::1:1/d",
    "postgres://u:CANARY@127.0.0.1:1/d?no_such_option=1",
    "postgres://u:CANARY%ZZ@127.0.0.1:1/d",
    "postgres://127.0.0.1:1/d?password=CANARY",
    "postgres://127.0.0.1:1/d?password=CANARY&nonsense",
    "host=127.0.0.1 port=1 password=CANARY",
    "host=127.0.0.1 port=1 password='CANARY",
    "host=127.0.0.1 port=1 password = 'CANARY' no_such_option=1",
    "host=127.0.0.1 port=x password=CANARY",
    "password=CANARY host",
    "postgres//u:CANARY@127.0.0.1:1/d",
    "mysql://u:CANARY@127.0.0.1/d",
    "u:CANARY@127.0.0.1",
    "sqlite:postgres://u:CANARY@127.0.0.1/d",
    "sqlite:/nowhere/postgres://u:CANARY@127.0.0.1/d",
};

void expect_silence(const std::vector<std::string>& arguments, const std::string& variable = "") {
  SCOPED_TRACE(testing::PrintToString(arguments));
  process p(arguments, "", variable);
  const outcome o = p.wait();
  EXPECT_NE(o.status, 0);
  EXPECT_THAT(o.out + o.err, Not(HasSubstr("CANARY")));
  EXPECT_EQ(count_lines(o.err), 1U) << o.err;
}

TEST(CliPassword, NeverInAnErrorOfAStore) {
  for (const std::string& store : stores_with_a_password) {
    expect_silence({"--store", store, "--timeout", "2s", "get", "a"});
    expect_silence({"--timeout", "2s", "list"}, store);
  }
}

TEST(CliPassword, NeverInAUsageErrorOrWhereItDoesNotBelong) {
  for (const std::string& store : stores_with_a_password) {
    if (store.starts_with("u:")) continue;  // outside --store nothing tells it from an id or a file's name
    expect_silence({store});
    expect_silence({"--stroe", store, "list"});
    expect_silence({"--stroe=" + store, "list"});
    expect_silence({"--store", store, "list", "--limit", store});
    expect_silence({"--store", store, "get"});
    expect_silence({"--store", "memory:", "get", "a", store});
    expect_silence({"--store", "memory:", "get", "a", "--" + store});
    expect_silence({"--store", "memory:", "replay", store});
    expect_silence({"--store", "memory:", "replay", sample_file(), "--mode", store});
    expect_silence({"--store", "memory:", "replay", sample_file(), "--shard", store});
    expect_silence({"--store", "memory:", "list", "--timeout", store});
    expect_silence({"--timeout", "2s", "copy", store, "memory:"});
    expect_silence({"--timeout", "2s", "copy", "memory:", store});
  }
}

TEST(CliPassword, AHostThatIsNamedLikeThePasswordIsShownAllTheSame) {
  for (const std::string store :
       {"postgres://u:localhost@localhost:1/d", "postgres://u:local@localhost:1/d",
        "host=localhost port=1 password=localhost", "postgres:///d?host=localhost&port=1&password=localhost"}) {
    const outcome o = run_atto({"--store", store, "--timeout", "5s", "list"});
    EXPECT_THAT(o.err, HasSubstr("no connection to localhost:1: ")) << store;
  }
}

TEST(CliPassword, AnIdThatOnlyLooksAlikeIsNamed) {
  const sqlite_fixture f;
  EXPECT_THAT(f.run({"get", "team:anna@example.org"}).err, HasSubstr("team:anna@example.org"));
}

TEST(CliPassword, NeverInTheListOfProcesses) {
  const temp_dir dir;
  ASSERT_EQ(::mkfifo(dir.file("pipe").c_str(), 0600), 0);
  // Waits for somebody to write into the pipe, for as long as it is looked at.
  process p({"--store", "postgres://u:CANARY@127.0.0.1:1/d", "replay", dir.file("pipe")});
  const std::string file = "/proc/" + std::to_string(p.id()) + "/cmdline";
  std::string shown;
  do {
    shown = read_file(file);
  } while (p.running() && shown.find("**") == std::string::npos);
  EXPECT_THAT(shown, HasSubstr("***"));
  EXPECT_THAT(shown, Not(HasSubstr("CANARY")));
}

TEST(CliPassword, NeverInHelp) {
  for (const std::string& store : stores_with_a_password) {
    process p({"--store", store, "list", "--help"}, "", store);
    EXPECT_THAT(p.wait().out, Not(HasSubstr("CANARY")));
  }
}

}  // namespace
}  // namespace atto::test
