#include <atto/postgres_store.hpp>

#include "support/temp_dir.hpp"

#include <gtest/gtest.h>
#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/write.hpp>

#include <array>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace atto::postgres {
namespace {

using boost::asio::local::stream_protocol;

/// What a server answers that lets nobody in for now.
std::string refusal_that_says(const std::string& words) {
  std::string fields = "SFATAL";
  for (const std::string& field : {std::string("VFATAL"), std::string("C57P03"), "M" + words, std::string()}) {
    fields += '\0' + field;
  }
  fields += '\0';
  std::string message = "E";
  const std::size_t length = fields.size() + 4;
  for (const int shift : {24, 16, 8, 0}) message += static_cast<char>((length >> shift) & 0xff);
  return message + fields;
}

/// A load that has been started.
struct load_under_way {
  load_under_way(session_store& store, std::string id) {
    store.async_load(std::move(id), {.diag = &diag}, [this](error_code ec, const std::optional<snapshot>&) {
      ended = true;
      code = ec;
    });
  }
  load_under_way(const load_under_way&) = delete;
  load_under_way& operator=(const load_under_way&) = delete;

  bool ended = false;
  error_code code;
  diagnostics diag;
};

/// A pool, and a server that holds every attempt to connect until the test refuses it. Nothing runs but when the test
/// turns the io_context.
class PostgresRefusedAttempt : public testing::Test {
 protected:
  PostgresRefusedAttempt() { let_one_in(); }

  void let_one_in() {
    attempt.reset();
    door.async_accept([this](error_code, stream_protocol::socket came) { attempt.emplace(std::move(came)); });
  }

  /// Returns when an attempt is under way, or the load has ended.
  void wait_for_attempt(const load_under_way& load) {
    while (!attempt && !load.ended) io.run_one();
  }

  void refuse(const std::string& words) {
    bool heard = false;
    attempt->async_wait(stream_protocol::socket::wait_read, [&](error_code) { heard = true; });
    while (!heard) io.run_one();
    error_code gone;  // an attempt that hangs for a second may have been given up for another
    std::array<char, 1024> startup;
    attempt->read_some(boost::asio::buffer(startup), gone);
    boost::asio::write(*attempt, boost::asio::buffer(refusal_that_says(words)), gone);
    let_one_in();
  }

  test::temp_dir folder;
  boost::asio::io_context io;
  stream_protocol::acceptor door{io, folder.file(".s.PGSQL.5432")};
  std::optional<stream_protocol::socket> attempt;
  std::unique_ptr<session_store> store =
      open(io.get_executor(), "host=" + folder.path().string() + " port=5432 user=u dbname=d");
};

TEST_F(PostgresRefusedAttempt, EndsWhatWaitedWhenItBeganAndNothingThatCameLater) {
  load_under_way earlier(*store, "earlier");
  wait_for_attempt(earlier);
  load_under_way later(*store, "later");
  io.poll();
  ASSERT_FALSE(earlier.ended);
  refuse("of the first attempt");
  while (!earlier.ended) io.run_one();
  io.poll();
  EXPECT_EQ(earlier.code, errc::unavailable);
  EXPECT_EQ(earlier.diag.server_message(), "of the first attempt");
  EXPECT_FALSE(later.ended);
  while (!later.ended) {
    wait_for_attempt(later);
    if (!later.ended) refuse("of an attempt after it");
  }
  EXPECT_EQ(later.code, errc::unavailable);
  EXPECT_EQ(later.diag.server_message(), "of an attempt after it");
}

}  // namespace
}  // namespace atto::postgres
