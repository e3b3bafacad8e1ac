#pragma once

#include <atto/snapshot.hpp>

#include "runtime/session_claim.hpp"
#include "runtime/turn_ticket.hpp"

#include <boost/intrusive/list_hook.hpp>

#include <chrono>
#include <cstddef>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace atto::detail {

/// The one writer of a session in this process. Only the turn_books use it, under their lock. Two things of it are
/// given out: `id`, which is constant, and a reference to the snapshot in `live`, to the turn that has the session; the
/// books do not change `live` while it has it.
struct session_actor : boost::intrusive::list_base_hook<> {
  explicit session_actor(std::string session) : id(std::move(session)) {}

  /// What it counts towards max_live_bytes.
  [[nodiscard]] std::size_t bytes() const noexcept {
    return live ? id.size() + live->state.bytes() + live->history.bytes() : 0;
  }

  const std::string id;
  std::list<turn_ticket_ptr> mailbox;  // by arrival
  bool busy = false;                   // a turn has the session: from hydrating to the end of its handler or its write
  std::optional<snapshot> live;
  session_claim claim;
  std::weak_ptr<turn_ticket> running;  // while the handler of its turn runs
  std::size_t counted = 0;             // of bytes(), in the runtime's sum
  std::chrono::steady_clock::time_point idle_since{};
};

using actor_ptr = std::shared_ptr<session_actor>;

}  // namespace atto::detail
