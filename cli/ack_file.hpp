#pragma once

#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>

namespace atto::cli {

/// A file that gets one line, `version<TAB>"session id"`, as soon as a turn is acknowledged: what a process knew to be
/// stored, also after it was killed.
class ack_file {
 public:
  /// Appends to `path`; an empty one writes nothing.
  /// Errors (thrown as command_error): failed.
  explicit ack_file(const std::string& path);

  /// Handed to the system before it returns. Errors: as above.
  void add(std::int64_t version, const std::string& session_id);

 private:
  struct close {
    void operator()(std::FILE* file) const noexcept { std::fclose(file); }
  };

  std::unique_ptr<std::FILE, close> file_;  // null when no acknowledgements are wanted
};

}  // namespace atto::cli
