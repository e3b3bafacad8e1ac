#pragma once

#include <atto/failure.hpp>
#include <atto/snapshot.hpp>
#include <atto/store_requests.hpp>
#include <atto/store_rules.hpp>

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
failure timeout(std::chrono::milliseconds timeout);
/// Of an owner, and of its address.
failure claim(std::string_view owner, std::string_view address);
failure epoch(const std::optional<std::int64_t>& epoch);
failure ttl(std::chrono::milliseconds ttl);

/// What a request must keep that no other has.
failure check(const save_request& r, const store_limits& limits);
failure check(const append_request& r, const store_limits& limits);
failure check(const remove_request& r, const store_limits& limits);
failure check(const claim_request& r, const store_limits& limits);
failure check(const list_request& r, const store_limits& limits);
inline failure check(const request& /*others*/, const store_limits& /*limits*/) {
  return {};
}

/// The first rule that a request breaks, or no error: first that of its id and of the timeout it was made with, last
/// those of an epoch and a ttl. What comes after a broken rule is not evaluated.
template <class Request>
failure first_broken(const Request& r, std::chrono::milliseconds with_timeout, const store_limits& limits) {
  failure f;
  if constexpr (requires { r.id; }) f = session_id(r.id);
  if (!f) f = timeout(with_timeout);
  if (!f) f = check(r, limits);
  if constexpr (requires { r.epoch; }) {
    if (!f) f = epoch(r.epoch);
  }
  if constexpr (requires { r.ttl; }) {
    if (!f) f = ttl(r.ttl);
  }
  return f;
}

using store_rules::claim_lost;
using store_rules::concurrent_write;
using store_rules::owned_elsewhere;
using store_rules::too_large;

}  // namespace atto::request_check
