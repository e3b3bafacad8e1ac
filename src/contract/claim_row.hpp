#pragma once

#include "base/failure.hpp"
#include "contract/request_check.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

namespace atto {

/// What a store keeps of the claim of a session, and the rules of claims, for the stores that decide in this process.
/// Pure. Times are microseconds since 1970, by the store's clock. Without a claim the epoch is 0.
struct claim_row {
  std::int64_t epoch = 0;
  std::int64_t owned_until = 0;
  std::string owner;  // empty: nobody
  std::string owner_address;

  /// Whether `who` may claim the session now.
  [[nodiscard]] failure may_claim(std::string_view who, std::int64_t now) const {
    if (owner.empty() || owner == who || owned_until <= now) return {};
    return request_check::owned_elsewhere(owner_address);
  }

  /// What a claim's epoch is. The clock keeps it from repeating after the row was removed.
  [[nodiscard]] std::int64_t next_epoch(std::int64_t now) const { return std::max(epoch + 1, now); }

  void release() {
    ++epoch;  // what was sent under the claim and comes later is refused
    owned_until = 0;
    owner.clear();
    owner_address.clear();
  }

  /// Whether a write under the claim `held` may happen. Nothing held: its guard alone decides.
  [[nodiscard]] failure check(const std::optional<std::int64_t>& held) const {
    return !held || *held == epoch ? failure() : request_check::claim_lost();
  }

  [[nodiscard]] static std::int64_t end_of(std::chrono::milliseconds ttl, std::int64_t now) {
    return now + std::chrono::microseconds(ttl).count();
  }
};

}  // namespace atto
