#pragma once

#include "fault/failing_new.hpp"

#include <cstddef>
#include <new>

namespace atto::test {

/// Runs `work` with every allocation of this thread failing in turn, until a run meets none that fails: it may throw
/// bad_alloc and nothing else. Returns how many there were. A long work is thinned out: from the 500th allocation on
/// not every one fails.
template <class Work>
std::size_t sweep_allocations(failing_new::how how, Work&& work) {
  for (std::size_t n = 1;; n += n < 500 ? 1 : n / 50) {
    failing_new::arm(n, how);
    try {
      const failing_new::window open;
      work();
    } catch (const std::bad_alloc&) {
    }
    if (!failing_new::disarm()) return n - 1;
  }
}

}  // namespace atto::test
