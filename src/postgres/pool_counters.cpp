#include "postgres/pool_counters.hpp"

#include <algorithm>

namespace atto::postgres {

void pool_counters::on_sent(const group& g, clock::time_point now) noexcept {
  add(groups_, 1);
  add(rounds_, g.members.size());
  raise(largest_group_, g.members.size());
  std::uint64_t first_sent = 0, waited = 0, longest = 0;
  for (const operation_ptr& op : g.members) {
    if (op->waits_since == clock::time_point()) continue;
    const auto wait = static_cast<std::uint64_t>(std::chrono::nanoseconds(now - op->waits_since).count());
    op->waits_since = {};
    ++first_sent;
    waited += wait;
    longest = std::max(longest, wait);
  }
  add(operations_, first_sent);
  add(waited_, waited);
  raise(longest_wait_, longest);
}

void pool_counters::on_lost(const std::vector<operation_ptr>& again) noexcept {
  add(connections_lost_, 1);
  const auto writes = [](const operation_ptr& op) { return op->exchange().writes(); };
  add(writes_sent_again_, static_cast<std::uint64_t>(std::ranges::count_if(again, writes)));
}

void pool_counters::publish(std::size_t open, std::size_t busy, std::size_t leased, std::size_t waiting) noexcept {
  open_.store(open, std::memory_order_relaxed);
  busy_.store(busy, std::memory_order_relaxed);
  leased_.store(leased, std::memory_order_relaxed);
  waiting_.store(waiting, std::memory_order_relaxed);
}

pool_stats pool_counters::read() const noexcept {
  const auto get = [](const number& n) { return n.load(std::memory_order_relaxed); };
  const auto time = [&](const number& n) { return std::chrono::nanoseconds(static_cast<std::int64_t>(get(n))); };
  pool_stats s;
  s.connections_open = get(open_);
  s.connections_busy = get(busy_);
  s.connections_leased = get(leased_);
  s.waiting = get(waiting_);
  s.connections_made = get(connections_made_);
  s.connections_lost = get(connections_lost_);
  s.failed_attempts = get(failed_attempts_);
  s.groups = get(groups_);
  s.rounds = get(rounds_);
  s.largest_group = get(largest_group_);
  s.writes_sent_again = get(writes_sent_again_);
  s.operations = get(operations_);
  s.waited = time(waited_);
  s.longest_wait = time(longest_wait_);
  return s;
}

}  // namespace atto::postgres
