#pragma once

#include <cstddef>
#include <utility>

namespace atto::test {

/// Which of the calls that are counted fail: none, the n-th, or that and all that follow. No thread-safety of its own.
class nth_call {
 public:
  void arm(std::size_t n, bool and_all_that_follow) noexcept {
    left_ = n;
    all_that_follow_ = and_all_that_follow;
    failing_ = failed_ = false;
  }
  /// Fails nothing any more; true when a call has failed since arm.
  bool disarm() noexcept {
    left_ = 0;
    failing_ = false;
    return std::exchange(failed_, false);
  }

  /// Counts a call; true when it is to fail.
  [[nodiscard]] bool fails() noexcept {
    if (failing_) return true;
    if (left_ == 0 || --left_ > 0) return false;
    failing_ = all_that_follow_;
    return failed_ = true;
  }

 private:
  std::size_t left_ = 0;
  bool all_that_follow_ = false;
  bool failing_ = false;
  bool failed_ = false;
};

}  // namespace atto::test
