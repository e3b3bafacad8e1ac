#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

namespace atto::test {

/// Names a save or an append, in its state and in each of its events. Positive, and never used twice.
using write_name = std::int64_t;

enum class operation_kind { load, save_newer, save_exact, append, remove, remove_exact };

enum class operation_outcome {
  done,
  /// concurrent_write.
  refused,
  /// outcome_unknown: it may take effect at any time from its start on, or never.
  unknown,
  /// Any other error. A write claims with it that nothing was written; a load says nothing.
  not_written,
};

/// One operation on one session: what was asked, what was answered, and when.
struct recorded_operation {
  operation_kind kind = operation_kind::load;
  operation_outcome outcome = operation_outcome::done;
  std::size_t caller = 0;
  /// Read before the call and after its return. Any clock that never goes back and that all callers share.
  std::int64_t invoked = 0;
  std::int64_t returned = 0;
  /// A save or append: its own name. A load: the name in the state it read.
  write_name name = 0;
  /// What save_exact, append and remove_exact stand on.
  std::int64_t base = 0;
  /// A save or append: the version it would make. A load: the version it read, 0 for an absent session.
  std::int64_t version = 0;
  /// Done: the version that is now stored; of a remove, 1 when there was a session and else 0.
  /// Refused: the stored version that the error named, below 0 when it named none.
  std::int64_t answer = 0;
  /// A save: the events it replaces the history by, its own last. An append: those it adds. A load: those it read.
  /// Each is the name of the write that made it.
  std::vector<write_name> events;
};

/// What all callers did to one session, in any order.
using recorded_history = std::vector<recorded_operation>;

[[nodiscard]] inline bool is_write(const recorded_operation& o) noexcept {
  return o.kind == operation_kind::save_newer || o.kind == operation_kind::save_exact ||
         o.kind == operation_kind::append;
}

[[nodiscard]] inline bool is_remove(const recorded_operation& o) noexcept {
  return o.kind == operation_kind::remove || o.kind == operation_kind::remove_exact;
}

/// The last moment at which the operation can have taken effect.
[[nodiscard]] inline std::int64_t latest_effect(const recorded_operation& o) noexcept {
  return o.outcome == operation_outcome::unknown ? std::numeric_limits<std::int64_t>::max() : o.returned;
}

/// One line, such as "append 7 on version 3 by caller 2 in [12, 15], done: version 4".
[[nodiscard]] std::string describe(const recorded_operation& o);

/// The same history, its first operation starting at 0: stamps that can be read.
[[nodiscard]] recorded_history from_zero(recorded_history h);

/// All operations, a line each, in the order of their start.
[[nodiscard]] std::string describe(recorded_history h);

}  // namespace atto::test
