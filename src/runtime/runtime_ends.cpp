// How turns end before their time, and the runtime with them: deadlines, cancellation, stop.
#include "runtime/runtime_core.hpp"

#include <boost/asio/execution/outstanding_work.hpp>
#include <boost/asio/prefer.hpp>

#include <algorithm>
#include <utility>

namespace atto::detail {

using std::chrono::steady_clock;

namespace {

failure timed_out() {
  return {errc::timed_out, "the turn did not end by its deadline; nothing was written"};
}

}  // namespace

void runtime_core::cancel(const ticket_ptr& t) {
  todo then;
  {
    const std::lock_guard lock(mutex_);
    give_up(t, {errc::operation_aborted, "the turn was cancelled; nothing was written"}, then);
    conclude(then);
  }
  carry_out(then);
}

void runtime_core::give_up(const ticket_ptr& t, failure why, todo& then) {
  // What is being stored ends by the deadline that the store was given.
  if (t->at == turn_ticket::stage::ended || t->at == turn_ticket::stage::storing) return;
  if (t->at == turn_ticket::stage::waiting) t->actor->mailbox.remove(t);
  if (t->at == turn_ticket::stage::running) {
    t->turn->ended = true;
    t->work = boost::asio::prefer(executor_, boost::asio::execution::outstanding_work.tracked);
    then.to_stop.push_back(t);
  }
  end(t, std::move(why), then);
}

void runtime_core::end(const ticket_ptr& t, failure why, todo& then) {
  journal_.on_ended(*t, why.code, then.notes);
  t->at = turn_ticket::stage::ended;
  turns_.remove(*t);
  renewals_.remove(*t);
  if (!why) {
    then.stored = t;
  } else {
    then.failed.emplace_back(t, std::move(why));
  }
}

/// The last step of all that holds the mutex.
void runtime_core::conclude(todo& then) {
  if (stopping_) advance_stop(then);
  arm();
}

/// Sets the timer for the earliest of what is to come.
void runtime_core::arm() {
  if (cut_ && !waits_for_handlers_) return;  // what is being stored has its deadline there
  auto earliest = cut_ ? handlers_until_ : std::min(stop_at_, turns_.next_deadline());
  if (!cut_ && !armed_for_idle_) {
    const auto idle = sessions_.next_expiry();
    armed_for_idle_ = idle.has_value();  // and for all that are idle later; to look means to touch a session
    if (idle) earliest = std::min(earliest, *idle);
  }
  if (const auto renewal = renewals_.next()) earliest = std::min(earliest, *renewal);
  if (earliest >= armed_for_) return;
  armed_for_ = earliest;
  timer_.expires_at(earliest);
  timer_.async_wait([weak = weak_from_this()](error_code ec) {
    const auto self = weak.lock();
    if (!ec && self != nullptr) self->on_timer();
  });
}

void runtime_core::on_timer() {
  todo then;
  {
    const std::lock_guard lock(mutex_);
    armed_for_ = steady_clock::time_point::max();
    armed_for_idle_ = false;
    const auto now = steady_clock::now();
    for (const ticket_ptr& t : turns_.late(now)) give_up(t, timed_out(), then);
    let_go(sessions_.passivate_idle(now), false, then);
    for (const ticket_ptr& t : renewals_.take_due(now)) then.to_renew.emplace_back(t, t->actor->claim.epoch);
    conclude(then);
  }
  carry_out(then);
}

void runtime_core::stop(steady_clock::time_point deadline, completion<std::vector<unfinished_turn>> done) {
  todo then;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    if (!cut_) stop_at_ = std::min(stop_at_, deadline);
    constexpr auto patience = turn_storage::release_patience;
    const auto until =
        deadline + std::min<steady_clock::duration>(patience, steady_clock::time_point::max() - deadline);
    release_until_ = stops_.empty() ? until : std::min(release_until_, until);
    stops_.push_back(std::move(done));
    conclude(then);
  }
  carry_out(then);
}

/// A stop has come to its end when all turns have, but for those that are being stored when its time is over, and the
/// claims are given back.
void runtime_core::advance_stop(todo& then) {
  let_go(sessions_.passivate_all_idle(), false, then);
  if (!cut_ && (turns_.count() == 0 || steady_clock::now() >= stop_at_)) cut_turns(then);
  if (!cut_) return;
  timer_.cancel();  // nothing else is to come, so it shall not keep the executor at work
  armed_for_ = steady_clock::time_point::max();
  // A claim is given back when nothing of its turn goes on: its handler has to see that it was cut, and what is being
  // stored to be stored. Asked once: were the time over when the timer is to be set, nothing would end the stop.
  waits_for_handlers_ =
      !stops_.empty() && storage_.claims() && !sessions_.none() && steady_clock::now() < handlers_until_;
  if (stops_.empty() || !releases_.none_left() || waits_for_handlers_) return;
  then.cut = cut_turns_;
  for (const auto& [key, t] : turns_.all()) then.cut.emplace_back(t->actor->id, unfinished_turn::stage::storing);
  for (auto& done : std::exchange(stops_, {})) then.stopped.push_back(std::move(done));
}

void runtime_core::cut_turns(todo& then) {
  cut_ = true;
  stop_at_ = steady_clock::time_point::max();
  handlers_until_ = std::min(release_until_, steady_clock::now() + turn_storage::release_patience);
  std::vector<ticket_ptr> left;
  for (const auto& [key, t] : turns_.all()) {
    if (t->at != turn_ticket::stage::storing) left.push_back(t);
  }
  for (const ticket_ptr& t : left) {
    const bool began = t->at == turn_ticket::stage::running;
    cut_turns_.emplace_back(t->actor->id, began ? unfinished_turn::stage::running : unfinished_turn::stage::waiting);
    give_up(t, {errc::runtime_stopped, "the runtime was stopped before the turn ended; nothing was written"}, then);
  }
}

void runtime_core::abandon() {
  todo then;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    // The store is let go of: what ends later gives nothing back.
    stop_at_ = release_until_ = handlers_until_ = steady_clock::time_point::min();
    conclude(then);
  }
  carry_out(then);
  runner_->close();
  storage_.close();
}

}  // namespace atto::detail
