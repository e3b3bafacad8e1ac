#include <atto/store_rules.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace atto {

namespace write_guard {

failure save(const save_request& r, std::int64_t stored_version) {
  const bool newer = r.guard == guard::newer;
  if (newer ? stored_version < r.snap.version : stored_version == r.base) return {};
  return store_rules::concurrent_write(stored_version, newer ? r.snap.version : r.base);
}

failure append(const append_request& r, std::int64_t stored_version, std::size_t history_bytes,
               std::size_t max_session_bytes) {
  if (stored_version != r.base) return store_rules::concurrent_write(stored_version, r.base);
  const std::size_t bytes = history_bytes + r.turn.events.bytes() + r.turn.state.bytes();
  return bytes > max_session_bytes ? store_rules::too_large(bytes, max_session_bytes) : failure();
}

failure remove(const remove_request& r, std::int64_t stored_version) {
  if (stored_version == 0 || !r.base || *r.base == stored_version) return {};
  return store_rules::concurrent_write(stored_version, *r.base);
}

}  // namespace write_guard

namespace store_rules {

failure concurrent_write(std::int64_t stored_version, std::int64_t supplied_version) {
  diagnostics diag;
  diag.message(fmt::format("version {} is stored, {} was supplied; reload and decide again", stored_version,
                           supplied_version))
      .versions(stored_version, supplied_version);
  return {errc::concurrent_write, std::move(diag)};
}

failure too_large(std::size_t bytes, std::size_t max_session_bytes) {
  diagnostics diag;
  diag.message(fmt::format("the session would count {} bytes of the {} allowed; make its history or its state smaller",
                           bytes, max_session_bytes))
      .limit(max_session_bytes, bytes);
  return {errc::too_large, std::move(diag)};
}

failure claim_lost() {
  return {errc::claim_lost,
          "the claim is not held any more: another owner took the session, or it was given up or "
          "removed; claim it again"};
}

failure owned_elsewhere(std::string owner_address) {
  diagnostics diag;
  diag.message(
          "another owner has claimed the session; ask at its address (diagnostics::owner_address), or wait until its "
          "claim has expired")
      .owner_address(std::move(owner_address));
  return {errc::owned_elsewhere, std::move(diag)};
}

failure closed() {
  return {errc::closed, "the store was closed; open another"};
}

}  // namespace store_rules

failure claim_row::may_claim(std::string_view who, std::int64_t now) const {
  if (owner.empty() || owner == who || owned_until <= now) return {};
  return store_rules::owned_elsewhere(owner_address);
}

std::int64_t claim_row::next_epoch(std::int64_t now) const {
  return std::max(epoch + 1, now);
}

claim_row claim_row::claimed(const claim_request& r, std::int64_t now) const {
  return {next_epoch(now), end_of(r.ttl, now), r.owner, r.address};
}

void claim_row::release() {
  ++epoch;  // what was sent under the claim and comes later is refused
  owned_until = 0;
  owner.clear();
  owner_address.clear();
}

failure claim_row::check(const std::optional<std::int64_t>& held) const {
  return !held || *held == epoch ? failure() : store_rules::claim_lost();
}

std::int64_t claim_row::end_of(std::chrono::milliseconds ttl, std::int64_t now) {
  return now + std::chrono::microseconds(ttl).count();
}

}  // namespace atto
