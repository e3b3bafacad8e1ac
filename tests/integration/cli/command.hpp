#pragma once

#include "support/temp_dir.hpp"

#include <filesystem>
#include <string>
#include <vector>

#include <sys/types.h>

namespace atto::test {

/// How a run of the command ended.
struct outcome {
  int status = 0;  // the exit status; minus the signal's number when a signal ended it
  std::string out;
  std::string err;
};

/// A run of the command as a process of its own, without ATTO_STORE unless it is given. Its stderr is what `wait`
/// returns, unless `err` names something else to write to.
class process {
 public:
  explicit process(const std::vector<std::string>& arguments, const std::string& input = "",
                   const std::string& store_variable = "", const std::string& err = "");
  process(const process&) = delete;
  process& operator=(const process&) = delete;
  /// Kills it when nobody has waited for it.
  ~process();

  [[nodiscard]] pid_t id() const noexcept { return pid_; }
  void signal(int number) const;
  [[nodiscard]] bool running() const;
  [[nodiscard]] outcome wait();

 private:
  temp_dir dir_;  // stdin, stdout and stderr are files: no pipe can fill up
  pid_t pid_ = 0;
};

/// Runs the command to its end.
[[nodiscard]] outcome run_atto(const std::vector<std::string>& arguments, const std::string& input = "");

/// A SQLite store in a directory of its own, ready for use.
class sqlite_fixture {
 public:
  sqlite_fixture();
  [[nodiscard]] const std::string& store() const noexcept { return store_; }
  [[nodiscard]] std::string file(const std::string& name) const { return dir_.file(name); }
  /// `atto --store <this one> ARGUMENTS`
  [[nodiscard]] outcome run(const std::vector<std::string>& arguments, const std::string& input = "") const;

 private:
  temp_dir dir_;
  std::string store_;
};

/// `--store where` and then the rest.
[[nodiscard]] std::vector<std::string> on(const std::string& where, const std::vector<std::string>& rest);

[[nodiscard]] std::string read_file(const std::filesystem::path& path);
void write_file(const std::filesystem::path& path, const std::string& text);
[[nodiscard]] std::size_t count_lines(const std::string& text);
/// The number that is the member `name` of a flat JSON object; -1 when there is none.
[[nodiscard]] double number_in(const std::string& object, const std::string& name);
/// The conversations that ship with the project: 73 messages in 8 sessions.
[[nodiscard]] std::string sample_file();
/// `sessions` conversations of `messages` messages each.
[[nodiscard]] std::string made_up_conversations(std::size_t sessions, std::size_t messages);

}  // namespace atto::test
