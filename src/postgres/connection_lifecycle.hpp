#pragma once

#include <chrono>
#include <cstddef>

namespace atto::postgres {

/// Decides when the pool opens connections, and how long it pauses after a failed attempt. Decisions only: no socket,
/// no clock, no randomness.
class connection_lifecycle {
 public:
  struct counts {
    std::size_t waiting = 0;     // operations and leases that could use a connection now
    std::size_t connecting = 0;  // attempts under way
    std::size_t open = 0;        // connections, idle and busy
    std::size_t lent = 0;        // connections that are leased
  };

  connection_lifecycle(std::size_t size, std::chrono::milliseconds first, std::chrono::milliseconds last) noexcept
      : size_(size), first_(first), last_(last), pause_(first) {}

  /// How many attempts to begin now. While no connection is open, one at a time: if the server is down, one refusal
  /// tells as much as four.
  [[nodiscard]] std::size_t to_open(const counts& c) const noexcept;

  /// How long after the last attempt began one more is made beside those that hang.
  static constexpr std::chrono::seconds attempt_patience{1};
  /// Whether somebody waits for nothing but the attempts under way.
  [[nodiscard]] bool hangs_on_attempts(const counts& c) const noexcept {
    return c.waiting > 0 && c.open == 0 && c.connecting > 0;
  }

  void on_connected() noexcept;

  /// An attempt failed on all hosts. Returns the pause before the next; `jitter` is a random number in [0, 1).
  /// Nothing is opened until on_pause_over().
  [[nodiscard]] std::chrono::milliseconds on_failed(double jitter) noexcept;
  void on_pause_over() noexcept { pausing_ = false; }
  [[nodiscard]] bool pausing() const noexcept { return pausing_; }

 private:
  std::size_t size_;
  std::chrono::milliseconds first_, last_;
  std::chrono::milliseconds pause_;
  bool pausing_ = false;
};

}  // namespace atto::postgres
