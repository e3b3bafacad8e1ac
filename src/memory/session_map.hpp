#pragma once

#include <atto/failure.hpp>
#include <atto/message_id.hpp>
#include <atto/snapshot.hpp>
#include <atto/store_requests.hpp>
#include <atto/store_rules.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace atto::memory {

/// The sessions of a memory store. Pure: no lock, no clock. Each write happens whole or not at all.
class session_map {
 public:
  using time_point = std::chrono::system_clock::time_point;

  explicit session_map(std::size_t max_session_bytes) noexcept : max_session_bytes_(max_session_bytes) {}

  [[nodiscard]] std::optional<snapshot> load(const load_request& r) const;
  failure save(save_request&& r, time_point now);
  failure append(const append_request& r, time_point now);
  /// `removed` says whether there was a session.
  failure remove(const remove_request& r, bool& removed);
  [[nodiscard]] session_page list(const list_request& r) const;
  failure claim(const claim_request& r, time_point now, claimed_session& claimed);
  failure renew(const renew_request& r, time_point now);
  /// Whether the claim was held.
  bool release(const release_request& r);
  [[nodiscard]] std::optional<turn_record> find_turn(const find_turn_request& r) const;
  /// How many dead claims of absent sessions it forgot.
  std::int64_t sweep(time_point now);

 private:
  struct entry {
    snapshot snap{};  // of version 0: claimed, perhaps, but absent
    time_point created{};
    time_point updated{};
    claim_row claim{};
    std::map<message_id, turn_record> messages{};  // the oldest turn of each

    void write(snapshot&& next, time_point now, std::map<message_id, turn_record>&& answered);
  };
  using map = std::map<std::string, entry>;

  [[nodiscard]] std::int64_t stored_version(map::const_iterator i) const;
  [[nodiscard]] const claim_row& claim_of(map::const_iterator i) const;
  [[nodiscard]] entry* held(const std::string& id, std::int64_t epoch);

  std::size_t max_session_bytes_;
  map sessions_;  // std::string compares by unsigned bytes: the contract's order
};

}  // namespace atto::memory
