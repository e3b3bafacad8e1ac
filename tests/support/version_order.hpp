#pragma once

#include "support/recorded_history.hpp"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <string>
#include <vector>

namespace atto::test {

/// Checks a history in which nothing was removed. Every write then makes a higher version than the one before, so the
/// versions give the order of the writes, and each is placed at the earliest moment that those below it leave: earlier
/// is never worse for what follows. Exact, and linear but for the unknown writes that nobody saw.
///
/// Which of several unknown writes made a version that was only named by a refusal is left open: all that can are kept.
class version_order {
 public:
  explicit version_order(const recorded_history& h);

  /// The first violation in the order of versions; empty when there is none.
  [[nodiscard]] std::string violation();

 private:
  using operation = recorded_operation;
  using moment = std::int64_t;
  static constexpr moment always = std::numeric_limits<moment>::min();

  /// What is known of one version.
  struct slot {
    std::vector<const operation*> makers;     // who can have made it
    const operation* only = nullptr;          // who did, once that is known
    const operation* witness = nullptr;       // how we know that it was stored; null when it need not have been
    std::vector<const operation*> observers;  // who found it stored
    const operation* not_before = nullptr;    // it was not stored yet when this one started
  };
  /// A write that has its moment, and the moment from which the next one may follow, with the operation that sets it.
  struct placed {
    std::int64_t version = 0;
    moment leave = always;
    const operation* because = nullptr;
  };

  [[nodiscard]] std::string collect();
  [[nodiscard]] std::string collect(const operation& o);
  [[nodiscard]] std::string collect_done(const operation& write);
  [[nodiscard]] std::string collect_load(const operation& load);
  [[nodiscard]] std::string collect_refused(const operation& o);
  [[nodiscard]] std::string made_by(const operation& maker, std::int64_t version, const operation& witness);

  [[nodiscard]] std::string place_all();
  [[nodiscard]] std::string place(std::int64_t version, const slot& s);
  [[nodiscard]] std::string place(const operation& write, const slot& s, std::vector<placed>& here) const;
  [[nodiscard]] const placed* earliest_before(const operation& write) const;

  const recorded_history& history_;
  std::map<write_name, const operation*> writes_;
  std::map<std::int64_t, slot> slots_;
  std::vector<placed> may_precede_;  // the writes from the last one on that must have happened
};

}  // namespace atto::test
