#pragma once

/// For whoever writes a store; a user of stores needs nothing of it.

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
