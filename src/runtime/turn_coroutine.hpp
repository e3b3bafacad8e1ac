#pragma once

#include <atto/session_runtime.hpp>

#include "runtime/handler_runner.hpp"
#include "runtime/turn_strand.hpp"

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_signal.hpp>

#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

namespace atto::detail {

class turn_coroutines;

/// A coroutine that runs the handlers of one turn after another, of any session, on a strand of its own: to launch one
/// costs as much as the rest of an empty turn. Between two turns it waits, among the turn_coroutines.
class turn_coroutine : public std::enable_shared_from_this<turn_coroutine> {
 public:
  explicit turn_coroutine(const std::shared_ptr<const boost::asio::any_io_executor>& inner)
      : strand_(std::make_shared<turn_strand>(inner)) {}

  /// To be called once, on the inner executor.
  static void run(const std::shared_ptr<turn_coroutine>& self, turn_coroutines& home, handler_end end);
  /// Cancels the turn's handler, if it still runs.
  static void stop(const std::shared_ptr<turn_coroutine>& self, const ticket_ptr& t);

  /// Whether it can serve another session: nobody holds the executor that it gave to the handlers before, so that
  /// nothing of theirs can run in the next one's turn. Precondition: it waits.
  [[nodiscard]] bool is_free() const noexcept { return strand_.use_count() == own_uses_; }
  /// It is not needed any more. Precondition: it waits.
  void end() { next_ = nullptr; }

 private:
  /// What came of a turn. Empty before the first.
  struct outcome {
    std::optional<handler_end> end;
    std::exception_ptr thrown;
  };
  using next_handler = boost::asio::any_completion_handler<void(handler_end)>;

  /// What its coroutine waits for.
  struct waiting {
    void operator()(next_handler next) const { who.wait(home, std::move(next), std::move(last)); }

    turn_coroutine& who;
    turn_coroutines& home;
    outcome& last;
  };

  void begin(turn_coroutines& home, handler_end end);
  void launch(turn_coroutines& home);
  static boost::asio::awaitable<void> serve(std::shared_ptr<turn_coroutine> self, turn_coroutines* home);
  void wait(turn_coroutines& home, next_handler next, outcome last);
  static void tell(outcome came);

  const std::shared_ptr<turn_strand> strand_;
  long own_uses_ = 0;  // of the strand, while it waits
  // What follows is used in the strand only, but for next_ while it waits.
  next_handler next_;  // while it waits
  const turn_ticket* serves_ = nullptr;
  bool stopped_ = false;  // then it serves no other: its cancellation state does not forget
  boost::asio::cancellation_signal stop_;
};

/// Runs handlers that are coroutines. Threads: any.
class turn_coroutines final : public handler_runner {
 public:
  turn_coroutines(boost::asio::any_io_executor inner, turn_handler handler);
  ~turn_coroutines() override;

  void prepare(turn_ticket& t) override;
  void run(handler_end end) override;
  void stop(const ticket_ptr& t) override;
  void close() override;

  [[nodiscard]] const std::shared_ptr<const turn_handler>& handler() const noexcept { return handler_; }
  /// It waits for a turn from now on. False: it is not needed.
  [[nodiscard]] bool keep(const std::shared_ptr<turn_coroutine>& idle);

 private:
  const std::shared_ptr<const boost::asio::any_io_executor> inner_;
  const std::shared_ptr<const turn_handler> handler_;
  std::mutex mutex_;
  std::vector<std::shared_ptr<turn_coroutine>> idle_;
  bool closed_ = false;
};

}  // namespace atto::detail
