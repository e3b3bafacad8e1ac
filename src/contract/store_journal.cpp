#include "contract/store_journal.hpp"

#include <algorithm>

namespace atto {

connection_failure trouble_of(const failure& f) noexcept {
  return {f.code, f.diag.code(), f.diag.message(), f.diag.server_message()};
}

void store_journal::waits::end(clock::time_point& since, clock::time_point now) noexcept {
  if (since == clock::time_point()) return;
  const std::chrono::nanoseconds wait = now - since;
  since = {};
  ++operations;
  all += wait;
  longest = std::max(longest, wait);
}

void store_journal::on_sent(std::size_t rounds, const waits& w) noexcept {
  add(groups_, 1);
  add(rounds_, rounds);
  raise(largest_group_, rounds);
  add(operations_, w.operations);
  add(waited_, static_cast<std::uint64_t>(w.all.count()));
  raise(longest_wait_, static_cast<std::uint64_t>(w.longest.count()));
  if (observer_ != nullptr) observer_->on_group_sent({rounds, w.longest});
}

void store_journal::on_connected() noexcept {
  add(connections_made_, 1);
  if (observer_ != nullptr) observer_->on_connected();
}

void store_journal::on_attempt_failed(const connection_failure& why) noexcept {
  add(failed_attempts_, 1);
  if (observer_ != nullptr) observer_->on_attempt_failed(why);
}

void store_journal::on_lost(const connection_failure& why) noexcept {
  add(connections_lost_, 1);
  if (observer_ != nullptr) observer_->on_connection_lost(why);
}

store_stats store_journal::read() const noexcept {
  const auto get = [](const number& n) { return n.load(std::memory_order_relaxed); };
  const auto time = [&](const number& n) { return std::chrono::nanoseconds(static_cast<std::int64_t>(get(n))); };
  store_stats s;
  s.operations = get(operations_);
  s.waited = time(waited_);
  s.longest_wait = time(longest_wait_);
  s.groups = get(groups_);
  s.rounds = get(rounds_);
  s.largest_group = get(largest_group_);
  s.connections_made = get(connections_made_);
  s.connections_lost = get(connections_lost_);
  s.failed_attempts = get(failed_attempts_);
  s.writes_sent_again = get(writes_sent_again_);
  return s;
}

}  // namespace atto
