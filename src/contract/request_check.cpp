#include "contract/request_check.hpp"

#include "base/utf8.hpp"

#include <fmt/format.h>

#include <optional>
#include <utility>

namespace atto::request_check {

namespace {

failure invalid(std::string message) {
  return {errc::invalid_argument, std::move(message)};
}

failure invalid_id(std::string message, std::size_t offset) {
  diagnostics diag;
  diag.message(std::move(message)).offset(offset);
  return {errc::invalid_session_id, std::move(diag)};
}

/// What no id and no part of one can hold.
failure id_bytes(std::string_view what, std::string_view id) {
  if (id.size() > max_session_id_bytes) {
    failure f = invalid_id(fmt::format("{} has {} bytes; use at most {}", what, id.size(), max_session_id_bytes),
                           max_session_id_bytes);
    f.diag.limit(max_session_id_bytes, id.size());
    return f;
  }
  if (const auto nul = id.find('\0'); nul != id.npos) {
    return invalid_id(fmt::format("{} holds U+0000 at byte {}; remove it", what, nul), nul);
  }
  if (const auto bad = utf8::first_invalid(id)) {
    return invalid_id(fmt::format("{} is not UTF-8 at byte {}; encode it", what, *bad), *bad);
  }
  return {};
}

failure guarded(const save_request& r) {
  if (r.guard != guard::newer && r.guard != guard::exact) return invalid("there is no such guard");
  if (r.guard == guard::newer && r.base != 0) return invalid("a base needs guard::exact");
  if (r.guard == guard::exact && (r.base < 0 || r.base >= r.snap.version)) {
    return invalid("with guard::exact the base must be at least 0 and less than the snapshot's version");
  }
  return {};
}

failure fits(const state& s, const history& events, const store_limits& limits) {
  const std::size_t size = s.bytes() + events.bytes();
  return size > limits.max_session_bytes ? too_large(size, limits.max_session_bytes) : failure();
}

bool is_short_text(std::string_view text) {
  return text.size() <= max_owner_bytes && text.find('\0') == text.npos && !utf8::first_invalid(text);
}

}  // namespace

failure limits(const store_limits& limits) {
  if (limits.max_session_bytes < 1 || limits.max_session_bytes > store_limits::max_session_bytes_ceiling) {
    return invalid(fmt::format("max_session_bytes must be 1 to {}", store_limits::max_session_bytes_ceiling));
  }
  if (limits.timeout < std::chrono::milliseconds(1)) return invalid("the store's timeout must be at least 1 ms");
  return {};
}

failure session_id(std::string_view id) {
  if (id.empty()) return invalid_id("a session id must not be empty", 0);
  return id_bytes("the session id", id);
}

failure timeout(std::chrono::milliseconds timeout) {
  if (timeout < std::chrono::milliseconds(0)) return invalid("a timeout must not be negative; 0 takes the default");
  return {};
}

failure claim(std::string_view owner, std::string_view address) {
  if (owner.empty() || !is_short_text(owner)) {
    return invalid(fmt::format("an owner is 1 to {} bytes of UTF-8 without U+0000", max_owner_bytes));
  }
  if (is_short_text(address)) return {};
  return invalid(fmt::format("an owner's address is at most {} bytes of UTF-8 without U+0000", max_owner_bytes));
}

failure epoch(const std::optional<std::int64_t>& epoch) {
  if (epoch && *epoch < 1) return invalid("an epoch is at least 1: async_claim gives it");
  return {};
}

failure ttl(std::chrono::milliseconds ttl) {
  if (ttl >= std::chrono::milliseconds(0) && ttl <= claim_options::longest_ttl) return {};
  return invalid(fmt::format("a claim lives 0 to {} ms", claim_options::longest_ttl.count()));
}

failure check(const save_request& r, const store_limits& limits) {
  if (r.snap.version < 1) return invalid("a snapshot is saved with a version of at least 1");
  if (r.snap.partial() || r.snap.events_before < 0) {
    return invalid("a snapshot that was loaded in part cannot be saved; load it whole, or append");
  }
  if (failure f = guarded(r)) return f;
  if (failure f = fits(r.snap.state, r.snap.history, limits)) return f;
  if (r.turn_events > r.snap.history.size()) return invalid("a turn cannot have more events than the snapshot");
  if (r.turn_events > 0 && !r.message_id) return invalid("the events of a turn are named with its message id");
  return {};
}

failure check(const append_request& r, const store_limits& limits) {
  if (r.base < 0) return invalid("an append stands on a version of at least 0");
  if (r.base == max_version) return invalid("the session has reached the highest version; it can take no more turns");
  return fits(r.turn.state, r.turn.events, limits);
}

failure check(const remove_request& r, const store_limits& /*limits*/) {
  if (r.base && *r.base < 1) return invalid("a remove names a version of at least 1, or none");
  return {};
}

failure check(const claim_request& r, const store_limits& /*limits*/) {
  return claim(r.owner, r.address);
}

failure check(const list_request& r, const store_limits& /*limits*/) {
  if (r.limit < 1 || r.limit > list_options::max_limit) {
    return invalid(fmt::format("a page holds 1 to {} sessions", list_options::max_limit));
  }
  if (failure f = id_bytes("the prefix", r.prefix)) return f;
  return id_bytes("the id to list after", r.after);
}

}  // namespace atto::request_check
