#pragma once

#include "support/recorded_history.hpp"

#include <cstdint>
#include <tuple>
#include <vector>

/// What the contract says of one session, one operation after the other. Pure.
namespace atto::test {

/// What is stored; version 0 says that there is no session.
struct stored_session {
  std::int64_t version = 0;
  write_name name = 0;
  std::vector<write_name> events{};

  friend bool operator==(const stored_session&, const stored_session&) = default;
  friend bool operator<(const stored_session& a, const stored_session& b) {
    return std::tie(a.version, a.name, a.events) < std::tie(b.version, b.name, b.events);
  }
};

/// Whether the write or remove changes a session that is stored at `version`.
[[nodiscard]] inline bool changes(const recorded_operation& o, std::int64_t version) noexcept {
  switch (o.kind) {
    case operation_kind::save_newer:
      return version < o.version;
    case operation_kind::save_exact:
    case operation_kind::append:
      return version == o.base;
    case operation_kind::remove:
      return version != 0;
    case operation_kind::remove_exact:
      return version != 0 && version == o.base;
    case operation_kind::load:
      break;
  }
  return false;
}

/// Whether the guard fails. An absent session lets a remove on a base find no row as well; it may be told of the
/// conflict when, by the time the store looks which version is stored, the session is there.
[[nodiscard]] inline bool refuses(const recorded_operation& o, std::int64_t version) noexcept {
  const bool has_guard = o.kind != operation_kind::load && o.kind != operation_kind::remove;
  return has_guard && !changes(o, version);
}

/// What is stored after an operation that changes it.
[[nodiscard]] inline stored_session changed(const recorded_operation& o, const stored_session& before) {
  if (is_remove(o)) return {};
  stored_session after{o.version, o.name, o.events};
  if (o.kind == operation_kind::append) {
    after.events = before.events;
    after.events.insert(after.events.end(), o.events.begin(), o.events.end());
  }
  return after;
}

/// Whether an operation that changes nothing and was not refused can have been answered so.
[[nodiscard]] inline bool shows(const recorded_operation& o, const stored_session& stored) {
  if (is_remove(o)) return stored.version == 0;
  return stored == stored_session{o.version, o.name, o.events};
}

}  // namespace atto::test
