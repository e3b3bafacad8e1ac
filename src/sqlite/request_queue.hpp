#pragma once

#include <atto/failure.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace atto::sqlite {

/// What the worker has to do with the database for an operation.
enum class kind { read, write, ensure_schema };

/// Decides for every operation of a store when it runs, with which others, and how it ends. Pure: no lock, no clock, no
/// handler; time is an argument, and operations are known by their ids, which grow in the order of submission.
///
/// An operation waits, executes in a group, and, if it writes, commits with it. Until it commits it can be taken back:
/// it then ends at once, and the worker, which finds out by begin_commit and finish, drops what it has done. Once it
/// commits only the database knows.
///
/// Writes and reads take turns, so that neither waits for more than one group of the other. An operation may overtake
/// others, but never one it could observe: none of the other kind on the same session.
class request_queue {
 public:
  using time_point = std::chrono::steady_clock::time_point;
  using operation_id = std::uint64_t;

  /// What is to be known of an operation.
  struct descriptor {
    kind what = kind::write;
    time_point deadline{};
    std::uint64_t session = every_session;  // a hash of the id: an equal one for another session only costs time
    std::size_t bytes = 0;                  // of the documents it writes
  };
  /// The session of what concerns all of them: it overtakes no operation of the other kind, and none overtakes it.
  static constexpr std::uint64_t every_session = 0;

  /// Operations that run in one transaction, in the order of submission. Empty: there are none.
  struct group {
    kind what = kind::read;
    std::vector<operation_id> members{};
  };
  /// One operation that has ended, and why.
  struct ending {
    operation_id id = 0;
    failure why{};
  };
  using endings = std::vector<ending>;

  /// A commit holds every lock it needs, so only the disk can delay it: it is given this long past the deadline to
  /// tell its result before that is called unknown.
  static constexpr std::chrono::milliseconds commit_grace{100};
  /// Bounds of a group: what a commit may delay the others, and what is executed anew when it comes to nothing.
  static constexpr std::size_t max_members = 512;
  static constexpr std::size_t max_group_bytes = std::size_t{4} << 20;
  /// A write of more bytes than this is a group of its own.
  static constexpr std::size_t max_shared_bytes = std::size_t{1} << 20;
  /// Nobody bounds what a read returns.
  static constexpr std::size_t max_reads = 64;

  explicit request_queue(std::size_t max_waiting) noexcept : max_waiting_(max_waiting) {}

  /// A refusal (closed, unavailable), or nothing: then the operation waits. When it throws, nothing has changed.
  failure submit(operation_id id, const descriptor& d);
  /// Refuses what comes from now on. `id` is the close operation itself: it ends when all others have. When it throws,
  /// nothing has changed.
  void close(operation_id id, time_point deadline);

  /// The next group to execute. Nothing may be running.
  [[nodiscard]] group take();
  /// False when one of `writers`, members of the group that runs, has ended meanwhile: none of them may commit, and
  /// those that have not ended wait again.
  [[nodiscard]] bool begin_commit(const std::vector<operation_id>& writers);
  /// The worker is done with a member. True when it has not ended yet: the worker's result is its end.
  [[nodiscard]] bool finish(operation_id id);
  /// What is left of the group that runs came to nothing by no fault of its own: it waits again, in its old place.
  void put_back() noexcept;
  /// The same when it is not known by whose fault: the next groups are half as large, so that the guilty one is soon
  /// alone. They grow again with every commit.
  void put_back_apart() noexcept;

  /// How many operations wait, those that run not among them.
  [[nodiscard]] std::size_t waiting() const noexcept { return reads_.waiting.size() + writes_.waiting.size(); }

  /// A cancellation signal; `total` is one that asks for no effect at all. Operations that have ended are ignored.
  [[nodiscard]] endings cancel(operation_id id, bool total);
  /// Ends what has reached its deadline. A close that does so abandons all the others.
  [[nodiscard]] endings expire(time_point now);
  /// Ends all that can be taken back, and closes.
  [[nodiscard]] endings abandon();

  /// True when a close operation waits for nothing but the file to be closed. To be asked between two groups.
  [[nodiscard]] bool drained() const noexcept { return !closes_.empty() && waiting() == 0 && running_.empty(); }
  /// Ends the close operations; theirs is success.
  [[nodiscard]] std::vector<operation_id> take_closes();
  /// When expire is to be called next. It may find nothing to do then.
  [[nodiscard]] std::optional<time_point> next_deadline() const;

 private:
  struct entry {
    descriptor what;
    time_point due{};  // its key in by_deadline_
    bool committing = false;
  };
  using entries = std::map<operation_id, entry>;
  /// What waits to read, or to write.
  struct lane {
    entries waiting{};
    std::set<std::pair<std::uint64_t, operation_id>>
        by_session{};  // what runs is left in it: nothing is taken meanwhile
  };

  [[nodiscard]] lane& lane_of(kind k) noexcept { return k == kind::read ? reads_ : writes_; }
  [[nodiscard]] bool is_blocked(operation_id id, const descriptor& d) noexcept;
  [[nodiscard]] std::string upshot(operation_id id) const;
  [[nodiscard]] group gather(kind k);
  bool remove(operation_id id) noexcept;
  [[nodiscard]] failure expire_one(operation_id id, time_point now);
  void end_others(endings& out);
  void end_commits(endings& out);
  void expire_closes(time_point now, endings& out);

  std::size_t max_waiting_;
  bool closed_ = false;
  lane reads_;
  lane writes_;
  kind turn_ = kind::write;
  entries running_;             // the group's members that have not ended
  std::size_t group_size_ = 0;  // of the group that runs, with those that have ended
  std::size_t max_writes_ = max_members;
  std::set<std::pair<time_point, operation_id>> by_deadline_;  // of reads_, writes_ and running_
  std::map<operation_id, time_point> closes_;
};

}  // namespace atto::sqlite
