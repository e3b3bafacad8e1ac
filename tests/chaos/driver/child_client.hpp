#pragma once

#include "driver/journal.hpp"
#include "support/recorded_history.hpp"

#include <cstddef>
#include <string>
#include <vector>

#include <sys/types.h>

namespace atto::test {

/// What a client of its own process is to do: race on the shared sessions of a round.
struct child_orders {
  std::vector<std::string> where;
  std::string prefix;
  unsigned seed = 1;
  write_name first_name = 0;
  std::size_t callers = 4;
};

/// The sessions that a round's callers and its child race on.
[[nodiscard]] std::string shared_session(const std::string& prefix, std::size_t number);

/// A process that writes until it is killed. Its journal is in memory that outlives it.
class child_client {
 public:
  /// Throws std::system_error.
  explicit child_client(const child_orders& orders);
  child_client(const child_client&) = delete;
  child_client& operator=(const child_client&) = delete;
  ~child_client();

  /// Whether the server has acknowledged anything to it.
  [[nodiscard]] bool heard() const;
  /// SIGKILL, in the middle of whatever it does; then what its journal tells.
  [[nodiscard]] histories_by_id kill();

 private:
  int journal_;
  pid_t process_ = -1;
};

/// The child's side: writes to `file` what it does, and never returns. All its writes have names of its own.
[[noreturn]] void run_child(const child_orders& orders, int file);

}  // namespace atto::test
