#include "interrupt.hpp"

#include <boost/system/error_code.hpp>

#include <csignal>
#include <utility>

namespace atto::cli {

interrupt::interrupt(boost::asio::io_context& context, std::function<void()> on_signal)
    : signals_(context, SIGINT, SIGTERM), on_signal_(std::move(on_signal)) {
  signals_.async_wait([this](const boost::system::error_code& ec, int signal) {
    if (ec) return;
    signal_ = signal;
    // Gives the signals their default actions back.
    signals_.clear();
    on_signal_();
  });
}

}  // namespace atto::cli
