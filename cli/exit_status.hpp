#pragma once

namespace atto::cli {

/// What the process tells its caller; part of the command's interface.
enum class exit_status : int {
  done = 0,
  failed = 1,
  usage = 2,
  concurrent_write = 3,
  no_such_session = 4,
  /// Ended by SIGINT after saying how far it came, as a shell reports it; other signals: 128 + their number.
  interrupted = 130,
};

}  // namespace atto::cli
