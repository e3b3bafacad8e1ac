#pragma once

#include <cstddef>

namespace atto::test {

/// Makes operator new fail as told: on this thread, while a window is open, the n-th call, and perhaps all after it.
/// Linked into a test, it replaces the process's operator new.
struct failing_new {
  enum class how { once, from_then_on };

  static void arm(std::size_t n, how h) noexcept;
  /// Fails nothing any more; true when a call has failed since arm.
  static bool disarm() noexcept;

  /// Only what is allocated while one lives is counted: the test's own work around the calls is not.
  class window {
   public:
    window() noexcept;
    ~window();
    window(const window&) = delete;
    window& operator=(const window&) = delete;

    /// How often operator new was called on this thread since this window was opened.
    [[nodiscard]] std::size_t allocations() const noexcept;

   private:
    std::size_t before_;
  };
};

/// The same for SQLite's own memory, on all threads, without windows. Before SQLite is used for the first time.
struct failing_sqlite_memory {
  static void install();
  static void arm(std::size_t n, failing_new::how h) noexcept;
  static bool disarm() noexcept;
};

}  // namespace atto::test
