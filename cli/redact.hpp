#pragma once

#include <string>
#include <vector>

namespace atto::cli {

/// Takes passwords out of messages. Neither the library nor the commands put one in; this is the second lock, for the
/// connection string that was typed where a file's name or an id belongs.
class redactor {
 public:
  /// Remembers what looks like a password in an argument or in an environment variable.
  void learn(const std::string& argument);

  /// `line` with each password, and each argument that holds one, replaced by `***`.
  [[nodiscard]] std::string clean(std::string line) const;

 private:
  void remember(const std::string& secret);

  std::vector<std::string> secrets_;  // longest first
};

/// Wipes the connection strings out of the process's arguments, so that `ps` does not show their passwords.
void hide_from_process_list(int argc, char** argv);

}  // namespace atto::cli
