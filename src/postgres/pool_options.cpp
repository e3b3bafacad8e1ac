#include "postgres/pool_options.hpp"

#include <atto/failure.hpp>

#include <chrono>
#include <string>
#include <string_view>

namespace atto::postgres {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds longest = std::chrono::hours(24);

[[noreturn]] void refuse(std::string_view reason) {
  failure(errc::invalid_argument, std::string(reason)).raise();
}

}  // namespace

const pool_options& checked(const pool_options& o) {
  if (o.size < 1 || o.size > 1000) refuse("a pool has 1 to 1000 connections");
  if (o.max_waiting < 1) refuse("max_waiting must be at least 1");
  if (o.connect_timeout < milliseconds(1) || o.connect_timeout > longest) refuse("connect_timeout is 1 ms to 1 day");
  if (o.statement_timeout < milliseconds(0) || o.statement_timeout > longest) {
    refuse("statement_timeout is 0 ms (the server's own) to 1 day");
  }
  if (o.lock_timeout < milliseconds(1) || o.lock_timeout > std::chrono::hours(1)) refuse("lock_timeout is 1 ms to 1 h");
  if (o.backoff_first < milliseconds(1) || o.backoff_last < o.backoff_first || o.backoff_last > longest) {
    refuse("backoff_first is at least 1 ms, and backoff_last no less, and at most 1 day");
  }
  return o;
}

}  // namespace atto::postgres
