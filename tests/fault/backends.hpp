#pragma once

#include "support/test_postgres.hpp"

#include <cstddef>
#include <string>
#include <vector>

#include <sys/types.h>

namespace atto::test {

/// The server's processes that serve the connections of one application_name.
class backends {
 public:
  explicit backends(std::string application, const std::string& server = test_postgres::dsn());

  [[nodiscard]] std::vector<pid_t> all();
  /// Those that wait for a lock.
  [[nodiscard]] std::vector<pid_t> waiting();
  [[nodiscard]] std::vector<pid_t> idle();
  /// Each returns false when it was not so soon.
  [[nodiscard]] bool become(std::size_t count);
  [[nodiscard]] bool become_waiting(std::size_t count);
  [[nodiscard]] bool end_of(pid_t one);
  void terminate_all();

 private:
  [[nodiscard]] std::vector<pid_t> with(const std::string& condition);

  std::string application_;
  test_connection server_;
};

/// A process that stands still until this object's end.
class stopped_process {
 public:
  /// Throws std::system_error; only root may stop a server's process.
  explicit stopped_process(pid_t pid);
  stopped_process(const stopped_process&) = delete;
  stopped_process& operator=(const stopped_process&) = delete;
  ~stopped_process();

 private:
  pid_t pid_;
};

/// Whether this process may stop and kill the server's.
[[nodiscard]] bool may_signal_servers();

}  // namespace atto::test

/// Skips the running test when it may not. In a test's body or SetUp.
#define ATTO_REQUIRE_ROOT() \
  if (!::atto::test::may_signal_servers()) GTEST_SKIP() << "only root may stop and kill a server's processes"
