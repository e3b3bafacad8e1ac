#pragma once

#include <atto/completion.hpp>
#include <atto/failure.hpp>
#include <atto/session_runtime.hpp>

#include "runtime/turn_core.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <utility>

namespace atto::detail {

struct session_actor;
class turn_coroutine;
struct turn_ticket;

using ticket_ptr = std::shared_ptr<turn_ticket>;
/// By deadline and, within it, arrival.
using turns_by_deadline = std::map<std::pair<std::chrono::steady_clock::time_point, std::uint64_t>, ticket_ptr>;

/// A turn on its way: what its caller gave, and how far it has come. Guarded by the runtime's mutex, but for `turn`,
/// `work` and `coroutine`: these are written by who has the session for this turn, and looked at by others while it
/// runs.
struct turn_ticket {
  enum class stage {
    waiting,    // in its session's mailbox
    hydrating,  // its session is being loaded for it
    asking,     // whether it was stored before, by its message's id
    starting,   // its handler is to be called next
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

  std::uint64_t number = 0;             // order among all turns
  turns_by_deadline::iterator place{};  // these two are kept by turns_under_way
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

  std::optional<turn_core> turn;      // from its handler's start
  boost::asio::any_io_executor work;  // once it is cut: its handler still is work, and its strand does not say so
  std::shared_ptr<turn_coroutine> coroutine;  // that runs its handler, unless that is a function
};

}  // namespace atto::detail
