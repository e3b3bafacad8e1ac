#include <atto/failure.hpp>
#include <atto/session_turn.hpp>

#include "runtime/turn_draft.hpp"

#include <utility>

namespace atto {

session_turn::session_turn(std::shared_ptr<detail::turn_draft> draft) noexcept : draft_(std::move(draft)) {}

session_turn::~session_turn() = default;

const std::string& session_turn::session_id() const noexcept {
  return draft_->session_id;
}

const json& session_turn::message() const noexcept {
  return draft_->message;
}

const atto::history& session_turn::history() const noexcept {
  return draft_->base.history;
}

std::int64_t session_turn::events_before() const noexcept {
  return draft_->base.events_before;
}

std::int64_t session_turn::version() const noexcept {
  return draft_->base.version;
}

atto::state& session_turn::state() noexcept {
  return draft_->state;
}

void session_turn::emit(json event) {
  if (draft_->ended) failure(errc::operation_aborted, "the turn has ended; what it emits now is not stored").raise();
  draft_->emitted.push_back(event);
  if (draft_->on_event) draft_->on_event(turn_event(turn_event::kind::emitted, std::move(event)));
}

const atto::history& session_turn::emitted() const noexcept {
  return draft_->emitted;
}

void session_turn::replace_history(atto::history events) {
  draft_->replaced = std::move(events);
}

std::chrono::steady_clock::time_point session_turn::deadline() const noexcept {
  return draft_->deadline;
}

bool session_turn::cancelled() const noexcept {
  return draft_->ended;
}

}  // namespace atto
