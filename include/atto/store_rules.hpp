#pragma once

/// The rules that every store keeps, for implementers; a user of stores needs nothing of it. All of it is pure: no
/// clock, no lock, no I/O.

#include <atto/export.hpp>
#include <atto/failure.hpp>
#include <atto/store_requests.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace atto {

/// What must hold for a write to happen. Call a check and the write that it allows in one transaction, or under one
/// lock. A stored version of 0 means that there is no session.
namespace write_guard {

/// Whether the save may replace what is stored (save_request::guard). Error: concurrent_write.
[[nodiscard]] ATTO_EXPORT failure save(const save_request& r, std::int64_t stored_version);

/// Whether the append may be added to what is stored. `history_bytes` is history::bytes() of the stored history; the
/// stored state is replaced and does not count. Errors: concurrent_write, too_large.
[[nodiscard]] ATTO_EXPORT failure append(const append_request& r, std::int64_t stored_version,
                                         std::size_t history_bytes, std::size_t max_session_bytes);

/// Whether the session may be removed. An absent session is no error, whatever the base. Error: concurrent_write.
[[nodiscard]] ATTO_EXPORT failure remove(const remove_request& r, std::int64_t stored_version);

}  // namespace write_guard

/// The errors of the rules, so that all stores give the same message and diagnostics.
namespace store_rules {

/// errc::concurrent_write with both versions.
[[nodiscard]] ATTO_EXPORT failure concurrent_write(std::int64_t stored_version, std::int64_t supplied_version);
/// errc::too_large with both sizes, in the bytes that json::bytes counts.
[[nodiscard]] ATTO_EXPORT failure too_large(std::size_t bytes, std::size_t max_session_bytes);
/// errc::claim_lost: a write or a renewal under a claim that is no longer held.
[[nodiscard]] ATTO_EXPORT failure claim_lost();
/// errc::owned_elsewhere with the address that the owner of the claim gave.
[[nodiscard]] ATTO_EXPORT failure owned_elsewhere(std::string owner_address);
/// errc::closed: an operation on a store that was closed.
[[nodiscard]] ATTO_EXPORT failure closed();

}  // namespace store_rules

/// What a store keeps of the claim of a session, and the rules of claims. Times are microseconds since 1970 by the
/// store's clock. Keep it also for an absent session, until async_sweep deletes it; delete it with the session.
///
/// A write with an epoch checks the claim before its guard; see check. A default object is "no claim".
struct ATTO_EXPORT claim_row {
  /// The number of the claim; 0 when there never was one.
  std::int64_t epoch = 0;
  std::int64_t owned_until = 0;
  std::string owner{};  // empty: no one
  std::string owner_address{};

  /// Whether `who` may claim the session now. Error: owned_elsewhere.
  [[nodiscard]] failure may_claim(std::string_view who, std::int64_t now) const;

  /// The epoch of the next claim. The clock keeps an epoch from repeating after the row was deleted.
  [[nodiscard]] std::int64_t next_epoch(std::int64_t now) const;

  /// The row after the claim `r`. Precondition: may_claim.
  [[nodiscard]] claim_row claimed(const claim_request& r, std::int64_t now) const;

  /// Gives the claim up; the row stays, so that later writes under the claim are refused.
  void release();

  /// Whether a write under the claim `held` may happen. Without one its guard alone decides. Error: claim_lost.
  [[nodiscard]] failure check(const std::optional<std::int64_t>& held) const;

  /// When a claim that begins or is renewed now ends.
  [[nodiscard]] static std::int64_t end_of(std::chrono::milliseconds ttl, std::int64_t now);
};

}  // namespace atto
