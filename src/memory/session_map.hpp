#pragma once

#include <atto/session_info.hpp>
#include <atto/snapshot.hpp>
#include <atto/store_request.hpp>

#include "failure.hpp"

#include <chrono>
#include <cstddef>
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

 private:
  struct entry {
    snapshot snap;
    time_point created;
    time_point updated;
  };
  using map = std::map<std::string, entry>;

  [[nodiscard]] std::int64_t stored_version(map::const_iterator i) const;

  std::size_t max_session_bytes_;
  map sessions_;  // std::string compares by unsigned bytes: the contract's order
};

}  // namespace atto::memory
