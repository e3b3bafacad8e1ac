#pragma once

#include <atto/completion.hpp>
#include <atto/diagnostics.hpp>
#include <atto/history.hpp>
#include <atto/json.hpp>
#include <atto/message_id.hpp>
#include <atto/runtime_options.hpp>

#include "runtime/session_actor.hpp"
#include "runtime/turn_draft.hpp"
#include "runtime/turn_ticket.hpp"

#include <boost/asio/execution/outstanding_work.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace atto::detail {

class turn_call;
class turn_coroutine;

using turn_call_ptr = std::shared_ptr<turn_call>;

/// A call of async_run: what its caller gave, and what its turn uses without a lock, for only who has the session for
/// this turn uses it. What the turn_books guard of the turn is its private base, so that no one else names it.
class turn_call final : private turn_ticket {
 public:
  turn_call(json m, std::optional<atto::message_id> i, turn_event_handler e, std::chrono::steady_clock::time_point d,
            completion<history> c)
      : turn_ticket(d, i.has_value()),
        message(std::move(m)),
        message_id(i),
        on_event(std::move(e)),
        done(std::move(c)) {}

  /// The same turn for the books, and back.
  [[nodiscard]] static turn_ticket_ptr ticket(turn_call_ptr c) noexcept {
    turn_ticket* const t = c.get();
    return {std::move(c), t};
  }
  [[nodiscard]] static turn_call_ptr of(turn_ticket_ptr t) noexcept {
    auto* const c = static_cast<turn_call*>(t.get());
    return {std::move(t), c};
  }

  /// Valid when the books have taken the turn.
  [[nodiscard]] const std::string& session_id() const noexcept { return actor->id; }

  using turn_ticket::deadline;
  const json message;
  const std::optional<atto::message_id> message_id;
  const turn_event_handler on_event;
  completion<history> done;  // used once, when the books have said how the turn ended

  diagnostics diag;                           // of what the store was asked last
  std::optional<turn_draft> draft;            // from its handler's start
  std::shared_ptr<turn_coroutine> coroutine;  // that runs its handler, unless that is a function
  /// From its handler's start to its return: meanwhile the turn may be cut, and `done` no longer is work.
  std::optional<posting_executor<boost::asio::execution::outstanding_work_t::tracked_t>> work;
};

}  // namespace atto::detail
