#pragma once

#include "failure.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

namespace atto::sqlite {

/// Decides for every operation of a store when it runs and how it ends. Pure: no lock, no clock, no handler; time is an
/// argument, and operations are known by their tickets, which grow in the order of submission.
///
/// An operation waits, executes, and, if it writes, commits. Until it commits it can be taken back: it then ends at
/// once, and the worker, which finds out by begin_commit and finish, drops what it has done. Once it commits only the
/// database knows.
class request_queue {
 public:
  using time_point = std::chrono::steady_clock::time_point;
  using ticket = std::uint64_t;
  /// One operation that has ended, and why.
  struct ending {
    ticket id = 0;
    failure why{};
  };
  using endings = std::vector<ending>;

  /// A commit holds every lock it needs, so only the disk can delay it: it is given this long past the deadline to
  /// tell its result before that is called unknown.
  static constexpr std::chrono::milliseconds commit_grace{100};

  explicit request_queue(std::size_t max_waiting) noexcept : max_waiting_(max_waiting) {}

  /// A refusal (closed, unavailable), or nothing: then the operation waits.
  failure submit(ticket id, time_point deadline);
  /// Refuses what comes from now on. `id` is the close operation itself: it ends when all others have.
  void close(ticket id, time_point deadline);

  /// The next operation to execute. Nothing may be running.
  [[nodiscard]] std::optional<ticket> take();
  /// False when `id`, which runs, has ended meanwhile and must not commit.
  [[nodiscard]] bool begin_commit(ticket id);
  /// The worker is done with `id`. True when it has not ended yet: the worker's result is its end.
  [[nodiscard]] bool finish(ticket id);

  /// A cancellation signal; `total` is one that asks for no effect at all. Tickets that have ended are ignored.
  [[nodiscard]] endings cancel(ticket id, bool total);
  /// Ends what has reached its deadline. A close that does so abandons all the others.
  [[nodiscard]] endings expire(time_point now);
  /// Ends all that can be taken back, and closes.
  [[nodiscard]] endings abandon();

  /// True when a close operation waits for nothing but the file to be closed.
  [[nodiscard]] bool drained() const noexcept { return !closes_.empty() && waiting_.empty() && !running_; }
  /// Ends the close operations; theirs is success.
  [[nodiscard]] std::vector<ticket> take_closes();
  /// When expire is to be called next.
  [[nodiscard]] std::optional<time_point> next_deadline() const;

 private:
  struct running {
    ticket id;
    time_point deadline;
    bool committing = false;
    bool ended = false;
  };

  void end_waiting(ticket id, time_point deadline);
  void end_others(endings& out);
  void expire_waiting(time_point now, endings& out);
  void expire_running(time_point now, endings& out);
  void expire_closes(time_point now, endings& out);

  std::size_t max_waiting_;
  bool closed_ = false;
  std::map<ticket, time_point> waiting_;                 // first come, first served
  std::set<std::pair<time_point, ticket>> by_deadline_;  // of waiting_
  std::optional<running> running_;
  std::map<ticket, time_point> closes_;
};

}  // namespace atto::sqlite
