#pragma once

#include <atto/session_runtime.hpp>

#include "complete.hpp"
#include "failure.hpp"
#include "runtime/turn_core.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

namespace atto::detail {

struct session_actor;

/// A turn on its way: what its caller gave, and how far it has come. Guarded by the runtime's mutex.
struct turn_ticket {
  enum class stage {
    waiting,    // in its session's mailbox
    hydrating,  // its session is being loaded for it
    asking,     // whether it was stored before, by its message's id
    running,    // with the user's handler
    storing,    // with the store
    ended,      // its caller has been told
  };

  turn_ticket(json m, std::optional<atto::message_id> i, turn_event_handler e, std::chrono::steady_clock::time_point d,
              completion<history> c)
      : message(std::move(m)), message_id(i), on_event(std::move(e)), deadline(d), done(std::move(c)) {}

  json message;
  std::optional<atto::message_id> message_id;
  turn_event_handler on_event;
  std::chrono::steady_clock::time_point deadline;
  completion<history> done;

  std::uint64_t number = 0;                     // order among all turns
  std::chrono::steady_clock::time_point due{};  // when the runtime ends it: its deadline, but never while it is stored
  std::shared_ptr<session_actor> actor;
  stage at = stage::waiting;
  std::chrono::steady_clock::time_point renew_at{};  // its session's claim; kept by claim_renewals
  std::int64_t epoch = 0;                            // of its session's claim, when it is stored
  std::size_t reruns = 0;
  failure lost;      // the race, after which it is only asked whether its message has been answered elsewhere
  diagnostics diag;  // the store's words about it
  history events;    // for its caller

  // For an observer; kept by runtime_journal.
  std::chrono::steady_clock::time_point taken_at{};
  std::chrono::steady_clock::time_point loading_since{};
  std::chrono::steady_clock::time_point running_since{};  // zero: its handler was not called yet

  // While it runs.
  std::shared_ptr<turn_core> turn;
  boost::asio::any_io_executor strand;  // where its coroutine runs, and where alone it may be cancelled
  boost::asio::cancellation_signal stop_handler;
};

using ticket_ptr = std::shared_ptr<turn_ticket>;

}  // namespace atto::detail
