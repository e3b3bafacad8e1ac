#include "postgres/connector.hpp"

#include "support/test_postgres.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <gmock/gmock.h>

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace atto::postgres {
namespace {

using test::test_connection;
using test::test_postgres;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

/// An attempt to connect beside a DNS of the test's own.
class ConnectorsNames : public testing::Test {
 protected:
  /// Names that are not in here hang for ever; one without addresses is not known.
  std::map<std::string, std::vector<std::string>> dns;

  void connect(const std::string& where, std::chrono::milliseconds limit) {
    boost::asio::io_context io;
    const auto resolve = [&](const std::string& name, std::function<void(std::vector<std::string>)> done) {
      asked.push_back(name);
      if (const auto it = dns.find(name); it != dns.end()) boost::asio::post(io, [=] { done(it->second); });
    };
    const auto attempt =
        std::make_shared<connector>(io.get_executor(), std::make_shared<dsn>(where), pool_options(), resolve);
    attempt->start(limit, [this](open_connection o, failure f) {
      ++ends;
      connected = o.handle != nullptr;
      diag = std::move(f.diag);
    });
    io.run();
    EXPECT_EQ(ends, 1);
  }

  std::vector<std::string> asked;
  int ends = 0;
  bool connected = false;
  diagnostics diag;
};

constexpr std::chrono::minutes long_time{10};  // a test that waits for a share of it does not end in time
constexpr std::chrono::milliseconds short_time{500};

TEST_F(ConnectorsNames, AHostThatNeedsNoResolvingIsUsedThoughTheNameBeforeItHangsInDns) {
  ATTO_REQUIRE_POSTGRES_SERVER();
  test_connection probe;
  const std::string there = probe.value("SELECT split_part(current_setting('unix_socket_directories'), ',', 1)");
  connect(test_postgres::dsn() + " host=hangs.invalid," + there, long_time);
  EXPECT_TRUE(connected) << diag.message();
  EXPECT_THAT(asked, ElementsAre("hangs.invalid"));
}

TEST_F(ConnectorsNames, ANameThatIsResolvedIsUsedThoughTheNameBeforeItHangs) {
  dns["db.invalid"] = {"127.0.0.1"};
  connect("host=hangs.invalid,db.invalid port=1,2", short_time);
  EXPECT_THAT(diag.server_message(), HasSubstr("port 2"));
  EXPECT_THAT(asked, ElementsAre("hangs.invalid", "db.invalid"));
}

TEST_F(ConnectorsNames, ANameThatIsNotResolvedInItsShareOfTheTimeIsNamedBesideWhatFailed) {
  connect("host=hangs.invalid,127.0.0.1 port=1 user=u password=canary", short_time);
  EXPECT_FALSE(connected);
  EXPECT_THAT(diag.message(), HasSubstr("the name hangs.invalid was not resolved in time; check DNS"));
  EXPECT_THAT(diag.server_message(), HasSubstr("Connection refused"));
  EXPECT_THAT(diag.message() + diag.server_message(), Not(HasSubstr("canary")));
}

TEST_F(ConnectorsNames, WhenAllNamesHangTheFirstIsNamed) {
  connect("host=hangs.invalid,too.invalid", short_time);
  EXPECT_THAT(diag.message(), HasSubstr("the name hangs.invalid was not resolved in time; check DNS"));
  EXPECT_THAT(diag.server_message(), IsEmpty());
}

TEST_F(ConnectorsNames, HostsAreTriedInTheirOrderWhenTheirNamesAreResolvedAtOnce) {
  dns["db.invalid"] = {"127.0.0.1"};
  connect("host=db.invalid,127.0.0.1 port=1,2", long_time);
  EXPECT_THAT(diag.server_message(), HasSubstr("port 2")) << "the last one that was tried";
  connected = false;
  ends = 0;
  connect("host=127.0.0.1,db.invalid port=1,2", long_time);
  EXPECT_THAT(diag.server_message(), HasSubstr("port 2"));
}

TEST_F(ConnectorsNames, AllAddressesOfANameAreTried) {
  dns["db.invalid"] = {"127.0.0.1", "127.0.0.2"};
  connect("host=db.invalid port=1", long_time);
  EXPECT_THAT(diag.server_message(), HasSubstr("127.0.0.2"));
}

TEST_F(ConnectorsNames, ANameThatIsNotKnownIsPassedOverAndNamed) {
  dns["gone.invalid"] = {};
  connect("host=gone.invalid,127.0.0.1 port=1", long_time);
  EXPECT_THAT(diag.message(), HasSubstr("is the server up"));
  EXPECT_THAT(diag.message(), HasSubstr("the name gone.invalid is not known"));
}

}  // namespace
}  // namespace atto::postgres
