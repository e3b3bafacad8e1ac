#pragma once

#include <atto/snapshot.hpp>
#include <atto/store_requests.hpp>

#include "base/failure.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// What every store refuses before it does anything, so that all refuse the same. Pure.
namespace atto::request_check {

inline constexpr std::size_t max_session_id_bytes = 512;
/// Of an owner, and of its address.
inline constexpr std::size_t max_owner_bytes = 512;

failure limits(const store_limits& limits);
failure session_id(std::string_view id);
failure save(const snapshot& snap, guard g, std::int64_t base, const store_limits& limits);
failure append(std::int64_t base, const turn& t, const store_limits& limits);
failure remove(const remove_options& o);
failure claim(std::string_view owner, std::string_view address);
failure epoch(const std::optional<std::int64_t>& epoch);
failure ttl(std::chrono::milliseconds ttl);
failure turn_events(const save_options& o, const snapshot& snap);
failure list(std::string_view prefix, std::string_view after, const list_options& o);
failure timeout(std::chrono::milliseconds timeout);

/// The refusal of a session that counts `size` bytes.
failure too_large(std::size_t size, std::size_t limit);
/// The loser of a race.
failure concurrent_write(std::int64_t stored, std::int64_t supplied);
/// A write under a claim that is no more.
failure claim_lost();
/// A claim of what another owner holds.
failure owned_elsewhere(std::string address);

}  // namespace atto::request_check
