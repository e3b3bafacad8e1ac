#pragma once

#include "bench/plan.hpp"
#include "bench/tally.hpp"
#include "bench/workload.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

#include <chrono>
#include <cstddef>
#include <string>

namespace atto::cli::bench {

/// Runs a workload with the plan's number of writers, each a coroutine that starts its next operation when the last one
/// has ended, all on one thread, and counts what happens in the measured time.
class driver {
 public:
  /// All arguments must outlive this object.
  driver(boost::asio::io_context& context, workload& work, const plan& p) : context_(context), work_(work), plan_(p) {}

  /// Brings the store to where the measured time begins. Errors (thrown): error_with_diagnostics.
  void prepare();
  /// Warms up and measures. Errors (thrown): error_with_diagnostics, for the first operation that failed.
  void measure();
  /// No operation begins from now on.
  void stop() noexcept { stopping_ = true; }

  [[nodiscard]] const tally& counted() const noexcept { return tally_; }

 private:
  using clock = std::chrono::steady_clock;

  boost::asio::awaitable<void> prepare_some();
  boost::asio::awaitable<void> operate(std::size_t writer);
  [[nodiscard]] bool over(clock::time_point now) const;
  void note(const step& done, clock::time_point started, clock::time_point ended);
  void fail(const error_code& ec, const diagnostics& diag);

  boost::asio::io_context& context_;
  workload& work_;
  const plan& plan_;
  std::size_t prepared_ = 0;
  std::size_t begun_ = 0;  // operations
  bool stopping_ = false;
  clock::time_point from_;
  clock::time_point until_;
  tally tally_;
  error_code failure_;
  diagnostics why_;
};

}  // namespace atto::cli::bench
