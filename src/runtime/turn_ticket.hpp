#pragma once

#include <atto/error.hpp>
#include <atto/failure.hpp>

#include "runtime/due.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace atto::detail {

struct session_actor;
struct turn_ticket;

using turn_ticket_ptr = std::shared_ptr<turn_ticket>;

/// What the turn_books know of a turn: how far it has come, and what is due for it. Only they use it, under their lock;
/// what the rest of the runtime uses of a turn is the turn_call that derives from this.
struct turn_ticket {
  enum class stage {
    waiting,    // in its session's mailbox
    hydrating,  // its session is being loaded for it
    finding,    // the store is asked whether a turn with its message's id is stored already
    starting,   // its handler will be called next
    running,    // its handler runs
    storing,    // the store has it
    ended,      // its caller has been notified, or will be
  };

  turn_ticket(std::chrono::steady_clock::time_point d, bool has_id) : deadline(d), has_message_id(has_id) {}

  const std::chrono::steady_clock::time_point deadline;
  const bool has_message_id;

  std::shared_ptr<session_actor> actor;  // from the time when it was taken; never another one
  stage at = stage::waiting;
  std::uint64_t number = 0;  // order of arrival among all turns
  std::size_t reruns = 0;
  failure conflict;  // it lost a race; then it is only found out whether its message has been answered elsewhere
  due_place<turn_ticket> deadline_place;
  due_place<turn_ticket> renewal_place;

  // For an observer; kept by runtime_journal.
  std::chrono::steady_clock::time_point taken_at{};
  std::chrono::steady_clock::time_point loading_since{};
  std::chrono::steady_clock::time_point running_since{};  // zero: its handler was not called yet
};

}  // namespace atto::detail
