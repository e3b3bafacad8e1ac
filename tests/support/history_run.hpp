#pragma once

#include <atto/session_store.hpp>

#include "support/history_counts.hpp"
#include "support/history_recorder.hpp"

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

namespace atto::test {

/// A run: rounds of `callers` threads that race on `sessions` new sessions, each session one history.
struct history_workload {
  unsigned seed = 1;
  std::size_t callers = 8;
  std::size_t sessions = 4;
  /// Of each caller, over all sessions of the round.
  std::size_t steps = 10;
  caller_habits habits{};
  /// Called once a round, while the callers are at work.
  std::function<void()> disturb{};
};

struct history_report {
  history_counts counts;
  /// Why the first illegal history is one, and that history; empty when all are legal.
  std::string violation;
};

/// Records and checks `histories` of them, or up to the first that is illegal. Callers take the handles in turn; all
/// handles must see the same sessions, and none of the ids that begin with "history".
/// Throws what a caller threw that is not an error of the store.
[[nodiscard]] history_report run_histories(const std::vector<session_store*>& handles, const history_workload& work,
                                           std::size_t histories);

/// ATTO_TEST_HISTORIES where that is set, for long runs; else `usual`.
[[nodiscard]] std::size_t histories_to_run(std::size_t usual);

}  // namespace atto::test
