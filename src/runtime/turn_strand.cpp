#include "runtime/turn_strand.hpp"

namespace atto::detail {

std::unique_ptr<turn_strand::task> turn_strand::take() {
  const std::lock_guard lock(mutex_);
  if (waiting_.empty()) return nullptr;
  auto next = std::move(waiting_.front());
  waiting_.pop_front();
  return next;
}

void turn_strand::leave() noexcept {
  {
    const std::lock_guard lock(mutex_);
    if (waiting_.empty()) {
      running_ = false;
      return;
    }
  }
  start([mine = permit(shared_from_this())]() mutable { in_strand(std::move(mine)).run_waiting(); }, false);
}

void turn_strand::drop() noexcept {
  std::list<std::unique_ptr<task>> dropped;
  const std::lock_guard lock(mutex_);
  dropped.swap(waiting_);
  running_ = false;
}

}  // namespace atto::detail
