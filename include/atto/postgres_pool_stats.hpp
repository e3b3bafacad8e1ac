#pragma once

#include <atto/store_stats.hpp>

#include <cstddef>

namespace atto::postgres {

/// What a pool has in hand, and has done: pool::stats(). The numbers of all stores that share it. Leases that wait are
/// in `waiting`, too, but are no operations.
struct pool_stats : store_stats {
  // Now.
  /// Connections that serve operations, and those of them that have a group on its way.
  std::size_t connections_open = 0;
  std::size_t connections_busy = 0;
  /// Connections lent out, or on their way back.
  std::size_t connections_leased = 0;
};

}  // namespace atto::postgres
