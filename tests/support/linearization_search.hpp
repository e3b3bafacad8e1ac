#pragma once

#include "support/recorded_history.hpp"
#include "support/register_model.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace atto::test {

/// Checks a history by looking for an order that explains it (Wing and Gong's search, with Lowe's memory of what was
/// tried). Knows nothing of versions that only grow, so removes may occur. Exponential at worst in the number of
/// operations at one time; unknown ones are at all times.
class linearization_search {
 public:
  linearization_search(const recorded_history& h, std::size_t max_states);

  /// Where the longest order found ends; empty when one explains all.
  [[nodiscard]] std::string violation();

 private:
  /// How far each operation has come: 0 … steps_of.
  using progress = std::vector<std::uint8_t>;

  [[nodiscard]] static std::uint8_t steps_of(const recorded_operation& o);
  [[nodiscard]] bool pending(const progress& p, std::size_t i) const { return p[i] < steps_of(*operations_[i]); }
  /// Operations that start after this moment must wait for one that has not had its own yet.
  [[nodiscard]] std::int64_t horizon(const progress& p) const;
  [[nodiscard]] bool explains(progress p, const stored_session& stored);
  [[nodiscard]] bool observe(progress& p, const stored_session& stored) const;
  [[nodiscard]] bool remember(const progress& p, const stored_session& stored);
  void note_longest(const progress& p, const stored_session& stored);

  std::vector<const recorded_operation*> operations_;
  std::size_t max_states_;
  std::set<std::pair<progress, int>> tried_;
  std::map<stored_session, int> known_;
  std::size_t longest_ = 0;
  std::string longest_ends_;
};

}  // namespace atto::test
