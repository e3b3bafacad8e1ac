#include "bench/waiting.hpp"

#include "bench/documents.hpp"
#include "bench/heap.hpp"
#include "bench/session_turns.hpp"

#include <algorithm>
#include <utility>

namespace atto::cli::bench {

namespace {

/// Text of its own for each, as turns have that come from different callers.
turn one_turn() {
  history events;
  events.push_back(event_of(document_bytes - state_bytes));
  return {state_of(1), std::move(events)};
}

class waiting_operations {
 public:
  waiting_operations(boost::asio::io_context& context, session_store& store, std::size_t count)
      : context_(context), store_(store), count_(count) {}

  void run() {
    const std::size_t before = heap_in_use();
    for (std::size_t i = 0; i < count_; ++i) start(i);
    std::size_t most = heap_in_use();
    context_.restart();
    // A look at the heap costs more than a handler, so one for many.
    constexpr std::size_t handlers_a_look = 200;
    for (std::size_t handled = 0; ended_ < count_ && context_.run_one() != 0; ++handled) {
      if (handled % handlers_a_look == 0) most = std::max(most, heap_in_use());
    }
    counted_.heap_bytes = most - before;
    if (failure_) throw error_with_diagnostics(failure_, why_);
  }
  [[nodiscard]] const tally& counted() const noexcept { return counted_; }

 private:
  void start(std::size_t number) {
    turn t = one_turn();
    counted_.payload_bytes += text_bytes(t.state) + text_bytes(t.events);
    append_options how;
    how.diag = &why_;
    store_.async_append(session_id("waiting", number), 0, std::move(t), how,
                        [this](error_code ec, std::int64_t) { on_end(ec); });
  }

  void on_end(error_code ec) {
    ++ended_;
    if (ec && !failure_) failure_ = ec;
    if (ec) return;
    ++counted_.operations;
    ++counted_.acknowledged;
  }

  boost::asio::io_context& context_;
  session_store& store_;
  std::size_t count_;
  std::size_t ended_ = 0;
  error_code failure_;
  diagnostics why_;
  tally counted_;
};

}  // namespace

tally measure_waiting(boost::asio::io_context& context, session_store& store, const plan& p) {
  waiting_operations all(context, store, p.sessions);
  all.run();
  return all.counted();
}

}  // namespace atto::cli::bench
