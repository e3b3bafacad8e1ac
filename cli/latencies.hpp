#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace atto::cli {

/// How long acknowledged turns took.
class latencies {
 public:
  void add(std::chrono::steady_clock::duration took);
  [[nodiscard]] std::size_t count() const noexcept { return micros_.size(); }
  /// The smallest duration, in microseconds, that `percent` of all do not pass (nearest rank); 0 when there are none.
  [[nodiscard]] std::int64_t percentile(std::size_t percent) const;

 private:
  std::vector<std::int64_t> micros_;
};

}  // namespace atto::cli
