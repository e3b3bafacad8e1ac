#include "runtime/runtime_core.hpp"

#include <atto/store_requests.hpp>

#include "contract/request_check.hpp"
#include "runtime/turn_strand.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace atto::detail {

using std::chrono::steady_clock;

namespace {

/// For ever, and what can be added to a time.
constexpr std::chrono::milliseconds longest_idle = std::chrono::hours(100 * 365 * 24);

}  // namespace

runtime_core::runtime_core(boost::asio::any_io_executor executor, std::shared_ptr<session_store> s,
                           std::unique_ptr<handler_runner> r, runtime_options o)
    : executor_(std::move(executor)),
      posting_(executor_),
      runner_(std::move(r)),
      options_(std::move(o)),
      storage_(executor_, std::move(s), options_),
      sessions_({options_.max_live_sessions, options_.max_live_bytes, std::min(options_.idle_timeout, longest_idle)}),
      journal_(options_.observer),
      renewals_(storage_.ttl()),
      timer_(executor_) {}

std::size_t runtime_core::live_count() const {
  const std::lock_guard lock(mutex_);
  return sessions_.count();
}

runtime_stats runtime_core::stats() const {
  const std::lock_guard lock(mutex_);
  return journal_.read(sessions_);
}

void runtime_core::submit(const std::string& id, const ticket_ptr& t, boost::asio::cancellation_slot slot) {
  if (failure f = request_check::session_id(id)) return t->done.fail(std::move(f));
  if (slot.is_connected()) {
    slot.assign([weak_core = weak_from_this(), weak = std::weak_ptr(t)](boost::asio::cancellation_type) {
      const auto self = weak_core.lock();
      const auto wanted = weak.lock();
      if (self != nullptr && wanted != nullptr) self->cancel(wanted);
    });
  }
  todo then;
  failure refused;
  {
    const std::lock_guard lock(mutex_);
    refused = enqueue(id, t, then);
    if (refused) t->at = turn_ticket::stage::ended;  // its caller may cancel it all the same
    conclude(then);
  }
  // Whoever calls may be at work on the executor, and goes on: their turns run beside them.
  if (then.next != nullptr && then.next_stage == turn_ticket::stage::starting) {
    posting_.execute([self = shared_from_this(), first = std::move(then.next)] { self->run(first); });
  }
  carry_out(then);
  if (refused) t->done.fail(std::move(refused));
}

failure runtime_core::enqueue(const std::string& id, const ticket_ptr& t, todo& then) {
  if (stopping_) return {errc::runtime_stopped, "the runtime was stopped"};
  if (turns_.count() >= options_.max_waiting_turns) {
    return backlog_full(id, fmt::format("{} turns of this process wait", options_.max_waiting_turns), then);
  }
  const auto actor = sessions_.get(id);
  if (actor->busy && current_session != nullptr &&
      current_session->data() == actor->id.data()) {  // of no other runtime
    return {errc::would_deadlock, "a turn called for another turn of its own session, and would wait for itself"};
  }
  if (actor->mailbox.size() + (actor->busy ? 1 : 0) >= options_.max_turns_per_session) {
    return backlog_full(id, fmt::format("{} turns of the session wait", options_.max_turns_per_session), then);
  }
  t->actor = actor;
  turns_.add(t);
  journal_.on_taken(*t);
  if (actor->busy) {
    actor->mailbox.push_back(t);
  } else {
    sessions_.on_busy(*actor);
    take(t, then);
  }
  return {};
}

failure runtime_core::backlog_full(const std::string& id, std::string reason, todo& then) {
  journal_.on_refused(id, then.notes);
  return {errc::session_backlog_full, std::move(reason) + " already; try again later"};
}

/// Precondition: the session is busy, and no turn of it is on its way.
void runtime_core::take_next(const actor_ptr& a, todo& then) {
  if (a->mailbox.empty()) {
    if (!a->live) let_go_of_claim(a, std::exchange(a->claim, {}), then);
    let_go(sessions_.on_idle(*a, steady_clock::now()), true, then);
    return;
  }
  const ticket_ptr next = std::move(a->mailbox.front());
  a->mailbox.pop_front();
  take(next, then);
}

void runtime_core::take(const ticket_ptr& t, todo& then) {
  journal_.on_begun(*t);
  const bool ready = t->actor->live && is_ours(*t->actor);
  t->at = ready ? stage_when_live(*t, false) : turn_ticket::stage::hydrating;
  if (!ready) journal_.on_loading(*t);
  then.go_on(t);
}

void runtime_core::carry_out(todo& then) {
  journal_.tell(then.notes);
  if (then.stored != nullptr) {
    completion<history>& done = then.stored->done;
    // What comes after might throw, or take its time.
    if (then.has_only_stored()) return done.succeed_here(std::move(then.stored->events));
    done.succeed(std::move(then.stored->events));
  }
  for (auto& [t, why] : then.failed) t->done.fail(std::move(why));
  for (const ticket_ptr& t : then.to_stop) runner_->stop(t);
  for (const auto& gone : then.to_release) release(gone);
  for (const auto& [t, epoch] : then.to_renew) renew(t, epoch);
  for (auto& done : then.stopped) done.succeed(then.cut);
  if (then.next != nullptr) begin(then.next, then.next_stage);
}

void runtime_core::read(std::string id, request r, completion<std::optional<snapshot>> done) {
  std::optional<snapshot> live;
  {
    const std::lock_guard lock(mutex_);
    if (const auto actor = sessions_.find(id); actor != nullptr && actor->live && is_ours(*actor)) live = actor->live;
  }
  // One that was absent may have been begun on another node since.
  if (!live || live->version == 0) return storage_.read(id, r, std::move(done));
  done.succeed(std::move(live));
}

}  // namespace atto::detail
