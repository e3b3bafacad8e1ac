#pragma once

#include <atto/export.hpp>
#include <atto/runtime_observer.hpp>
#include <atto/runtime_options.hpp>
#include <atto/session_store.hpp>
#include <atto/session_turn.hpp>

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/deferred.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace atto {

namespace detail {
class runtime_core;
}

/// Runs a turn: a coroutine. It may throw; what() is then in the caller's diagnostics, as server_message().
using turn_handler = std::function<boost::asio::awaitable<void>(session_turn&)>;
/// Runs a turn: a plain function, which may block the thread it is given.
using blocking_turn_handler = std::function<void(session_turn&)>;

/// Session actors over a store: each session has one live snapshot in this process while it is in use, one turn at a
/// time, and a bounded mailbox.
///
///     atto::session_runtime runtime(executor, store, handler);
///     atto::history events = co_await runtime.async_run("order-17", atto::json(R"({"say":"hello"})"));
///
/// What it promises (tests/unit/runtime has a test of each name):
///  - Turns of one session run one after another, in the order of arrival.
///  - Turns of different sessions run at the same time, on every thread of the executor.
///  - A full mailbox refuses at once.
///  - A caller gets its events once they are durable, never before.
///  - A turn that throws, times out or is cancelled leaves nothing behind.
///  - A turn that lost a race is told so, or runs again on the new snapshot.
///  - An idle session is passivated, and hydrated again by the next message with one load.
///  - A session in a turn is never evicted.
///  - A message that is sent again, by its id, gets the events of the turn it led to.
///  - With claims, a session is one runtime's at a time, and a turn whose claim was lost stores nothing.
///
/// A turn that does not end when it is cancelled keeps its session waiting: the turns behind it end by their own
/// deadlines. Nothing of it is stored.
///
/// Errors of a turn, besides those of the store's load, append and save: session_backlog_full, runtime_stopped,
/// would_deadlock (a handler called for its own session, where its coroutine or function runs), handler_failed,
/// timed_out, operation_aborted; with claims also those of the claim, owned_elsewhere (diagnostics: the owner's
/// address; ask there) and claim_lost (nothing was stored; ask again). outcome_unknown is of the turn's own write
/// always, and so is replication_unproven: the turn is stored, and its message id finds its events.
///
/// Thread-safety: all members may be called at once from any thread; not the destructor.
/// A session in memory keeps a timer running, and so an io_context from ending: stop or destroy the runtime first.
///
/// Executor: completion handlers run on their associated executors, or else on the runtime's own, and a turn's handler
/// on the latter (or the pool), on a strand of the turn's: none within the call that started it. The store's executor
/// may be another one.
///
/// Object lifetimes: the runtime shares the store. The executors' contexts must outlive both. Destroying the runtime
/// cuts what is left: every completion handler still runs, with runtime_stopped, or with what the store says of a turn
/// that was being stored. Its claims end by their ttl, unless async_stop gave them back before.
///
/// Lack of memory: when std::bad_alloc has left the call of an operation or the executor's run(), a session may wait
/// for ever, and so may its callers. Destroy the runtime and make another: the sessions are in the store.
class ATTO_EXPORT session_runtime {
 public:
  /// Errors (thrown as error_with_diagnostics): invalid_argument for options out of range, an empty handler or store.
  session_runtime(boost::asio::any_io_executor executor, std::shared_ptr<session_store> store, turn_handler handler,
                  runtime_options options = {});
  /// Plain handlers run on `pool`, which the caller sizes: one thread a turn at a time.
  session_runtime(boost::asio::any_io_executor executor, std::shared_ptr<session_store> store,
                  boost::asio::any_io_executor pool, blocking_turn_handler handler, runtime_options options = {});
  session_runtime(const session_runtime&) = delete;
  session_runtime& operator=(const session_runtime&) = delete;
  ~session_runtime();

  [[nodiscard]] boost::asio::any_io_executor get_executor() const noexcept;

  /// Runs a turn and completes with its events.
  ///
  /// Handler signature: void(error_code, history).
  /// Cancellation: terminal, partial and total, until the handler has returned: operation_aborted, nothing is written.
  /// Later: none.
  template <class Token = boost::asio::deferred_t>
  auto async_run(std::string_view id, json message, run_options options = {}, Token&& token = {}) {
    return async_stream(id, std::move(message), nullptr, options, std::forward<Token>(token));
  }

  /// The same, and `on_event` is told what the turn emits while it runs.
  template <class Token = boost::asio::deferred_t>
  auto async_stream(std::string_view id, json message, turn_event_handler on_event, run_options options = {},
                    Token&& token = {}) {
    return boost::asio::async_initiate<Token, void(error_code, history)>(
        [](auto h, session_runtime* self, std::string key, json m, turn_event_handler e, run_options o) {
          self->start_run(std::move(key), std::move(m), std::move(e), o, std::move(h));
        },
        token, this, std::string(id), std::move(message), std::move(on_event), options);
  }

  /// Reads a session without a turn: the live snapshot, or else what the store has, which does not become live. Nothing
  /// when the session is absent. With runtime_options::hydrate_last the snapshot may be partial: the events of a live
  /// session are those it was hydrated with and those added since. Works also after async_stop.
  ///
  /// Handler signature: void(error_code, std::optional<snapshot>). A timeout of 0 takes runtime_options::turn_timeout.
  /// Errors and cancellation: as async_load.
  template <class Token = boost::asio::deferred_t>
  auto async_read(std::string_view id, operation_options options = {}, Token&& token = {}) {
    return boost::asio::async_initiate<Token, void(error_code, std::optional<snapshot>)>(
        [](auto h, session_runtime* self, std::string key, operation_options o) {
          self->start_read(std::move(key), o, std::move(h));
        },
        token, this, std::string(id), options);
  }

  /// Refuses new turns (runtime_stopped), lets those that were accepted end until `timeout` has passed, cuts what is
  /// left then, gives its claims back, some hundred at a time, and completes with what had not ended. With claims it
  /// waits for the handlers that it cut as well, a second at most, for their claims are given back when they have
  /// ended. It ends at the latest two seconds after `timeout`: a claim that could not be given back until then, or
  /// whose handler does not end, is over when its ttl is. A second call waits for the same end; a shorter `timeout`
  /// brings it forward, a longer one does not put it off.
  ///
  /// Handler signature: void(error_code, std::vector<unfinished_turn>). Errors: none. Cancellation: none.
  template <class Token = boost::asio::deferred_t>
  auto async_stop(std::chrono::milliseconds timeout, Token&& token = {}) {
    return boost::asio::async_initiate<Token, void(error_code, std::vector<unfinished_turn>)>(
        [](auto h, session_runtime* self, std::chrono::milliseconds t) { self->start_stop(t, std::move(h)); }, token,
        this, timeout);
  }

  /// How many sessions are in memory.
  [[nodiscard]] std::size_t live_sessions() const;
  /// What it has to do and has done. Copies a few numbers; call it as often as you like, from any thread.
  [[nodiscard]] runtime_stats stats() const;

 private:
  void start_run(std::string id, json message, turn_event_handler on_event, run_options o,
                 boost::asio::any_completion_handler<void(error_code, history)> h);
  void start_read(std::string id, operation_options o,
                  boost::asio::any_completion_handler<void(error_code, std::optional<snapshot>)> h);
  void start_stop(std::chrono::milliseconds timeout,
                  boost::asio::any_completion_handler<void(error_code, std::vector<unfinished_turn>)> h);

  std::shared_ptr<detail::runtime_core> core_;  // shared with what is outstanding
};

}  // namespace atto
