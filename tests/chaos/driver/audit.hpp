#pragma once

#include "driver/journal.hpp"
#include "support/history_recorder.hpp"

#include <atto/session_store.hpp>

#include <chrono>
#include <cstddef>
#include <string>

namespace atto::test {

/// What was acknowledged and is not there.
struct losses {
  /// Appends, of sessions that are only appended to.
  std::size_t appends = 0;
  /// Acknowledged versions above the one that is stored.
  std::size_t versions = 0;
  /// The first, in a sentence.
  std::string first;

  [[nodiscard]] std::size_t all() const noexcept { return appends + versions; }
};

/// Loads every session that `all` names, as one more caller; each is tried until it is answered. Throws
/// std::runtime_error when that takes longer than `limit`.
[[nodiscard]] histories_by_id read_back(session_store& store, const histories_by_id& all, std::chrono::seconds limit);

/// Compares what was acknowledged with what was read back. Sessions that are removed are left to the checker.
[[nodiscard]] losses losses_of(const histories_by_id& all, const histories_by_id& read);

/// Of the writes in doubt, those whose fate can be told by what others saw.
[[nodiscard]] std::size_t resolved(const recorded_history& h);

}  // namespace atto::test
