#pragma once

#include <cstddef>
#include <string>

namespace atto::test {

/// libpq, of which one call fails as told: the n-th of those listed here, or that and all that follow, on any thread. A
/// call that fails does nothing; what it returns is what libpq returns when memory or the connection has gone.
/// Linked with --wrap for each of them (see CMakeLists.txt); calls that libpq makes to itself are not concerned.
struct failing_libpq {
  enum class how { once, from_then_on };

  static void arm(std::size_t n, how h);
  /// Fails nothing any more. The name of the function whose call has failed first since arm; empty when none has.
  static std::string disarm();
};

}  // namespace atto::test
