#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace atto {

/// What async_list tells about one session without reading its history.
struct session_info {
  session_info();
  session_info(std::string id, std::int64_t version, std::int64_t events, std::chrono::system_clock::time_point created,
               std::chrono::system_clock::time_point updated);

  std::string id;
  std::int64_t version = 0;
  std::int64_t events = 0;
  /// By the clock of the database (PostgreSQL) or of the writing process (SQLite, memory); microseconds at best.
  std::chrono::system_clock::time_point created;
  std::chrono::system_clock::time_point updated;
};

/// A page of sessions in the byte order of their ids. The next page is listed with `after` = the last id.
using session_page = std::vector<session_info>;

}  // namespace atto
