#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <set>
#include <utility>

namespace atto::postgres {

/// The deadlines of many tickets on one timer, which runs only while there are any.
/// Runs on the strand it is given. The callback may add and remove deadlines.
class deadline_clock {
 public:
  using time_point = std::chrono::steady_clock::time_point;

  /// `expired` is called with the ticket's number when its deadline has passed and it was not removed.
  deadline_clock(const boost::asio::any_io_executor& strand, std::function<void(std::uint64_t)> expired)
      : timer_(strand), expired_(std::move(expired)) {}

  /// An expiry keeps the owner of this object alive while it is told, and is dropped when the owner has ended.
  void owner(std::weak_ptr<void> owner) noexcept { owner_ = std::move(owner); }

  void add(time_point when, std::uint64_t number);
  void remove(time_point when, std::uint64_t number);
  /// Forgets all, takes no more, and never calls back again.
  void stop();

 private:
  void arm();
  void on_timer();

  boost::asio::steady_timer timer_;
  std::function<void(std::uint64_t)> expired_;
  std::set<std::pair<time_point, std::uint64_t>> deadlines_;
  time_point armed_for_ = time_point::max();  // max: the timer does not run
  std::weak_ptr<void> owner_;
};

}  // namespace atto::postgres
