#pragma once

#include <cstddef>

namespace atto::test {

/// SQLite's way to the disk, of which one call fails as told: the n-th xWrite, xSync, xTruncate or xDelete, or that and
/// all that follow. Becomes the process's default when it is first armed. Reads always succeed.
struct failing_vfs {
  enum class how {
    once,
    once_torn,  // a write that fails has written the first half
    from_then_on,
  };

  /// From now on counts calls, and fails the n-th, from 1.
  static void arm(std::size_t n, how h);
  /// Fails nothing any more; true when a call has failed since arm.
  static bool disarm();
};

}  // namespace atto::test
