#pragma once

#include "support/temp_dir.hpp"

#include <string>
#include <vector>

#include <sys/types.h>

namespace atto::test {

/// A PostgreSQL of this test's own, for what the shared one must not meet: it is stopped, killed, set up otherwise. It
/// listens on a Unix socket in its own directory only, unless its settings say more, and runs as the user postgres when
/// root runs the test.
///
/// It ends with the test's process, even if that is killed, provided that the thread that started it still runs.
class own_server {
 public:
  /// Makes a cluster and starts it. `settings`: lines of postgresql.conf, such as "max_connections = 5". `port`: of its
  /// socket, and of TCP where the settings make it listen there.
  /// Throws std::runtime_error with the server's words.
  explicit own_server(const std::vector<std::string>& settings = {}, int port = 5432);
  own_server(const own_server&) = delete;
  own_server& operator=(const own_server&) = delete;
  /// Kills it.
  ~own_server();

  /// Whether the server's program is there.
  [[nodiscard]] static bool available();

  /// Its connection string; the superuser's.
  [[nodiscard]] std::string dsn() const;

  /// Starts it and waits until it answers; one that was killed recovers first.
  void start();
  /// Ends it in order, as an operator would: every transaction is rolled back, and the clients are told.
  void stop();
  /// Ends it without a checkpoint; the next start recovers.
  void stop_immediately();
  /// Kills all its processes at once, as a loss of power does.
  void kill();

  /// All its processes stand still until they are resumed; a kill is obeyed all the same.
  void suspend();
  void resume();
  [[nodiscard]] pid_t postmaster() const noexcept { return postmaster_; }

  /// Changes a setting of the running server for all sessions; they may take notice a moment later.
  void set(const std::string& name, const std::string& value);

 private:
  void make_cluster(const std::vector<std::string>& settings) const;
  [[nodiscard]] pid_t spawn(const std::vector<std::string>& command) const;
  void end_by(int signal);
  [[nodiscard]] std::string log() const;

  temp_dir dir_;
  int port_;
  pid_t postmaster_ = 0;
};

}  // namespace atto::test

/// Skips the running test where there is no program to start a server of its own. In a test's body or SetUp.
#define ATTO_REQUIRE_OWN_SERVER() \
  if (!::atto::test::own_server::available()) GTEST_SKIP() << "no PostgreSQL 15 here; run script/bootstrap test"
