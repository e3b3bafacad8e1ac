#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <utility>

namespace atto {

/// One timer for the earliest of many deadlines, which are kept elsewhere. It waits, and so keeps an io_context from
/// ending, only while it is armed.
///
/// Thread-safety: none; its owner calls it on a strand or under a mutex.
class deadline_timer {
 public:
  using time_point = std::chrono::steady_clock::time_point;

  explicit deadline_timer(const boost::asio::any_io_executor& executor) : timer_(executor) {}

  /// Called on the executor when a deadline may have passed. It must call fired() under the strand or the mutex, then
  /// look at what is late, and arm again. It is not called after the end of `owner`, which it keeps alive.
  void on_due(std::weak_ptr<void> owner, std::function<void()> due) {
    owner_ = std::move(owner);
    due_ = std::move(due);
  }

  /// Sees to it that the callback comes at `earliest`, or sooner: a timer that is armed for an earlier time is left as
  /// it is, for to set it anew costs more than to look once in vain. time_point::max(): nothing is to come.
  void arm(time_point earliest) {
    if (earliest == time_point::max()) return disarm();
    if (earliest >= armed_for_) return;
    armed_for_ = earliest;
    timer_.expires_at(earliest);
    timer_.async_wait([due = due_, owner = owner_](boost::system::error_code ec) {
      const auto alive = owner.lock();
      if (!ec && alive != nullptr) due();
    });
  }

  /// The wait has ended: the next call of arm() sets the timer.
  void fired() noexcept { armed_for_ = time_point::max(); }

 private:
  void disarm() {
    if (std::exchange(armed_for_, time_point::max()) != time_point::max()) timer_.cancel();
  }

  boost::asio::steady_timer timer_;
  time_point armed_for_ = time_point::max();  // max: it is not armed
  std::weak_ptr<void> owner_;
  std::function<void()> due_;
};

}  // namespace atto
