#include "latencies.hpp"

#include <algorithm>

namespace atto::cli {

void latencies::add(std::chrono::steady_clock::duration took) {
  micros_.push_back(std::chrono::duration_cast<std::chrono::microseconds>(took).count());
}

std::int64_t latencies::percentile(std::size_t percent) const {
  if (micros_.empty()) return 0;
  std::vector<std::int64_t> sorted = micros_;
  const std::size_t rank = std::max<std::size_t>(1, (sorted.size() * percent + 99) / 100);
  const auto nth = sorted.begin() + static_cast<std::ptrdiff_t>(rank - 1);
  std::nth_element(sorted.begin(), nth, sorted.end());
  return *nth;
}

}  // namespace atto::cli
