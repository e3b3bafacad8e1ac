#pragma once

#include "support/recorded_history.hpp"

#include <cstddef>
#include <string>

namespace atto::test {

struct verdict {
  bool legal = true;
  /// The first thing that no order of the operations explains, in a sentence; empty when legal.
  std::string why;
};

/// Says whether one session, changed by one operation after the other, explains every answer, each operation having its
/// moment between its start and its return.
///
/// Two operations of which one returned before the other started are in that order; equal stamps are no order. An
/// unknown operation has any moment from its start on, or none. A refused one has two, since a store may look which
/// version is stored after the guard failed: first the guard fails, then the version it names is stored.
///
/// Without a remove that (perhaps) removed, versions give the order and the answer is exact at any length. With one, it
/// is searched for; a search that passes `max_states` says so and is not legal: keep such histories short.
///
/// Precondition: every save's and append's events are not empty, and the last bears its name.
[[nodiscard]] verdict check(const recorded_history& h, std::size_t max_states = 1'000'000);

}  // namespace atto::test
