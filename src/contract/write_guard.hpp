#pragma once

#include <atto/store_requests.hpp>

#include "base/failure.hpp"
#include "contract/request_check.hpp"

#include <cstddef>
#include <cstdint>

/// What must hold for a write to happen, for the stores that decide in this process. Pure. A stored version of 0 says
/// that there is no session.
namespace atto::write_guard {

inline failure save(const save_request& r, std::int64_t stored) {
  const bool newer = r.guard == guard::newer;
  if (newer ? stored < r.snap.version : stored == r.base) return {};
  return request_check::concurrent_write(stored, newer ? r.snap.version : r.base);
}

/// `history_bytes` is what the stored history counts; the stored state is replaced and does not.
inline failure append(const append_request& r, std::int64_t stored, std::size_t history_bytes, std::size_t limit) {
  if (stored != r.base) return request_check::concurrent_write(stored, r.base);
  const std::size_t size = history_bytes + r.turn.events.bytes() + r.turn.state.bytes();
  return size > limit ? request_check::too_large(size, limit) : failure();
}

/// An absent session is no error, whatever the base.
inline failure remove(const remove_request& r, std::int64_t stored) {
  if (stored == 0 || !r.base || *r.base == stored) return {};
  return request_check::concurrent_write(stored, *r.base);
}

}  // namespace atto::write_guard
