#pragma once

#include <cstddef>
#include <string>

namespace peers {

/// The command line that all peers share: bench/peers/README.md.
struct options {
  std::string dsn;
  std::string workload = "small";
  bool append = false;
  std::size_t writers = 1;
  std::size_t connections = 1;
  double seconds = 3;
  double warmup = 0.5;
  std::size_t operations = 0;  // 0: by time
  std::size_t events = 1000;
  std::size_t sessions = 0;  // 0: the workload's own number
  std::string file;
  std::string table = "peer_sessions";
  bool wal = false;  // SQLite: write-ahead log instead of a rollback journal
  bool hold = false;
};

/// Errors (thrown as std::runtime_error): an option that is not known, or has no value.
[[nodiscard]] options parse(int argc, char** argv);

}  // namespace peers
