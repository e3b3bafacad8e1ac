#include "bench/driver.hpp"

#include "run_at_once.hpp"

namespace atto::cli::bench {

namespace {

constexpr std::size_t preparations_at_once = 64;

std::chrono::steady_clock::duration seconds(double count) {
  return std::chrono::duration_cast<std::chrono::steady_clock::duration>(std::chrono::duration<double>(count));
}

}  // namespace

void driver::prepare() {
  run_at_once(context_, preparations_at_once, [this](std::size_t) { return prepare_some(); });
  if (failure_) throw error_with_diagnostics(failure_, why_);
}

void driver::measure() {
  const bool by_count = plan_.operations != 0;
  from_ = clock::now() + seconds(by_count ? 0 : plan_.warmup);
  until_ = by_count ? clock::time_point::max() : from_ + seconds(plan_.seconds);
  run_at_once(context_, plan_.writers, [this](std::size_t writer) { return operate(writer); });
  if (failure_) throw error_with_diagnostics(failure_, why_);
  const auto ended = by_count ? clock::now() : until_;
  tally_.seconds = std::chrono::duration<double>(ended - from_).count();
}

boost::asio::awaitable<void> driver::prepare_some() {
  diagnostics diag;
  while (!stopping_ && prepared_ < work_.preparations()) {
    const std::size_t index = prepared_++;
    const step done = co_await work_.prepare(index, diag);
    if (done.ec) fail(done.ec, diag);
    tally_.acknowledged += done.writes;
  }
}

boost::asio::awaitable<void> driver::operate(std::size_t writer) {
  diagnostics diag;
  for (auto started = clock::now(); !over(started);) {
    ++begun_;
    const step done = co_await work_.operate(writer, diag);
    const auto ended = clock::now();
    if (done.ec) fail(done.ec, diag);
    note(done, started, ended);
    started = ended;
  }
}

bool driver::over(clock::time_point now) const {
  return stopping_ || now >= until_ || (plan_.operations != 0 && begun_ >= plan_.operations);
}

void driver::note(const step& done, clock::time_point started, clock::time_point ended) {
  tally_.acknowledged += done.writes;
  // Counted when it ended in the measured time; one that began before it is as much work as one that ends behind it.
  if (done.ec || ended < from_ || ended > until_) return;
  ++tally_.operations;
  tally_.payload_bytes += done.payload;
  tally_.took.add(ended - started);
}

void driver::fail(const error_code& ec, const diagnostics& diag) {
  if (!failure_) {
    failure_ = ec;
    why_ = diag;
  }
  stop();
}

}  // namespace atto::cli::bench
