#include "runtime/turn_strand.hpp"

namespace atto::detail {

std::unique_ptr<turn_strand::task> turn_strand::take() {
  const std::lock_guard lock(mutex_);
  if (waiting_.empty()) return nullptr;
  auto next = std::move(waiting_.front());
  waiting_.pop_front();
  return next;
}

void turn_strand::leave(const std::shared_ptr<turn_strand>& self) noexcept {
  {
    const std::lock_guard lock(self->mutex_);
    if (self->waiting_.empty()) {
      self->running_ = false;
      return;
    }
  }
  self->start([mine = permit(self)]() mutable { in_strand(std::move(mine)).run_waiting(); }, false);
}

void turn_strand::drop() noexcept {
  std::list<std::unique_ptr<task>> dropped;
  const std::lock_guard lock(mutex_);
  dropped.swap(waiting_);
  running_ = false;
}

}  // namespace atto::detail
