#include "runtime/live_sessions.hpp"

namespace atto::detail {

std::shared_ptr<session_actor> live_sessions::get(const std::string& id) {
  if (const auto it = actors_.find(id); it != actors_.end()) return it->second;
  auto made = std::make_shared<session_actor>(id);
  made->place = others_.insert(others_.end(), made.get());
  return actors_.emplace(*made->id, std::move(made)).first->second;
}

std::shared_ptr<session_actor> live_sessions::find(const std::string& id) const {
  const auto it = actors_.find(id);
  return it == actors_.end() ? nullptr : it->second;
}

void live_sessions::on_busy(session_actor& a) {
  a.busy = true;
  if (a.live) others_.splice(others_.end(), idle_, a.place);
}

void live_sessions::on_changed(session_actor& a) {
  const std::size_t now = a.bytes();
  if (now != 0 && a.counted == 0) ++count_;
  if (now == 0 && a.counted != 0) --count_;
  bytes_ = bytes_ - a.counted + now;
  a.counted = now;
}

live_sessions::departed live_sessions::on_idle(session_actor& a, time_point now) {
  departed gone;
  a.busy = false;
  if (!a.live) {
    others_.erase(a.place);
    actors_.erase(*a.id);
    return gone;
  }
  a.idle_since = now;
  idle_.splice(idle_.end(), others_, a.place);
  while (!idle_.empty() && (count_ > bounds_.sessions || bytes_ > bounds_.bytes)) {
    gone.push_back(passivate(*idle_.front()));
  }
  return gone;
}

live_sessions::departed_session live_sessions::passivate(session_actor& idle) {
  idle_.erase(idle.place);
  idle.live.reset();
  on_changed(idle);
  departed_session left{idle.id, idle.claim};  // the actor ends with its entry
  actors_.erase(*left.id);
  return left;
}

live_sessions::departed live_sessions::passivate_idle(time_point now) {
  departed gone;
  while (!idle_.empty() && idle_.front()->idle_since + bounds_.idle <= now) gone.push_back(passivate(*idle_.front()));
  return gone;
}

live_sessions::departed live_sessions::passivate_all_idle() {
  departed gone;
  while (!idle_.empty()) gone.push_back(passivate(*idle_.front()));
  return gone;
}

std::optional<live_sessions::time_point> live_sessions::next_expiry() const {
  if (idle_.empty()) return std::nullopt;
  return idle_.front()->idle_since + bounds_.idle;
}

}  // namespace atto::detail
