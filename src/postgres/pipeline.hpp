#pragma once

#include "postgres/backlog.hpp"
#include "postgres/reply.hpp"
#include "postgres/statement.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace atto::postgres {

/// Order on one connection: which group is in flight, whose replies come, and what its sync, an error or a loss means
/// for each member. It takes events and returns what to do; it knows no socket and no clock.
///
/// One group, closed by one sync, is in flight at a time. A member that is abandoned keeps its place until the sync, so
/// that its replies are dropped and the connection stays in step.
///
/// An error has rolled back the whole group. Its members are then sent singly, so that the one that is at fault fails
/// alone; one that met another client's lock waits longer by itself. So it is with a group that was lost: one member
/// may have been what broke the connection.
class pipeline {
 public:
  /// What a sync means for the members.
  struct step {
    std::vector<operation_ptr> ended;    // their exchanges have their outcomes
    std::vector<operation_ptr> again;    // have another round, or are to be sent again
    std::vector<operation_ptr> dropped;  // were abandoned
  };

  /// How long a write waits for a row that another client holds before it gives way: `lock_timeout`, and ten times that
  /// when it goes alone for this reason. `set`: the server's session waits no longer by itself.
  pipeline(std::chrono::milliseconds lock_timeout, bool set) noexcept : lock_timeout_(lock_timeout), set_(set) {}

  [[nodiscard]] bool idle() const noexcept { return members_.empty(); }

  /// Takes a group and returns what is to be sent, before one sync. Precondition: idle(), and the group is not empty.
  [[nodiscard]] std::vector<statement> start(group g);

  /// A statement of the group was answered.
  void on_reply(reply r);

  /// The sync arrived: only now what the replies say is committed. Idle afterwards. `replicated`: see
  /// connection_events.
  [[nodiscard]] step on_sync(bool replicated = true);

  /// The caller gave up; what still comes for it is dropped.
  void abandon(const operation& op);
  /// True when every member was abandoned.
  [[nodiscard]] bool all_abandoned() const noexcept;

  /// The connection is gone. Returns the members: `again`, which go on with another one; `ended`, with no outcome; and
  /// `dropped`.
  [[nodiscard]] step on_lost();

 private:
  struct member {
    operation_ptr op;
    std::size_t statements;
    std::vector<reply> replies;
    bool abandoned = false;
  };

  /// The lock_timeout that the group needs and the session does not have.
  [[nodiscard]] std::optional<std::chrono::milliseconds> lock_timeout_of(const group& g) const;
  [[nodiscard]] bool send_again(operation& op, bool was_alone) const;

  std::chrono::milliseconds lock_timeout_;
  bool set_;
  round_kind kind_ = round_kind::read;
  std::vector<member> members_;
  std::size_t answering_ = 0;   // the member whose replies come
  std::size_t preludes_ = 0;    // replies that come before the members'
  std::optional<reply> error_;  // what failed the group
  operation* fault_ = nullptr;  // the member whose statement it was; null: the group's own, or the commit
};

}  // namespace atto::postgres
