// How turns end, and the runtime with them: deadlines, cancellation, stop.
#include "runtime/turn_books.hpp"

#include <algorithm>
#include <utility>

namespace atto::detail {

using stage = turn_ticket::stage;

namespace {

failure timed_out() {
  return {errc::timed_out, "the turn did not end by its deadline; nothing was written"};
}
failure cancelled() {
  return {errc::operation_aborted, "the turn was cancelled; nothing was written"};
}
failure runtime_stopped() {
  return {errc::runtime_stopped, "the runtime was stopped before the turn ended; nothing was written"};
}

}  // namespace

turn_steps turn_books::cancel(const turn_ticket_ptr& t, time_point now) {
  see(now);
  turn_steps then;
  cut(t, cancelled(), then);
  conclude(then);
  return then;
}

/// Waiting, hydrating, finding, starting or running → ended. A turn that waits leaves its mailbox. One that has its
/// session keeps it until the answer or the handler that is outstanding has come: that event finds that it has ended.
/// A turn that is being stored is not cut: only the store knows whether it is stored, and has its deadline.
void turn_books::cut(const turn_ticket_ptr& t, failure why, turn_steps& then) {
  if (t->at == stage::ended || t->at == stage::storing) return;
  if (t->at == stage::waiting) t->actor->mailbox.remove(t);
  if (t->at == stage::running) then.cancel.push_back(t);
  end(t, std::move(why), then);
}

void turn_books::end(const turn_ticket_ptr& t, failure why, turn_steps& then) {
  retire(t, why.code, then);
  then.failed.push_back({t, std::move(why)});
}

void turn_books::end_stored(const turn_ticket_ptr& t, history events, turn_steps& then) {
  retire(t, {}, then);
  then.stored = t;
  then.events = std::move(events);
}

/// Any stage → ended.
void turn_books::retire(const turn_ticket_ptr& t, const error_code& ec, turn_steps& then) {
  journal_.on_ended(*t, now_, ec, then.notes);
  t->at = stage::ended;
  turns_.remove(*t);
  renewals_.remove(*t);
}

turn_steps turn_books::on_time(time_point now) {
  see(now);
  turn_steps then;
  check_idle_at_ = time_point::max();
  for (const turn_ticket_ptr& t : turns_.late(now_)) cut(t, timed_out(), then);
  let_go(sessions_.passivate_idle(now_), false, then);
  for (const turn_ticket_ptr& t : renewals_.take_due(now_)) then.renew.push_back({t, t->actor->claim.epoch});
  conclude(then);
  return then;
}

turn_steps turn_books::stop(time_point deadline, time_point now) {
  see(now);
  turn_steps then;
  stop_.requested = true;
  if (!stop_.cut) stop_.cut_at = std::min(stop_.cut_at, deadline);
  const auto until = deadline + std::min<time_point::duration>(claim_releases::timeout, time_point::max() - deadline);
  stop_.release_until = stop_.calls == 0 ? until : std::min(stop_.release_until, until);
  ++stop_.calls;
  conclude(then);
  return then;
}

turn_steps turn_books::abandon(time_point now) {
  see(now);
  turn_steps then;
  stop_.requested = true;
  // The runtime lets go of its store: what ends later gives nothing back.
  stop_.cut_at = stop_.release_until = stop_.handlers_until = time_point::min();
  conclude(then);
  return then;
}

/// The last step of each event.
void turn_books::conclude(turn_steps& then) {
  if (stop_.requested) advance_stop(then);
  then.next_deadline = next_deadline();
}

/// A stop has ended when all turns have, but for those that are being stored when its time is over, and the claims are
/// given back.
void turn_books::advance_stop(turn_steps& then) {
  let_go(sessions_.passivate_all_idle(), false, then);
  if (!stop_.cut && (turns_.count() == 0 || now_ >= stop_.cut_at)) cut_turns(then);
  if (!stop_.cut) return;
  // A claim is given back when nothing of its turn goes on: its handler must have seen that it was cut, and what is
  // being stored must be stored. Decided once an event: if the time were over only when the timer is set, nothing
  // would end the stop.
  stop_.waits_for_handlers = stop_.calls != 0 && claims() && !sessions_.none() && now_ < stop_.handlers_until;
  if (stop_.calls == 0 || !releases_.none_left() || stop_.waits_for_handlers) return;
  then.stopped = stop_.cut_turns;
  for (const auto& [key, t] : turns_.all()) then.stopped->emplace_back(t->actor->id, unfinished_turn::stage::storing);
  stop_.calls = 0;
}

/// The stop's time is over: all turns end but those that are being stored.
void turn_books::cut_turns(turn_steps& then) {
  stop_.cut = true;
  stop_.cut_at = time_point::max();
  stop_.handlers_until = std::min(stop_.release_until, now_ + claim_releases::timeout);
  std::vector<turn_ticket_ptr> left;
  for (const auto& [key, t] : turns_.all()) {
    if (t->at != stage::storing) left.push_back(t);
  }
  for (const turn_ticket_ptr& t : left) {
    const bool began = t->at == stage::running;
    stop_.cut_turns.emplace_back(t->actor->id,
                                 began ? unfinished_turn::stage::running : unfinished_turn::stage::waiting);
    cut(t, runtime_stopped(), then);
  }
}

/// The earliest of what will be due. Once a stop has cut the turns only its wait for handlers is: what is being stored
/// has its deadline in the store, and the runtime must not keep its executor at work.
turn_books::time_point turn_books::next_deadline() {
  if (stop_.cut) return stop_.waits_for_handlers ? std::min(stop_.handlers_until, renewals_.next()) : time_point::max();
  // Looked up once until it has come: to look means to touch a session.
  if (check_idle_at_ == time_point::max()) {
    if (const auto idle = sessions_.next_expiry()) check_idle_at_ = *idle;
  }
  return std::min({stop_.cut_at, turns_.next_deadline(), check_idle_at_, renewals_.next()});
}

}  // namespace atto::detail
