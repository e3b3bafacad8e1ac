#pragma once

#include <atto/diagnostics.hpp>
#include <atto/message_id.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string_view>

namespace atto {

/// What must hold for a save to happen.
enum class guard {
  /// The stored version is strictly less than the snapshot's, or there is none. Monotonic, not compare-and-swap:
  /// a writer that skips numbers can overwrite turns it never saw. Use async_append, or exact, where that matters.
  newer,
  /// The stored version equals save_options::base; base 0 means that there must be none.
  exact,
};

/// Options of an operation that has no others. Those of every other operation end with the same two fields.
/// Options are trivially destructible, so that they may be written as a braced list inside a co_await expression.
struct operation_options {
  /// Time from the start of the operation (of a deferred one: when it is awaited) until it ends with timed_out or
  /// outcome_unknown; 0 takes store_limits::timeout.
  std::chrono::milliseconds timeout{0};
  /// Filled before the handler is called; must live until then; may be null.
  diagnostics* diag = nullptr;
};

struct load_options {
  static constexpr std::size_t all = std::numeric_limits<std::size_t>::max();
  /// At most this many events, the newest, are read and travel. 0 reads version and state only.
  std::size_t last = all;
  std::chrono::milliseconds timeout{0};
  diagnostics* diag = nullptr;
};

struct save_options {
  atto::guard guard = guard::newer;
  /// With guard::exact: the version that must be stored now; it must be less than the snapshot's. Else it must be 0.
  std::int64_t base = 0;
  /// The claim under which it is written (claimed_session::epoch): when the session no longer bears it, claim_lost.
  /// Nothing: the guard alone decides, whoever has claimed the session.
  std::optional<std::int64_t> epoch{};
  /// The message that the turn answers, whose newest events the snapshot ends with; see async_find_turn.
  std::optional<atto::message_id> message_id{};
  /// With a message id: how many of the newest events are the turn's; at most all of them. Else it must be 0.
  std::size_t turn_events = 0;
  std::chrono::milliseconds timeout{0};
  diagnostics* diag = nullptr;
};

struct claim_options {
  /// How long a claim lives unless it is renewed: 0 (it has expired at once) … longest_ttl.
  static constexpr std::chrono::milliseconds usual_ttl{30'000};
  static constexpr std::chrono::milliseconds longest_ttl = std::chrono::hours(24);
  /// What others are told that want the session meanwhile, so that they can ask there: 0 … 512 bytes of UTF-8 without
  /// U+0000.
  std::string_view address{};
  std::chrono::milliseconds ttl = usual_ttl;
  /// As in load_options.
  std::size_t last = load_options::all;
  std::chrono::milliseconds timeout{0};
  diagnostics* diag = nullptr;
};

struct append_options {
  /// As in save_options. The append also renews the claim: it lives for `ttl` from now on.
  std::optional<std::int64_t> epoch{};
  std::chrono::milliseconds ttl = claim_options::usual_ttl;
  /// The message that the turn answers; see async_find_turn.
  std::optional<atto::message_id> message_id{};
  std::chrono::milliseconds timeout{0};
  diagnostics* diag = nullptr;
};

struct remove_options {
  /// When set, the session is removed only if its stored version equals this one; else concurrent_write.
  /// An absent session is never an error; a version below 1 is invalid_argument.
  std::optional<std::int64_t> base{};
  /// As in save_options.
  std::optional<std::int64_t> epoch{};
  std::chrono::milliseconds timeout{0};
  diagnostics* diag = nullptr;
};

struct list_options {
  static constexpr std::size_t max_limit = 10'000;
  /// Only ids that begin with these characters; `_` and `%` are plain characters.
  std::string_view prefix{};
  /// Only ids greater than this one, by bytes.
  std::string_view after{};
  /// At most this many sessions: 1 … max_limit.
  std::size_t limit = 100;
  std::chrono::milliseconds timeout{0};
  diagnostics* diag = nullptr;
};

/// Bounds that hold for a whole store.
struct store_limits {
  static constexpr std::size_t max_session_bytes_ceiling = std::size_t{200} << 20;
  /// A session whose state and history count more (json::bytes) is refused with too_large. 1 … 200 MiB.
  std::size_t max_session_bytes = std::size_t{64} << 20;
  /// Deadline of an operation that names none. At least 1 ms.
  std::chrono::milliseconds timeout{30'000};
};

}  // namespace atto
