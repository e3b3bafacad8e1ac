#pragma once

#include <atto/completion.hpp>
#include <atto/session_runtime.hpp>

#include "runtime/turn_call.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <exception>
#include <functional>
#include <memory>
#include <utility>

namespace atto::detail {

/// What follows when a handler has returned, or thrown.
using on_handled_function = std::function<void(turn_call_ptr, std::exception_ptr)>;

/// What must be called when a handler has returned: once, anywhere.
class handler_end {
 public:
  handler_end(std::shared_ptr<const on_handled_function> f, turn_call_ptr c) noexcept
      : function_(std::move(f)), call_(std::move(c)) {}

  void operator()(std::exception_ptr e) { (*function_)(std::move(call_), std::move(e)); }

  /// Null once it was called.
  [[nodiscard]] const turn_call_ptr& call() const noexcept { return call_; }

 private:
  std::shared_ptr<const on_handled_function> function_;
  turn_call_ptr call_;
};

/// Runs the user's handlers. Its owner is kept by every handler_end, so that it outlives the turns. Threads: any.
class handler_runner {
 public:
  virtual ~handler_runner() = default;
  /// Called before others may stop the turn.
  virtual void prepare(turn_call& c) = 0;
  /// Called when the turn has its draft and is prepared, where those before it ended: on the runtime's executor, but
  /// for functions, perhaps on the pool. A turn that is cut before its handler is called ends without one.
  virtual void run(handler_end end) = 0;
  /// Cancels its handler, if it has not returned. The turn has ended already.
  virtual void stop(const turn_call_ptr& c) = 0;
  /// Nothing is kept for turns to come.
  virtual void close() = 0;
};

/// On the pool.
[[nodiscard]] std::unique_ptr<handler_runner> function_runner(boost::asio::any_io_executor pool,
                                                              blocking_turn_handler handler);

}  // namespace atto::detail
