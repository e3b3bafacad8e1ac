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

failure save(const snapshot& snap, guard g, std::int64_t base, const store_limits& limits) {
  if (snap.version < 1) return invalid("a snapshot is saved with a version of at least 1");
  if (snap.partial() || snap.events_before < 0) {
    return invalid("a snapshot that was loaded in part cannot be saved; load it whole, or append");
  }
  if (g != guard::newer && g != guard::exact) return invalid("there is no such guard");
  if (g == guard::newer && base != 0) return invalid("a base needs guard::exact");
  if (g == guard::exact && (base < 0 || base >= snap.version)) {
    return invalid("with guard::exact the base must be at least 0 and less than the snapshot's version");
  }
  const std::size_t size = snap.state.bytes() + snap.history.bytes();
  if (size > limits.max_session_bytes) return too_large(size, limits.max_session_bytes);
  return {};
}

failure append(std::int64_t base, const turn& t, const store_limits& limits) {
  if (base < 0) return invalid("an append stands on a version of at least 0");
  if (base == max_version) return invalid("the session has reached the highest version; it can take no more turns");
  const std::size_t size = t.state.bytes() + t.events.bytes();
  if (size > limits.max_session_bytes) return too_large(size, limits.max_session_bytes);
  return {};
}

failure remove(const remove_options& o) {
  if (o.base && *o.base < 1) return invalid("a remove names a version of at least 1, or none");
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
  if (ttl >= std::chrono::milliseconds(0) && ttl <= claim_ttl::longest) return {};
  return invalid(fmt::format("a claim lives 0 to {} ms", claim_ttl::longest.count()));
}

failure turn_events(const save_options& o, const snapshot& snap) {
  if (o.turn_events > snap.history.size()) return invalid("a turn cannot have more events than the snapshot");
  if (o.turn_events > 0 && !o.message_id) return invalid("the events of a turn are named with its message id");
  return {};
}

failure list(std::string_view prefix, std::string_view after, const list_options& o) {
  if (o.limit < 1 || o.limit > list_options::max_limit) {
    return invalid(fmt::format("a page holds 1 to {} sessions", list_options::max_limit));
  }
  if (failure f = id_bytes("the prefix", prefix)) return f;
  return id_bytes("the id to list after", after);
}

failure too_large(std::size_t size, std::size_t limit) {
  diagnostics diag;
  diag.message(fmt::format("the session would count {} bytes of the {} allowed; shorten its history", size, limit))
      .limit(limit, size);
  return {errc::too_large, std::move(diag)};
}

failure concurrent_write(std::int64_t stored, std::int64_t supplied) {
  diagnostics diag;
  diag.message(fmt::format("version {} is stored, {} was supplied; reload and decide again", stored, supplied))
      .versions(stored, supplied);
  return {errc::concurrent_write, std::move(diag)};
}

failure claim_lost() {
  return {errc::claim_lost,
          "the claim is not held any more: another owner took the session, or it was given up or "
          "removed; claim it again"};
}

failure owned_elsewhere(std::string address) {
  diagnostics diag;
  diag.message("another owner has claimed the session; ask there, or wait until its claim has expired")
      .owner_address(std::move(address));
  return {errc::owned_elsewhere, std::move(diag)};
}

}  // namespace atto::request_check
