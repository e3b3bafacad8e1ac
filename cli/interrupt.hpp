#pragma once

#include "exit_status.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include <functional>

namespace atto::cli {

/// While it lives, the first SIGINT or SIGTERM asks a long command to stop where it may; the second one ends the
/// process as if nobody had caught it.
class interrupt {
 public:
  /// `on_signal` is called once, on the thread that runs `context`.
  interrupt(boost::asio::io_context& context, std::function<void()> on_signal);
  interrupt(const interrupt&) = delete;
  interrupt& operator=(const interrupt&) = delete;

  [[nodiscard]] bool happened() const noexcept { return signal_ != 0; }
  /// 128 + the signal's number.
  [[nodiscard]] exit_status status() const noexcept { return static_cast<exit_status>(128 + signal_); }

 private:
  boost::asio::signal_set signals_;
  std::function<void()> on_signal_;
  int signal_ = 0;
};

}  // namespace atto::cli
