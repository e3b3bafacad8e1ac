#pragma once

#include "driver/audit.hpp"
#include "driver/journal.hpp"
#include "support/history_counts.hpp"

#include <boost/json/object.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

namespace atto::test {

/// When the faults of a round struck; steady clock, ns. 0: never.
struct fault_window {
  std::int64_t from = 0;
};

/// What the checker, the read-back and the clock say of a round.
struct round_report {
  history_counts counts;
  std::size_t acknowledged = 0;
  /// Acknowledged writes that were under way when the fault struck.
  std::size_t across = 0;
  std::size_t resolved = 0;
  losses lost;
  /// Histories that no order explains, for which docs/guarantees.md says why that cannot be decided: a first write in
  /// doubt across another client's remove.
  std::size_t undecidable = 0;
  std::size_t violations = 0;
  std::string violation;
  std::int64_t longest_ms = 0;
  /// Operations that ended later than 250 ms after the deadline.
  std::size_t late = 0;

  [[nodiscard]] boost::json::object as_json() const;
};

[[nodiscard]] round_report report_of(const histories_by_id& all, const histories_by_id& read, const fault_window& w,
                                     std::chrono::milliseconds deadline);

}  // namespace atto::test
