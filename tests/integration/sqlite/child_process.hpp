#pragma once

#include <sys/types.h>

#include <cstddef>
#include <functional>

namespace atto::test {

/// A fork of this process that runs a function and exits with its result. To be made while this process has no other
/// thread. Killed at the end unless it was waited for.
class child_process {
 public:
  explicit child_process(const std::function<int()>& body);
  child_process(child_process&& other) noexcept;
  child_process& operator=(child_process&&) = delete;
  ~child_process();

  void kill() const;
  /// The exit status; -1 when a signal ended it.
  int wait();

 private:
  pid_t pid_;
};

/// Runs `body` in a child and says whether it passed; GoogleTest's failures in there are printed.
[[nodiscard]] bool passes_in_child(const std::function<void()>& body);

/// One-way messages of one size between processes; each is read whole.
class message_pipe {
 public:
  message_pipe();
  message_pipe(const message_pipe&) = delete;
  message_pipe& operator=(const message_pipe&) = delete;
  ~message_pipe();

  void close_writing();
  [[nodiscard]] bool write(const void* message, std::size_t size) const;
  /// True when a read would not wait.
  [[nodiscard]] bool has_messages() const;
  /// False when all writers have gone.
  [[nodiscard]] bool read(void* message, std::size_t size) const;

 private:
  int ends_[2];
};

}  // namespace atto::test
