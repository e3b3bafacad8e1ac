#include "fault/backends.hpp"
#include "fault/eventually.hpp"
#include "fault/fault_store.hpp"
#include "support/own_server.hpp"

#include <fmt/format.h>
#include <signal.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace atto::test {
namespace {

using std::chrono::seconds;
using std::chrono::steady_clock;

/// Appends to a session of its own until it is told to end; everything it was told is true, or it says so.
class writer {
 public:
  writer(blocking_store& store, std::string id) : store_(store), id_(std::move(id)), thread_([this] { run(); }) {}
  ~writer() {
    ending_ = true;
    if (thread_.joinable()) thread_.join();
  }

  [[nodiscard]] std::int64_t acknowledged() const noexcept { return version_; }
  void finish() {
    ending_ = true;
    thread_.join();
  }
  /// Exactly what was acknowledged is stored.
  void check(blocking_store& store) const {
    const auto now = store.load(id_);
    ASSERT_TRUE(now);
    EXPECT_EQ(now->version, version_);
    ASSERT_EQ(now->history.size(), static_cast<std::size_t>(version_));
    for (std::int64_t i = 0; i < version_; ++i) EXPECT_EQ(now->history[static_cast<std::size_t>(i)], document(i));
  }

 private:
  void run() {
    while (!ending_) {
      const std::int64_t base = version_;
      const auto f = discreet_failure_of([&] { version_ = store_.append(id_, base, one_turn(base)); });
      // Not available: nothing was written, so the same turn is right again. Nothing else may happen to a lone writer.
      EXPECT_TRUE(!f.code || f.code == errc::unavailable) << f.code.message() << ": " << f.diag.message();
    }
  }

  blocking_store& store_;
  const std::string id_;
  std::atomic<std::int64_t> version_{0};
  std::atomic<bool> ending_{false};
  std::thread thread_;
};

class ServerCrash : public testing::Test {
 protected:
  void SetUp() override {
    ATTO_REQUIRE_OWN_SERVER();
    server = std::make_unique<own_server>();
    made = postgres::open(io.executor(), server->dsn() + " application_name=crash", {.table = "t"}, {.size = 3});
    store = std::make_unique<blocking_store>(*made);
    store->ensure_schema();
  }

  void TearDown() override {
    store.reset();
    made.reset();
  }

  /// Appends go on while `fault` is done to the server three times; none is lost, none done twice.
  template <class Fault>
  void append_through(const Fault& fault) {
    std::vector<std::unique_ptr<writer>> writers;
    for (int i = 0; i < 6; ++i) writers.push_back(std::make_unique<writer>(*store, fmt::format("{} {}", canary, i)));
    const auto all_gain = [&] {
      std::vector<std::int64_t> before;
      for (const auto& w : writers) before.push_back(w->acknowledged());
      return eventually([&] {
        for (std::size_t i = 0; i < writers.size(); ++i) {
          if (writers[i]->acknowledged() < before[i] + 10) return false;
        }
        return true;
      });
    };
    for (int round = 0; round < 3; ++round) {
      EXPECT_TRUE(all_gain());
      fault();
    }
    EXPECT_TRUE(all_gain());
    for (const auto& w : writers) w->finish();
    for (const auto& w : writers) w->check(*store);
  }

  io_thread io;
  std::unique_ptr<own_server> server;
  std::unique_ptr<session_store> made;
  std::unique_ptr<blocking_store> store;
};

TEST_F(ServerCrash, NothingAcknowledgedIsLostAndNothingIsDoneTwiceWhenTheServerIsKilled) {
  append_through([&] {
    server->kill();
    server->start();
  });
}

TEST_F(ServerCrash, NothingIsLostOrDoneTwiceWhenTheServerIsRestartedInAHurryAndInOrder) {
  bool hurry = false;
  append_through([&] {
    hurry = !hurry;
    hurry ? server->stop_immediately() : server->stop();
    server->start();
  });
}

TEST_F(ServerCrash, NothingIsLostOrDoneTwiceWhenABackendIsKilledAndAllOthersWithIt) {
  ATTO_REQUIRE_ROOT();
  append_through([&] {
    std::vector<pid_t> serving;
    // The writers gain while the server has not yet seen that the one before was killed; then it lets nobody in.
    const auto are_there = [&] {
      try {
        serving = backends("crash", server->dsn()).all();
      } catch (const std::runtime_error&) {
        return false;
      }
      return !serving.empty();
    };
    ASSERT_TRUE(eventually(are_there));
    ::kill(serving.front(), SIGKILL);
  });
}

TEST_F(ServerCrash, ThePoolIsBackWithinTwoSecondsOfTheServer) {
  store->save(canary, whole(1));
  server->kill();
  EXPECT_EQ(discreet_failure_of([&] { store->save(canary, whole(2)); }).code, errc::unavailable);
  EXPECT_EQ(discreet_failure_of([&] { static_cast<void>(store->load(canary)); }).code, errc::unavailable);
  server->start();
  const auto start = steady_clock::now();
  EXPECT_TRUE(eventually([&] { return !failure_of([&] { store->save(canary, whole(2)); }).code; }));
  EXPECT_LT(steady_clock::now() - start, seconds(2));
  EXPECT_EQ(store->load(canary), whole(2));
}

}  // namespace
}  // namespace atto::test
