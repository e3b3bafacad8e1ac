#pragma once

/// What a store's implementation is given. For implementers of stores; a user of stores needs nothing of it.

#include <atto/diagnostics.hpp>
#include <atto/message_id.hpp>
#include <atto/snapshot.hpp>
#include <atto/store_options.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace atto {

/// An operation as its implementation gets it: the arguments are checked and copied, and the deadline is a point in
/// time. Each request names as `result` what its operation gives on success; void: nothing.
///
/// This one is that of async_ensure_schema and async_close, and the base of all others.
struct request {
  using result = void;
  std::chrono::steady_clock::time_point deadline{};
  diagnostics* diag = nullptr;  // the caller's; may be null
};

/// The time left until the deadline of `r`, for the options of an operation that one store starts on another. At least
/// 1 ms: a timeout of 0 would mean the other store's default.
[[nodiscard]] inline std::chrono::milliseconds time_left(const request& r) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(r.deadline - std::chrono::steady_clock::now());
  return left < std::chrono::milliseconds(1) ? std::chrono::milliseconds(1) : left;
}

struct load_request : request {
  using result = std::optional<snapshot>;
  std::string id{};
  std::size_t last = load_options::all;
};

struct save_request : request {
  using result = std::int64_t;  // the version now stored
  std::string id{};
  snapshot snap{};  // without temp: values; never partial; within the limits
  atto::guard guard = guard::newer;
  std::int64_t base = 0;
  std::optional<std::int64_t> epoch{};
  std::optional<atto::message_id> message_id{};
  std::size_t turn_events = 0;  // at most the snapshot's
};

struct append_request : request {
  using result = std::int64_t;  // the version now stored
  std::string id{};
  std::int64_t base = 0;
  atto::turn turn{};  // without temp: values; within the limits by itself: the store checks the sum
  std::optional<std::int64_t> epoch{};
  std::chrono::milliseconds ttl{0};  // with an epoch
  std::optional<atto::message_id> message_id{};
};

struct remove_request : request {
  using result = bool;  // whether there was a session
  std::string id{};
  std::optional<std::int64_t> base{};
  std::optional<std::int64_t> epoch{};
};

struct claim_request : request {
  using result = claimed_session;
  std::string id{};
  std::string owner{};
  std::string address{};
  std::chrono::milliseconds ttl{0};
  std::size_t last = load_options::all;
};

struct renew_request : request {
  using result = void;
  std::string id{};
  std::int64_t epoch = 0;
  std::chrono::milliseconds ttl{0};
};

struct release_request : request {
  using result = bool;  // whether the claim was held
  std::string id{};
  std::int64_t epoch = 0;
};

struct find_turn_request : request {
  using result = std::optional<turn_record>;
  std::string id;
  atto::message_id message_id;
};

struct sweep_request : request {
  using result = std::int64_t;  // how many claims were deleted
};

struct list_request : request {
  using result = session_page;
  std::string prefix{};
  std::string after{};
  std::size_t limit = 0;
};

}  // namespace atto
