// What the runtime does about its claims on sessions: it keeps them while turns run, loses them, and gives them back.
#include "runtime/runtime_core.hpp"

#include <algorithm>
#include <utility>

namespace atto::detail {

using std::chrono::steady_clock;

namespace {

failure claim_lost() {
  return {errc::claim_lost, "another owner claimed the session meanwhile; nothing was written; ask again"};
}

}  // namespace

/// Whether what is live is certainly what the store has, as far as claims go.
bool runtime_core::is_ours(const session_actor& a) const {
  return !storage_.claims() || a.claim.held(steady_clock::now());
}

void runtime_core::let_go(const live_sessions::departed& gone, bool evicted, todo& then) {
  journal_.on_passivated(gone, evicted, then.notes);
  for (const auto& session : gone) let_go_of_claim(session.actor, session.claim, then);
}

void runtime_core::let_go_of_claim(const actor_ptr& a, const session_claim& c, todo& then) {
  if (c.epoch == 0) return;
  releases_.add({a, c});
  release_next(then);
}

void runtime_core::release_next(todo& then) {
  const auto next = releases_.take(steady_clock::now());
  then.to_release.insert(then.to_release.end(), next.begin(), next.end());
}

void runtime_core::release(const live_sessions::departed_session& gone) {
  // Failed or not: the claim is over when its ttl is.
  storage_.release(gone.actor->id, gone.claim, shared_from_this());
}

void runtime_core::on_released() {
  todo then;
  {
    const std::lock_guard lock(mutex_);
    releases_.on_answer();
    if (stopping_ && steady_clock::now() >= release_until_) releases_.give_up();
    release_next(then);
    conclude(then);
  }
  carry_out(then);
}

void runtime_core::renew(const ticket_ptr& t, std::int64_t epoch) {
  storage_.renew(t, epoch, shared_from_this());
}

void runtime_core::on_renewed(const ticket_ptr& t, std::int64_t epoch, session_claim::time_point sent, error_code ec) {
  todo then;
  {
    const std::lock_guard lock(mutex_);
    session_actor& a = *t->actor;
    if (a.claim.epoch == epoch) {  // not of a claim that is no more
      if (!ec) a.claim.until = std::max(a.claim.until, sent + storage_.ttl());
      const bool runs = t->at == turn_ticket::stage::running;
      if (ec == errc::claim_lost) {
        lose_claim(t->actor, then);
        // It may be a later turn by now, under the same claim.
        const ticket_ptr running = a.running.lock();
        if (running != nullptr && running->at == turn_ticket::stage::running) give_up(running, claim_lost(), then);
      } else if (runs) {
        renewals_.on_renewed(t, sent);  // if it could not be, a third of the ttl later once more
      }
    }
    conclude(then);
  }
  carry_out(then);
}

void runtime_core::lose_claim(const actor_ptr& a, todo& then) {
  a->claim = {};
  journal_.on_claim_lost(a, then.notes);
}

}  // namespace atto::detail
