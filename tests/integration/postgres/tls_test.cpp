#include <atto/blocking_store.hpp>
#include <atto/postgres_store.hpp>

#include "support/failure_of.hpp"
#include "support/io_thread.hpp"
#include "support/own_server.hpp"
#include "support/temp_dir.hpp"
#include "support/test_postgres.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <pwd.h>
#include <unistd.h>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>

namespace atto::postgres {
namespace {

using test::failure_of;
using test::io_thread;
using test::own_server;
using test::test_connection;
using testing::HasSubstr;
using testing::Not;

/// Authorities that sign themselves, and a certificate for "localhost" by the one named "ours", in files the server's
/// user can read.
class certificates {
 public:
  certificates() {
    std::filesystem::permissions(dir_.path(), std::filesystem::perms::others_exec, std::filesystem::perm_options::add);
    for (const char* name : {"ours", "other"}) make(name, "/CN=a test's authority", "");
    make("server", "/CN=localhost",
         fmt::format("-CA {} -CAkey {} -addext subjectAltName=DNS:localhost", file("ours.crt"), file("ours.key")));
    own_by_server(file("server.key"));
  }

  [[nodiscard]] static bool available() { return std::system("openssl version > /dev/null 2>&1") == 0; }  // NOLINT
  [[nodiscard]] std::string file(const std::string& name) const { return dir_.file(name); }

 private:
  void make(const std::string& name, const std::string& subject, const std::string& more) const {
    const std::string command = fmt::format(
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 3650 -subj \"{}\""
        " -keyout {} -out {} {} > {} 2>&1",
        subject, file(name + ".key"), file(name + ".crt"), more, file("log"));
    if (std::system(command.c_str()) != 0) throw std::runtime_error("openssl made no certificate");  // NOLINT
  }

  /// A key that others than the server's user may read is refused by the server.
  static void own_by_server(const std::string& key) {
    if (::geteuid() != 0) return;
    const passwd* user = ::getpwnam("postgres");
    if (user == nullptr || ::chown(key.c_str(), user->pw_uid, user->pw_gid) != 0) {
      throw std::runtime_error("the key cannot be given to the server");
    }
  }

  test::temp_dir dir_;
};

/// A port that nobody had on the loopback a moment ago.
int free_port() {
  boost::asio::io_context io;
  const boost::asio::ip::tcp::acceptor probe(io, {boost::asio::ip::address_v4::loopback(), 0});
  return probe.local_endpoint().port();
}

class PostgresTls : public testing::Test {
 protected:
  void SetUp() override {
    ATTO_REQUIRE_OWN_SERVER();
    if (!certificates::available()) GTEST_SKIP() << "no openssl here; run script/bootstrap test";
    made.emplace();
    start();
  }

  void TearDown() override {
    store.reset();
    opened.reset();
  }

  void use(const std::string& how, const std::string& host = "localhost", const std::string& more_ports = "") {
    const std::string where = "host={} port={}{} user=atto dbname=postgres application_name=tls password=canary {}";
    store.reset();
    opened = open(io.executor(), fmt::format(fmt::runtime(where), host, port, more_ports, how), {.table = "t"});
    store = std::make_unique<blocking_store>(*opened);
  }

  [[nodiscard]] std::string root(const std::string& authority) const {
    return " sslrootcert=" + made->file(authority + ".crt");
  }

  /// The store keeps a session that takes many TLS records each way, over connections that all are TLS.
  void expect_works() {
    snapshot whole(1, {}, {});
    whole.state.set("mood", json::string("calm"));
    for (int i = 0; i < 300; ++i)
      whole.history.push_back(json::string(std::string(4'000, static_cast<char>('a' + i % 26))));
    store->ensure_schema();
    store->save("s", whole);
    EXPECT_EQ(store->load("s"), whole);
    test_connection watcher(server->dsn());
    EXPECT_EQ(watcher.value("SELECT bool_and(s.ssl)::text FROM pg_stat_ssl AS s JOIN pg_stat_activity AS a USING (pid)"
                            " WHERE a.application_name = 'tls'"),
              "true");
  }

  void expect_refused() {
    const failure_of f([&] { static_cast<void>(store->load("s")); });
    EXPECT_EQ(f.code, errc::misconfigured);
    EXPECT_THAT(f.diag.message(), HasSubstr(":" + std::to_string(port)));
    EXPECT_THAT(f.diag.server_message(), HasSubstr(words_of_refusal));
    EXPECT_THAT(f.diag.message() + f.diag.server_message(), Not(HasSubstr("canary")));
  }

  std::string words_of_refusal;
  io_thread io;
  std::optional<certificates> made;
  int port = 0;
  std::unique_ptr<own_server> server;
  std::unique_ptr<session_store> opened;
  std::unique_ptr<blocking_store> store;

 private:
  /// Another program may take the port before the server does: then the next one.
  void start() {
    constexpr int most_tries = 20;
    for (int tries = 1; server == nullptr; ++tries) {
      port = free_port();
      try {
        server = std::make_unique<own_server>(
            std::vector<std::string>{"listen_addresses = 'localhost'", "ssl = on",
                                     fmt::format("ssl_cert_file = '{}'", made->file("server.crt")),
                                     fmt::format("ssl_key_file = '{}'", made->file("server.key"))},
            port);
      } catch (const std::runtime_error&) {
        if (tries == most_tries) throw;
      }
    }
  }
};

TEST_F(PostgresTls, AStoreKeepsSessionsOverAWayWhoseServerItHasVerified) {
  use("sslmode=verify-full" + root("ours"));
  expect_works();
}

TEST_F(PostgresTls, AStoreKeepsSessionsOverAWayThatIsOnlyEncrypted) {
  use("sslmode=require" + root("none"));  // a root of the user's own would be asked
  expect_works();
}

TEST_F(PostgresTls, AServerWithACertificateOfAnotherAuthorityIsMisconfiguredAndThePasswordIsNotShown) {
  use("sslmode=verify-full" + root("other"));
  words_of_refusal = "certificate verify failed";
  expect_refused();
}

TEST_F(PostgresTls, AServerWithACertificateForAnotherNameIsMisconfiguredAndThePasswordIsNotShown) {
  use("sslmode=verify-full" + root("ours"), "127.0.0.1");
  words_of_refusal = "does not match host name";
  expect_refused();
}

TEST_F(PostgresTls, AHostWithoutTheRightCertificateIsUnavailableWhileAnotherHostIsDown) {
  use("sslmode=verify-full" + root("other"), "localhost,127.0.0.1", ",1");
  EXPECT_EQ(failure_of([&] { static_cast<void>(store->load("s")); }).code, errc::unavailable);
}

}  // namespace
}  // namespace atto::postgres
