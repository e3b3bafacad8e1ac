#pragma once

#include <atto/snapshot.hpp>

#include <cstdint>
#include <optional>

namespace atto {

/// What async_claim gives: the session as it is under the claim, and the number of the claim.
struct claimed_session {
  claimed_session();
  claimed_session(std::int64_t epoch, std::optional<snapshot> snap);

  /// At least 1; greater than that of any claim of the session before, whoever's, also of one that was removed since.
  std::int64_t epoch = 0;
  /// Nothing: the session is absent. The first write of it stands on base 0.
  std::optional<snapshot> snap;
};

}  // namespace atto
