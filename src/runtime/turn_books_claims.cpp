// What the runtime does about its claims on sessions: it keeps them while turns run, loses them, and gives them back.
#include "runtime/turn_books.hpp"

#include <algorithm>
#include <utility>

namespace atto::detail {

namespace {

failure claim_lost() {
  return {errc::claim_lost, "another owner claimed the session meanwhile; nothing was written; ask again"};
}

}  // namespace

/// Whether what is live is certainly what the store has, as far as claims go.
bool turn_books::is_current(const session_actor& a) const {
  return !claims() || a.claim.held(now_);
}

/// A request that was sent then has renewed it. Answers may come in another order than their requests were sent.
void turn_books::extend_claim(session_actor& a, time_point sent) {
  if (claims()) a.claim.until = std::max(a.claim.until, sent + options_.claims->ttl);
}

void turn_books::let_go(const live_sessions::passivations& gone, bool evicted, turn_steps& then) {
  journal_.on_passivated(gone, evicted, then.notes);
  for (const auto& [actor, claim] : gone) give_back(actor, claim, then);
}

void turn_books::give_back(const actor_ptr& a, const session_claim& c, turn_steps& then) {
  if (c.epoch == 0) return;
  releases_.add({a, c});
  release_next(then);
}

void turn_books::release_next(turn_steps& then) {
  for (auto& r : releases_.next_batch(now_)) then.release.push_back(std::move(r));
}

turn_steps turn_books::on_released(time_point now) {
  see(now);
  turn_steps then;
  releases_.on_answer();
  // A stop does not wait longer: what is left ends by its ttl.
  if (stop_.requested && now_ >= stop_.release_until) releases_.drop_waiting();
  release_next(then);
  conclude(then);
  return then;
}

/// The answer may come when its turn has ended: then it is about the claim alone, under which a later turn may run. An
/// answer about a claim that the session no longer has (it was made anew since) says nothing.
turn_steps turn_books::on_renewed(const turn_ticket_ptr& t, std::int64_t epoch, error_code ec, time_point sent,
                                  time_point now) {
  see(now);
  turn_steps then;
  session_actor& a = *t->actor;
  if (a.claim.epoch == epoch) {
    if (!ec) extend_claim(a, sent);
    if (ec == errc::claim_lost) {
      // A turn that is starting is not cut here: start() finds that the claim is gone. One that is being stored gets
      // its answer from the store.
      lose_claim(t->actor, then);
      const turn_ticket_ptr running = a.running.lock();
      if (running != nullptr && running->at == turn_ticket::stage::running) cut(running, claim_lost(), then);
    } else if (t->at == turn_ticket::stage::running) {
      renewals_.on_renewed(t, sent);  // if it could not be, once more a third of the ttl later
    }
  }
  conclude(then);
  return then;
}

void turn_books::lose_claim(const actor_ptr& a, turn_steps& then) {
  a->claim = {};
  journal_.on_claim_lost(a, then.notes);
}

}  // namespace atto::detail
