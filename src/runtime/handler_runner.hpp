#pragma once

#include <atto/session_runtime.hpp>

#include "runtime/turn_ticket.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <exception>
#include <memory>
#include <utility>

namespace atto::detail {

/// Who is told that a turn's handler has returned.
class handler_listener {
 public:
  virtual ~handler_listener() = default;
  virtual void on_handled(const ticket_ptr& t, std::exception_ptr e) = 0;
};

/// What is to be called when a handler has returned: once, anywhere.
class handler_end {
 public:
  handler_end(std::shared_ptr<handler_listener> l, ticket_ptr t) noexcept
      : listener_(std::move(l)), ticket_(std::move(t)) {}

  void operator()(std::exception_ptr e) { listener_->on_handled(ticket_, std::move(e)); }

  [[nodiscard]] const ticket_ptr& ticket() const noexcept { return ticket_; }

 private:
  std::shared_ptr<handler_listener> listener_;
  ticket_ptr ticket_;
};

/// Runs the user's handlers. Its owner is kept by every handler_end, so that it outlives the turns. Threads: any.
class handler_runner {
 public:
  virtual ~handler_runner() = default;
  /// Called before others may stop the turn.
  virtual void prepare(turn_ticket& t) = 0;
  /// Called when the ticket has its turn and is prepared, where those before it ended: on the runtime's executor, but
  /// for functions, perhaps on the pool. A turn that is cut before its handler is called ends without one.
  virtual void run(handler_end end) = 0;
  /// Its handler, if it has not returned. The turn has ended already.
  virtual void stop(const ticket_ptr& t) = 0;
  /// Nothing is kept for turns to come.
  virtual void close() = 0;
};

/// On the pool.
[[nodiscard]] std::unique_ptr<handler_runner> function_runner(boost::asio::any_io_executor pool,
                                                              blocking_turn_handler handler);

}  // namespace atto::detail
