#include "runtime/turn_strand.hpp"

namespace atto::detail {

std::unique_ptr<turn_strand::task> turn_strand::take_or_leave() {
  const lock held(mutex_);
  auto next = std::move(first_);
  if (next == nullptr) {
    running_ = false;
    return nullptr;
  }
  first_ = std::move(next->next);
  if (first_ == nullptr) last_ = nullptr;
  return next;
}

void turn_strand::go_on_elsewhere(const std::shared_ptr<turn_strand>& self) noexcept {
  {
    const lock held(self->mutex_);
    if (self->first_ == nullptr) {
      self->running_ = false;
      return;
    }
  }
  self->start([mine = permit(self)]() mutable { in_strand(std::move(mine)).run_waiting(); }, false);
}

void turn_strand::drop() noexcept {
  std::unique_ptr<task> dropped;
  {
    const lock held(mutex_);
    dropped = std::move(first_);
    last_ = nullptr;
    running_ = false;
  }
  while (dropped != nullptr) dropped = std::move(dropped->next);  // one by one, not one within the other
}

}  // namespace atto::detail
