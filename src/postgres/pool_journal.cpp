#include "postgres/pool_journal.hpp"

#include <fmt/format.h>

#include <new>

namespace atto::postgres {

namespace {

/// What became of a connection, for the observer; empty: it was not lost.
std::string_view phrase(closing why) noexcept {
  switch (why) {
    case closing::broke:
      return "broke";
    case closing::broke_idle:
      return "was closed by the server, or broke, while it was idle";
    case closing::doomed:
      return "was given up for what the server said on it";
    case closing::silent:
      return "was given up: the server did not answer in time";
    case closing::beside_a_silent:
      return "was given up: the server did not answer on another one";
    case closing::lease_given_up:
    case closing::pool_closed:
      break;
  }
  return {};
}

/// Without words when memory is short: the operations that were on the connection wait to be told.
std::string what_became_of(const std::string& hosts, std::string_view how) noexcept {
  try {
    return fmt::format("the connection to {} {}", hosts, how);
  } catch (const std::bad_alloc&) {
    return {};
  }
}

}  // namespace

void pool_journal::on_closed(const pool_steps::closed_link& l) noexcept {
  const std::string_view how = phrase(l.why);
  if (how.empty()) return;
  const std::string message = all_.is_observed() ? what_became_of(hosts_, how) : std::string();
  all_.on_lost({errc::unavailable, l.last_error.sqlstate, message, l.last_error.message});
  all_.on_sent_again(l.writes_sent_again);
}

void pool_journal::publish(const pool_books::counts& now) noexcept {
  open_.store(now.open, std::memory_order_relaxed);
  busy_.store(now.busy, std::memory_order_relaxed);
  leased_.store(now.leased, std::memory_order_relaxed);
  waiting_.store(now.waiting, std::memory_order_relaxed);
}

pool_stats pool_journal::read() const noexcept {
  const auto get = [](const number& n) { return n.load(std::memory_order_relaxed); };
  pool_stats s;
  static_cast<store_stats&>(s) = all_.read();
  s.waiting = get(waiting_);
  s.connections_open = get(open_);
  s.connections_busy = get(busy_);
  s.connections_leased = get(leased_);
  return s;
}

}  // namespace atto::postgres
