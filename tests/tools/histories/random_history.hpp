#pragma once

#include "support/recorded_history.hpp"

#include <cstddef>
#include <random>

namespace atto::test {

struct random_shape {
  std::size_t operations = 6;
  bool removes = false;
  unsigned unknown_percent = 20;
  /// How far a start and a return may lie from the moment of the operation, where moments are 4 apart.
  unsigned reach = 9;
};

/// What a correct store would have answered, in no order. Legal by construction.
[[nodiscard]] recorded_history random_legal_history(std::mt19937& random, const random_shape& shape);

/// Changes one answer, outcome or stamp. The result may still be legal.
void spoil(recorded_history& h, std::mt19937& random);

/// The same after a session of that id was made and removed, before all else: legal or not as it was, but now the
/// versions do not give the order.
[[nodiscard]] recorded_history after_a_remove(recorded_history h);

}  // namespace atto::test
