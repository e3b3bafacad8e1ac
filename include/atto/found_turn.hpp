#pragma once

#include <atto/history.hpp>

#include <cstdint>

namespace atto {

/// What async_find_turn gives: a turn that was stored with a message id.
struct found_turn {
  found_turn();
  found_turn(std::int64_t version, history events);

  [[nodiscard]] friend bool operator==(const found_turn& a, const found_turn& b) {
    return a.version == b.version && a.events == b.events;
  }

  /// The version that the turn made.
  std::int64_t version = 0;
  /// What it added to the history, also when a whole save has replaced that since.
  history events;
};

}  // namespace atto
