#pragma once

#include "postgres/backlog.hpp"
#include "postgres/operation.hpp"
#include "postgres/pipeline.hpp"
#include "postgres/pool_steps.hpp"
#include "postgres/reply.hpp"
#include "postgres/statement.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <vector>

namespace atto::postgres {

/// The connections of a pool that serve operations: which are idle, which group is in flight on each, which are to be
/// closed, and which are watched because a caller gave up. A connection is known by its number, which is never used
/// twice. Decisions only.
class link_table {
 public:
  using time_point = std::chrono::steady_clock::time_point;
  using usable_test = std::function<bool(std::size_t number)>;

  /// How long a group, one of whose callers gave up, may take without a byte from the server.
  static constexpr std::chrono::seconds patience{1};

  explicit link_table(std::chrono::milliseconds lock_timeout) noexcept : lock_timeout_(lock_timeout) {}

  [[nodiscard]] std::size_t size() const noexcept { return links_.size(); }
  [[nodiscard]] bool empty() const noexcept { return links_.empty(); }
  [[nodiscard]] std::size_t busy() const noexcept { return busy_; }

  /// A new connection, idle. Returns its number.
  [[nodiscard]] std::size_t add(bool own_session);
  /// The idle connection that was made first: those that are not needed stay idle. 0: there is none. What is idle and
  /// not usable is forgotten and appended to `closed`.
  [[nodiscard]] std::size_t find_idle(const usable_test& usable, std::vector<pool_steps::closed_link>& closed);
  /// Idle to gone: it is wanted for something else.
  void remove(std::size_t number) { links_.erase(number); }
  /// Idle to gone, for all of them, appended to `closed`.
  void remove_idle(closing why, std::vector<pool_steps::closed_link>& closed);
  /// All to gone.
  void remove_all(closing why, std::vector<pool_steps::closed_link>& closed);

  /// Idle to busy: what is to be sent. Precondition: idle, and the group is not empty.
  [[nodiscard]] std::vector<statement> start(std::size_t number, group g, time_point now);
  void on_reply(std::size_t number, reply&& r);
  /// Busy to idle, or to gone, appended to `closed`, when the server has said something that spoils it. None: it is not
  /// there.
  [[nodiscard]] std::optional<pipeline::step> on_sync(std::size_t number, bool replicated,
                                                      std::vector<pool_steps::closed_link>& closed);
  /// Busy or idle to gone. `last_error` gets what the server said last. None: it is not there.
  [[nodiscard]] std::optional<pipeline::step> on_lost(std::size_t number, reply& last_error);

  /// The caller of an operation in flight gave up. Its replies still come, so it keeps its place. From now on the
  /// connection is watched: it is checked when its deadline and a second have passed.
  void abandon(const operation& op);
  /// A byte came on a connection that is watched: it is checked again later. True when what came until now must not
  /// count then, since no one is left who has a deadline.
  [[nodiscard]] bool on_heard(std::size_t number, time_point now);
  [[nodiscard]] bool contains(std::size_t number) const noexcept { return links_.contains(number); }

  /// When a connection must be checked; time_point::max(): none is watched.
  [[nodiscard]] time_point next_check() const noexcept;
  [[nodiscard]] std::vector<std::size_t> due_checks(time_point now) const;

 private:
  struct link {
    explicit link(pipeline p) : rounds(std::move(p)) {}

    pipeline rounds;
    bool doomed = false;  // to be closed at the next sync
    reply last_error;     // what the server said of the group in flight
    time_point sent_at{};
    time_point check_at = time_point::max();  // max: it is not watched
  };

  void unwatch(link& l) noexcept;

  std::chrono::milliseconds lock_timeout_;
  std::map<std::size_t, link> links_;
  std::size_t numbers_given_ = 0;
  std::size_t busy_ = 0;
  std::size_t watched_ = 0;
};

}  // namespace atto::postgres
