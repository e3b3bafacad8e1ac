#pragma once

#include "support/recorded_history.hpp"

#include <cstddef>
#include <string>

namespace atto::test {

/// What a run of histories was made of.
struct history_counts {
  std::size_t histories = 0;
  std::size_t operations = 0;
  std::size_t refused = 0;
  /// Operations that started while one of another caller on the same session was outstanding.
  std::size_t overlapping = 0;
  /// Operations that ended with any other error, or in doubt.
  std::size_t faults = 0;
  /// Of these, writes and removes in doubt.
  std::size_t unknown = 0;

  void add(const recorded_history& h);
};

/// What a run must have had to prove anything: a checker that watched idle callers has seen nothing.
struct history_minimum {
  std::size_t refused = 1;
  std::size_t overlapping = 1;
  std::size_t faults = 0;
};

/// What there was too little of, in a sentence; empty when there was enough.
[[nodiscard]] std::string shortfall(const history_counts& had, const history_minimum& needed);

}  // namespace atto::test
