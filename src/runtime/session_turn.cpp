#include <atto/failure.hpp>
#include <atto/session_turn.hpp>

#include "runtime/turn_core.hpp"

#include <utility>

namespace atto {

session_turn::session_turn(std::shared_ptr<detail::turn_core> core) noexcept : core_(std::move(core)) {}

session_turn::~session_turn() = default;

const std::string& session_turn::session_id() const noexcept {
  return core_->session_id;
}

const json& session_turn::message() const noexcept {
  return core_->message;
}

const atto::history& session_turn::history() const noexcept {
  return core_->base.history;
}

std::int64_t session_turn::events_before() const noexcept {
  return core_->base.events_before;
}

std::int64_t session_turn::version() const noexcept {
  return core_->base.version;
}

atto::state& session_turn::state() noexcept {
  return core_->state;
}

void session_turn::emit(json event) {
  if (core_->ended) failure(errc::operation_aborted, "the turn has ended; what it emits now is not stored").raise();
  core_->emitted.push_back(event);
  if (core_->on_event) core_->on_event(turn_event(turn_event::kind::emitted, std::move(event)));
}

const atto::history& session_turn::emitted() const noexcept {
  return core_->emitted;
}

void session_turn::replace_history(atto::history events) {
  core_->replaced = std::move(events);
}

std::chrono::steady_clock::time_point session_turn::deadline() const noexcept {
  return core_->deadline;
}

bool session_turn::cancelled() const noexcept {
  return core_->ended;
}

}  // namespace atto
