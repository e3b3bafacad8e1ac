#pragma once

#include <atto/session_runtime.hpp>

#include "base/mutex.hpp"
#include "runtime/handler_runner.hpp"
#include "runtime/turn_strand.hpp"

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/circular_buffer.hpp>

#include <exception>
#include <memory>
#include <optional>

namespace atto::detail {

class turn_coroutines;

/// A coroutine that runs the handlers of one turn after another, of any session, on a strand of its own: to launch one
/// costs as much as the rest of an empty turn. Between two turns it waits. It is its owner's then, the turn_coroutines'
/// or the next call's, and ends with it; while it runs a handler it keeps the call, which keeps this.
class turn_coroutine {
 public:
  explicit turn_coroutine(const std::shared_ptr<const boost::asio::any_io_executor>& inner)
      : state_(std::make_shared<state>(inner)) {}

  /// To be called once for each turn, on the inner executor, and by the turn's call.
  void run(turn_coroutines& home, handler_end end);
  /// Cancels the turn's handler, if it still runs.
  void stop(const turn_call_ptr& c) const;

  /// Whether it can serve another session: no one holds the executor that it gave to the handlers before, so that
  /// nothing of theirs can run in the next one's turn. Precondition: it waits.
  [[nodiscard]] bool is_free() const noexcept { return state_->strand.use_count() == own_uses_; }

 private:
  /// What came of a turn. Empty before the first.
  struct handler_outcome {
    std::optional<handler_end> end;
    std::exception_ptr thrown;
  };
  using next_handler = boost::asio::any_completion_handler<void(handler_end)>;

  /// What the coroutine itself keeps. But for `strand`, it is used in the strand only.
  struct state {
    explicit state(const std::shared_ptr<const boost::asio::any_io_executor>& inner)
        : strand(std::make_shared<turn_strand>(inner)) {}

    const std::shared_ptr<turn_strand> strand;
    const turn_call* serves = nullptr;
    bool stopped = false;  // then it serves no other: its cancellation state does not forget
    boost::asio::cancellation_signal stop;
  };
  /// What the coroutine waits for. Called when it is suspended: it may be given a turn before this returns.
  struct waiting {
    void operator()(next_handler next) const;

    turn_coroutine* launched;  // before the first turn, else null
    turn_coroutines& home;
    handler_outcome& last;
  };

  void begin(turn_coroutines& home, handler_end end);
  void launch(turn_coroutines& home);
  static boost::asio::awaitable<void> serve(std::shared_ptr<state> self, turn_coroutine* launched,
                                            turn_coroutines* home);
  static void report(handler_outcome came);

  const std::shared_ptr<state> state_;
  long own_uses_ = 0;  // of the strand, while it waits
  next_handler next_;  // while it waits
};

/// Runs handlers that are coroutines. Threads: any.
class turn_coroutines final : public handler_runner {
 public:
  turn_coroutines(boost::asio::any_io_executor inner, turn_handler handler);

  void prepare(turn_call& c) override;
  void run(handler_end end) override;
  void stop(const turn_call_ptr& c) override;
  void close() override;

  [[nodiscard]] const turn_handler& handler() const noexcept { return handler_; }
  /// It waits for a turn from now on.
  void add_idle(std::shared_ptr<turn_coroutine> idle) noexcept;

 private:
  using coroutines = boost::circular_buffer<std::shared_ptr<turn_coroutine>>;

  const std::shared_ptr<const boost::asio::any_io_executor> inner_;
  const turn_handler handler_;
  mutex mutex_;
  coroutines idle_
      ATTO_GUARDED_BY(mutex_);  // the one that has waited longest first: the last may be in its strand still
  bool closed_ ATTO_GUARDED_BY(mutex_) = false;
};

}  // namespace atto::detail
