#include "postgres/link_table.hpp"

#include "postgres/sqlstate.hpp"

#include <algorithm>
#include <utility>

namespace atto::postgres {

std::size_t link_table::add(bool own_session) {
  const std::size_t number = ++numbers_given_;
  links_.emplace(number, link(pipeline(lock_timeout_, own_session)));
  return number;
}

std::size_t link_table::find_idle(const usable_test& usable, std::vector<pool_steps::closed_link>& closed) {
  for (auto it = links_.begin(); it != links_.end();) {
    if (!it->second.rounds.idle()) {
      ++it;
    } else if (usable(it->first)) {
      return it->first;
    } else {
      // The server closed it while nothing watched it. Found now, it costs no operation its round.
      closed.push_back({it->first, closing::broke_idle, {}, 0});
      it = links_.erase(it);
    }
  }
  return 0;
}

void link_table::remove_idle(closing why, std::vector<pool_steps::closed_link>& closed) {
  std::erase_if(links_, [&](const auto& l) {
    if (!l.second.rounds.idle()) return false;
    closed.push_back({l.first, why, {}, 0});
    return true;
  });
}

void link_table::remove_all(closing why, std::vector<pool_steps::closed_link>& closed) {
  for (const auto& [number, l] : links_) closed.push_back({number, why, {}, 0});
  links_.clear();
  busy_ = watched_ = 0;
}

std::vector<statement> link_table::start(std::size_t number, group g, time_point now) {
  link& l = links_.at(number);
  ++busy_;
  l.last_error = {};
  l.sent_at = now;
  return l.rounds.start(std::move(g));
}

void link_table::on_reply(std::size_t number, reply&& r) {
  const auto it = links_.find(number);
  if (it == links_.end()) return;
  link& l = it->second;
  if (!r.ok() && spoils_connection(r.sqlstate)) {
    l.doomed = true;
    l.last_error = r;  // other errors are one operation's own
  }
  l.rounds.on_reply(std::move(r));
}

std::optional<pipeline::step> link_table::on_sync(std::size_t number, bool replicated,
                                                  std::vector<pool_steps::closed_link>& closed) {
  const auto it = links_.find(number);
  if (it == links_.end()) return std::nullopt;
  link& l = it->second;
  pipeline::step done = l.rounds.on_sync(replicated);
  --busy_;
  unwatch(l);
  if (l.doomed) {  // not before: what its last group was told still counts
    closed.push_back({number, closing::doomed, std::move(l.last_error), 0});
    links_.erase(it);
  }
  return done;
}

std::optional<pipeline::step> link_table::on_lost(std::size_t number, reply& last_error) {
  auto node = links_.extract(number);
  if (node.empty()) return std::nullopt;
  link& l = node.mapped();
  if (!l.rounds.idle()) --busy_;
  unwatch(l);
  last_error = std::move(l.last_error);
  return l.rounds.on_lost();
}

/// A caller in a hurry, or a slow network, must not cost its neighbours their connection: hence the second.
void link_table::abandon(const operation& op) {
  link& l = links_.at(op.entry.link);
  l.rounds.abandon(op);
  const auto when = std::max(op.deadline(), l.sent_at + patience);
  if (when >= l.check_at) return;
  if (l.check_at == time_point::max()) ++watched_;
  l.check_at = when;
}

void link_table::unwatch(link& l) noexcept {
  if (std::exchange(l.check_at, time_point::max()) != time_point::max()) --watched_;
}

bool link_table::on_heard(std::size_t number, time_point now) {
  link& l = links_.at(number);
  l.check_at = now + patience;
  return l.rounds.all_abandoned();
}

auto link_table::next_check() const noexcept -> time_point {
  auto next = time_point::max();
  if (watched_ == 0) return next;
  for (const auto& [number, l] : links_) next = std::min(next, l.check_at);
  return next;
}

std::vector<std::size_t> link_table::due_checks(time_point now) const {
  std::vector<std::size_t> due;
  if (next_check() > now) return due;
  for (const auto& [number, l] : links_) {
    if (l.check_at <= now) due.push_back(number);
  }
  return due;
}

}  // namespace atto::postgres
