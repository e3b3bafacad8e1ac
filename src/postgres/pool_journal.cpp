#include "postgres/pool_journal.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <new>

namespace atto::postgres {

void pool_journal::on_sent(const group& g, clock::time_point now) noexcept {
  store_journal::waits w;
  for (const operation_ptr& op : g.members) w.end(op->waits_since, now);
  all_.on_sent(g.members.size(), w);
}

/// Without words when memory is short: the operations that were on the connection wait to be told.
static std::string what_became_of(const std::string& hosts, std::string_view how) noexcept {
  try {
    return fmt::format("the connection to {} {}", hosts, how);
  } catch (const std::bad_alloc&) {
    return {};
  }
}

void pool_journal::on_lost(std::string_view how, const reply& last_error,
                           const std::vector<operation_ptr>& again) noexcept {
  const std::string message = all_.is_observed() ? what_became_of(hosts_, how) : std::string();
  all_.on_lost({errc::unavailable, last_error.sqlstate, message, last_error.message});
  const auto writes = [](const operation_ptr& op) { return op->exchange().writes(); };
  all_.on_sent_again(static_cast<std::size_t>(std::ranges::count_if(again, writes)));
}

void pool_journal::publish(std::size_t open, std::size_t busy, std::size_t leased, std::size_t waiting) noexcept {
  open_.store(open, std::memory_order_relaxed);
  busy_.store(busy, std::memory_order_relaxed);
  leased_.store(leased, std::memory_order_relaxed);
  waiting_.store(waiting, std::memory_order_relaxed);
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
