#include "runtime/live_sessions.hpp"

#include <string>

namespace atto::detail {

actor_ptr live_sessions::get(std::string_view id) {
  if (const auto it = actors_.find(id); it != actors_.end()) return *it;
  return *actors_.insert(std::make_shared<session_actor>(std::string(id))).first;
}

actor_ptr live_sessions::find(std::string_view id) const {
  const auto it = actors_.find(id);
  return it == actors_.end() ? nullptr : *it;
}

void live_sessions::on_busy(session_actor& a) {
  a.busy = true;
  if (a.live) idle_.erase(idle_.iterator_to(a));
}

void live_sessions::on_changed(session_actor& a) {
  const std::size_t now = a.bytes();
  if (now != 0 && a.counted == 0) ++count_;
  if (now == 0 && a.counted != 0) --count_;
  bytes_ = bytes_ - a.counted + now;
  a.counted = now;
}

live_sessions::passivations live_sessions::on_idle(session_actor& a, time_point now) {
  passivations gone;
  a.busy = false;
  if (!a.live) {
    actors_.erase(std::string_view(a.id));
    return gone;
  }
  a.idle_since = now;
  idle_.push_back(a);
  while (!idle_.empty() && (count_ > bounds_.sessions || bytes_ > bounds_.bytes)) {
    gone.push_back(passivate(idle_.front()));
  }
  return gone;
}

live_sessions::passivation live_sessions::passivate(session_actor& idle) {
  idle_.erase(idle_.iterator_to(idle));
  idle.live.reset();
  on_changed(idle);
  const auto entry = actors_.find(std::string_view(idle.id));
  passivation left{*entry, idle.claim};
  actors_.erase(entry);
  return left;
}

live_sessions::passivations live_sessions::passivate_idle(time_point now) {
  passivations gone;
  while (!idle_.empty() && idle_.front().idle_since + bounds_.idle <= now) gone.push_back(passivate(idle_.front()));
  return gone;
}

live_sessions::passivations live_sessions::passivate_all_idle() {
  passivations gone;
  while (!idle_.empty()) gone.push_back(passivate(idle_.front()));
  return gone;
}

std::optional<live_sessions::time_point> live_sessions::next_expiry() const {
  if (idle_.empty()) return std::nullopt;
  return idle_.front().idle_since + bounds_.idle;
}

}  // namespace atto::detail
