#include "postgres/deadline_clock.hpp"

namespace atto::postgres {

void deadline_clock::add(time_point when, std::uint64_t number) {
  if (!expired_) return;
  deadlines_.emplace(when, number);
  if (when < armed_for_) arm();
}

void deadline_clock::remove(time_point when, std::uint64_t number) {
  deadlines_.erase({when, number});
  if (!deadlines_.empty() || armed_for_ == time_point::max()) return;
  armed_for_ = time_point::max();
  timer_.cancel();
}

void deadline_clock::stop() {
  expired_ = nullptr;
  deadlines_.clear();
  armed_for_ = time_point::max();
  timer_.cancel();
}

void deadline_clock::arm() {
  armed_for_ = deadlines_.begin()->first;
  timer_.expires_at(armed_for_);
  timer_.async_wait([this, owner = owner_](boost::system::error_code ec) {
    const auto alive = owner.lock();
    if (!ec && alive != nullptr) on_timer();
  });
}

void deadline_clock::on_timer() {
  armed_for_ = time_point::max();
  const auto now = std::chrono::steady_clock::now();
  while (expired_ && !deadlines_.empty() && deadlines_.begin()->first <= now) {
    const auto number = deadlines_.begin()->second;
    deadlines_.erase(deadlines_.begin());
    expired_(number);
  }
  if (!deadlines_.empty() && deadlines_.begin()->first < armed_for_) arm();
}

}  // namespace atto::postgres
