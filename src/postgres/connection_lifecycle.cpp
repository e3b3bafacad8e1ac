#include "postgres/connection_lifecycle.hpp"

#include <algorithm>

namespace atto::postgres {

std::size_t connection_lifecycle::to_open(const counts& c) const noexcept {
  const std::size_t standing = c.open + c.lent;
  if (pausing_ || c.waiting <= c.connecting || standing + c.connecting >= size_) return 0;
  const std::size_t wanted = c.waiting - c.connecting;
  const std::size_t room = size_ - standing - c.connecting;
  if (standing == 0) return c.connecting == 0 ? 1 : 0;
  return std::min(wanted, room);
}

void connection_lifecycle::on_connected() noexcept {
  pause_ = first_;
  pausing_ = false;
}

std::chrono::milliseconds connection_lifecycle::on_failed(double jitter) noexcept {
  pausing_ = true;
  const auto full = pause_;
  pause_ = std::min(pause_ * 2, last_);
  // Half is fixed, half is random: nodes that lost the same server do not come back in step.
  const auto half = full / 2;
  return half + std::chrono::milliseconds(
                    static_cast<std::chrono::milliseconds::rep>(jitter * static_cast<double>((full - half).count())));
}

}  // namespace atto::postgres
