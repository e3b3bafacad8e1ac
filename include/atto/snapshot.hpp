#pragma once

#include <atto/export.hpp>
#include <atto/history.hpp>
#include <atto/state.hpp>

#include <chrono>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

namespace atto {

/// The highest version a session can reach. An append on it is invalid_argument.
inline constexpr std::int64_t max_version = std::numeric_limits<std::int64_t>::max();

/// One session at one moment: state, history and version belong together.
///
/// The writer chooses the version: 1 … max_version, one more each turn. 0 means "none yet".
struct ATTO_EXPORT snapshot {
  snapshot();
  snapshot(std::int64_t version, atto::state state, atto::history history);

  /// Number of events the session holds in all, loaded or not.
  [[nodiscard]] std::int64_t total_events() const noexcept {
    return events_before + static_cast<std::int64_t>(history.size());
  }
  /// True when older events were left out by `load_options::last`. async_save refuses a partial snapshot.
  [[nodiscard]] bool partial() const noexcept { return events_before > 0; }

  /// Equal as values, version and events_before included.
  [[nodiscard]] friend bool operator==(const snapshot& a, const snapshot& b) {
    return a.version == b.version && a.events_before == b.events_before && a.state == b.state && a.history == b.history;
  }

  std::int64_t version = 0;
  atto::state state;
  atto::history history;
  /// How many older events exist in the store and are not in `history`; 0 unless a load was bounded.
  std::int64_t events_before = 0;
};

/// What one append adds: the events of a turn, and the state after it (whole: it replaces the stored one).
struct ATTO_EXPORT turn {
  turn();
  turn(atto::state state, atto::history events);

  atto::state state;
  atto::history events;
};

/// What async_claim gives: the session as it is under the claim, and the number of the claim.
struct ATTO_EXPORT claimed_session {
  claimed_session();
  claimed_session(std::int64_t epoch, std::optional<snapshot> snap);

  /// At least 1; greater than that of any claim of the session before, whoever's, also of one that was removed since.
  std::int64_t epoch = 0;
  /// Nothing: the session is absent. The first write of it stands on base 0.
  std::optional<snapshot> snap;
};

/// What async_find_turn gives: a turn that was stored with a message id.
struct ATTO_EXPORT turn_record {
  turn_record();
  turn_record(std::int64_t version, history events);

  [[nodiscard]] friend bool operator==(const turn_record& a, const turn_record& b) {
    return a.version == b.version && a.events == b.events;
  }

  /// The version that the turn made.
  std::int64_t version = 0;
  /// What it added to the history, also when a whole save has replaced that since.
  history events;
};

/// What async_list tells about one session without reading its history.
struct ATTO_EXPORT session_info {
  session_info();
  session_info(std::string id, std::int64_t version, std::int64_t events, std::chrono::system_clock::time_point created,
               std::chrono::system_clock::time_point updated);

  std::string id;
  std::int64_t version = 0;
  std::int64_t events = 0;
  /// By the clock of the database (PostgreSQL) or of the writing process (SQLite, memory); microseconds at best.
  std::chrono::system_clock::time_point created;
  std::chrono::system_clock::time_point updated;
};

/// A page of sessions in the byte order of their ids. The next page is listed with `after` = the last id.
using session_page = std::vector<session_info>;

}  // namespace atto
