#pragma once

#include <atto/diagnostics.hpp>
#include <atto/message_id.hpp>
#include <atto/snapshot.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
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

/// Fields that the options of every operation begin with. Options are trivially destructible on purpose, so that they
/// may be written as a braced list inside a co_await expression.
///
/// timeout: time from the call until the operation ends with timed_out or outcome_unknown; 0 takes the store's
/// (store_limits::timeout). diag: filled before the handler is called; must live until then; may be null.

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

/// How long a claim lives unless it is renewed: 0 (it has expired at once) … 24 hours.
struct claim_ttl {
  static constexpr std::chrono::milliseconds usual{30'000};
  static constexpr std::chrono::milliseconds longest = std::chrono::hours(24);
};

struct append_options {
  /// As in save_options. The append also renews the claim: it lives for `ttl` from now on.
  std::optional<std::int64_t> epoch{};
  std::chrono::milliseconds ttl = claim_ttl::usual;
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

struct claim_options {
  /// What others are told that want the session meanwhile, so that they can ask there: 0 … 512 bytes of UTF-8 without
  /// U+0000.
  std::string_view address{};
  std::chrono::milliseconds ttl = claim_ttl::usual;
  /// As in load_options.
  std::size_t last = load_options::all;
  std::chrono::milliseconds timeout{0};
  diagnostics* diag = nullptr;
};

struct renew_options {
  std::chrono::milliseconds timeout{0};
  diagnostics* diag = nullptr;
};

struct release_options {
  std::chrono::milliseconds timeout{0};
  diagnostics* diag = nullptr;
};

struct sweep_options {
  std::chrono::milliseconds timeout{0};
  diagnostics* diag = nullptr;
};

struct find_turn_options {
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

struct schema_options {
  std::chrono::milliseconds timeout{0};
  diagnostics* diag = nullptr;
};

struct close_options {
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

/// What a store's implementation is given: checked, copied, and with the deadline as a point in time.
/// The deadline is on the steady clock. `diag` may be null.
struct request {
  std::chrono::steady_clock::time_point deadline;
  diagnostics* diag = nullptr;
};

struct load_request : request {
  std::string id;
  std::size_t last = load_options::all;
};

struct save_request : request {
  std::string id;
  snapshot snap;  // without temp: values; never partial; within the limits
  atto::guard guard = guard::newer;
  std::int64_t base = 0;
  std::optional<std::int64_t> epoch;
  std::optional<atto::message_id> message_id;
  std::size_t turn_events = 0;  // at most the snapshot's
};

struct append_request : request {
  std::string id;
  std::int64_t base = 0;
  atto::turn turn;  // without temp: values; within the limits by itself: the store checks the sum
  std::optional<std::int64_t> epoch;
  std::chrono::milliseconds ttl{0};  // with an epoch
  std::optional<atto::message_id> message_id;
};

struct remove_request : request {
  std::string id;
  std::optional<std::int64_t> base;
  std::optional<std::int64_t> epoch;
};

struct claim_request : request {
  std::string id;
  std::string owner;
  std::string address;
  std::chrono::milliseconds ttl{0};
  std::size_t last = load_options::all;
};

struct renew_request : request {
  std::string id;
  std::int64_t epoch = 0;
  std::chrono::milliseconds ttl{0};
};

struct release_request : request {
  std::string id;
  std::int64_t epoch = 0;
};

struct find_turn_request : request {
  std::string id;
  atto::message_id message_id;
};

struct list_request : request {
  std::string prefix;
  std::string after;
  std::size_t limit = 0;
};

}  // namespace atto
