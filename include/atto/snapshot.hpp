#pragma once

#include <atto/history.hpp>
#include <atto/state.hpp>

#include <cstdint>
#include <limits>
#include <string>

namespace atto {

/// The highest version a session can reach. An append on it is invalid_argument.
inline constexpr std::int64_t max_version = std::numeric_limits<std::int64_t>::max();

/// One session at one moment: state, history and version belong together.
///
/// The writer chooses the version: 1 … max_version, one more each turn. 0 means "none yet".
struct snapshot {
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
struct turn {
  turn();
  turn(atto::state state, atto::history events);

  atto::state state;
  atto::history events;
};

}  // namespace atto
