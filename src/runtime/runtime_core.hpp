#pragma once

#include <atto/completion.hpp>
#include <atto/session_runtime.hpp>
#include <atto/store_requests.hpp>

#include "base/deadline_timer.hpp"
#include "base/mutex.hpp"
#include "runtime/handler_runner.hpp"
#include "runtime/turn_books.hpp"
#include "runtime/turn_call.hpp"
#include "runtime/turn_steps.hpp"
#include "runtime/turn_storage.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace atto::detail {

/// The runtime around its turn_books: it asks them what follows from each event, and carries that out with nothing
/// locked: handlers, the store, the observer and completion handlers.
class runtime_core final : public std::enable_shared_from_this<runtime_core> {
 public:
  using time_point = turn_books::time_point;

  [[nodiscard]] static std::shared_ptr<runtime_core> make(boost::asio::any_io_executor executor,
                                                          std::shared_ptr<session_store> store,
                                                          std::unique_ptr<handler_runner> runner, runtime_options o);
  /// For make().
  runtime_core(boost::asio::any_io_executor executor, std::shared_ptr<session_store> store,
               std::unique_ptr<handler_runner> runner, runtime_options o);

  [[nodiscard]] const boost::asio::any_io_executor& executor() const noexcept { return executor_; }
  [[nodiscard]] std::chrono::milliseconds turn_timeout() const noexcept { return options_.turn_timeout; }
  [[nodiscard]] std::size_t live_count() const;
  [[nodiscard]] runtime_stats stats() const;

  /// Takes a turn for the session, or refuses it. `slot` is the caller's; `now` was read in its call.
  void submit(const std::string& id, const turn_call_ptr& c, boost::asio::cancellation_slot slot, time_point now);
  void read(const std::string& id, request r, completion<std::optional<snapshot>> done);
  void stop(time_point deadline, completion<std::vector<unfinished_turn>> done);
  /// The runtime's object is being destroyed.
  void abandon();

 private:
  using stop_completion = completion<std::vector<unfinished_turn>>;

  /// All that the lock guards.
  struct books_and_timer {
    books_and_timer(const runtime_options& o, const boost::asio::any_io_executor& e) : books(o), timer(e) {}

    turn_books books;
    deadline_timer timer;  // for turn_steps::next_deadline
    std::vector<stop_completion> stops;
  };

  template <class Event>
  void act(time_point now, Event event);
  template <class Event>
  void act(Event event);
  void carry_out(turn_steps& then, time_point now);
  void go_on(turn_steps::progress& next, time_point now);
  void end_stops(const std::vector<unfinished_turn>& cut);

  void load(turn_call_ptr c);
  void find_turn(turn_call_ptr c);
  void start(turn_call_ptr c, const snapshot& base);
  void on_handled(turn_call_ptr c, const std::exception_ptr& e);
  void store(turn_call_ptr c, std::int64_t epoch, time_point sent);
  void renew(const turn_steps::renewal& r);
  void release(const claim_release& r);
  void on_timer();

  const boost::asio::any_io_executor executor_;
  const posting_executor<> posting_;  // the same
  const std::unique_ptr<handler_runner> runner_;
  const runtime_options options_;
  const on_handled_function on_handled_;  // for handler_ends
  turn_storage storage_;
  guarded<books_and_timer> books_;
};

}  // namespace atto::detail
