// The way of a turn whose turn it is: its session's snapshot, its handler, its place in the store.
#include "runtime/runtime_core.hpp"
#include "runtime/turn_strand.hpp"

#include <algorithm>
#include <utility>

namespace atto::detail {

using std::chrono::steady_clock;

namespace {

/// What a handler threw, in its own words: they are not ours.
failure thrown(const std::exception_ptr& e) {
  diagnostics diag;
  diag.message("the turn's handler threw an exception; nothing was written");
  try {
    std::rethrow_exception(e);
  } catch (const std::exception& known) {
    diag.server_message(known.what());
  } catch (...) {
  }
  return {errc::handler_failed, std::move(diag)};
}

/// True when it is certain that the session is as it was before, live snapshot and all.
bool leaves_session_as_it_was(error_code ec) {
  return ec == errc::unavailable || ec == errc::timed_out || ec == errc::operation_aborted || ec == errc::too_large ||
         ec == errc::invalid_document;
}

}  // namespace

void runtime_core::begin(const ticket_ptr& t, turn_ticket::stage at) {
  if (at == turn_ticket::stage::hydrating) return hydrate(t);
  at == turn_ticket::stage::asking ? ask(t) : run(t);
}

void runtime_core::hydrate(const ticket_ptr& t) {
  storage_.hydrate(t, shared_from_this());
}

void runtime_core::on_hydrated(const ticket_ptr& t, error_code ec, std::optional<snapshot> s, session_claim c) {
  todo then;
  {
    const std::lock_guard lock(mutex_);
    session_actor& a = *t->actor;
    journal_.on_loaded(*t, ec, then.notes);
    if (!ec) {
      a.live = s ? std::move(*s) : snapshot();
      a.claim = c;
    } else {
      a.live.reset();  // it may be there without being ours any more
      a.claim = {};
    }
    sessions_.on_changed(a);
    if (t->at == turn_ticket::stage::ended) {
      take_next(t->actor, then);
    } else if (ec) {
      end_unhydrated(t, ec, then);
      take_next(t->actor, then);
    } else if (t->lost && a.live->version == 0) {
      end(t, std::move(t->lost), then);
      take_next(t->actor, then);
    } else {
      t->at = stage_when_live(*t, true);
      then.go_on(t);
    }
    conclude(then);
  }
  carry_out(then);
}

/// A session that was absent when another turn began may have been begun on another node since.
turn_ticket::stage runtime_core::stage_when_live(const turn_ticket& t, bool just_loaded) const {
  const bool may_have_been = t.message_id && (t.actor->live->version > 0 || !just_loaded);
  return may_have_been ? turn_ticket::stage::asking : turn_ticket::stage::starting;
}

/// Whatever is stored after the answer is refused by the guard of the version, so it cannot be this turn a second
/// time.
void runtime_core::ask(const ticket_ptr& t) {
  storage_.find_turn(t, shared_from_this());
}

void runtime_core::on_asked(const ticket_ptr& t, error_code ec, std::optional<turn_record> found) {
  todo then;
  {
    const std::lock_guard lock(mutex_);
    session_actor& a = *t->actor;
    const bool runs = t->at == turn_ticket::stage::asking && !ec && !found && !t->lost;
    if (runs) {
      t->at = turn_ticket::stage::starting;
      then.go_on(t);
    } else {
      if (t->at == turn_ticket::stage::asking) {
        if (found) t->events = std::move(found->events);
        // What it has made of the session, the live snapshot may not know.
        if (found && found->version > a.live->version) a.live.reset();
        sessions_.on_changed(a);
        if (ec) t->lost = failure(static_cast<errc>(ec.value()), std::move(t->diag));
        end(t, found ? failure() : std::move(t->lost), then);
      }
      take_next(t->actor, then);
    }
    conclude(then);
  }
  carry_out(then);
}

/// Those who wait behind it would all be sent to the session's owner, one after the other.
void runtime_core::end_unhydrated(const ticket_ptr& t, error_code ec, todo& then) {
  const failure why(static_cast<errc>(ec.value()), std::move(t->diag));
  end(t, why, then);
  if (ec != errc::owned_elsewhere) return;
  for (const ticket_ptr& waiting : std::exchange(t->actor->mailbox, {})) end(waiting, why, then);
}

void runtime_core::run(const ticket_ptr& t) {
  session_actor& a = *t->actor;  // nobody else changes what is live while this turn has it
  t->turn.emplace(a.id, t->message, *a.live, t->deadline, t->on_event);
  todo then;
  runtime_journal::notes started;
  bool runs = false;
  {
    const std::lock_guard lock(mutex_);
    runs = t->at == turn_ticket::stage::starting;
    if (runs && storage_.claims() && a.claim.epoch == 0) {  // lost meanwhile: an older turn's renewal has told so
      runs = false;
      t->at = turn_ticket::stage::hydrating;
      journal_.on_loading(*t);
      then.go_on(t);
    } else if (runs) {
      runner_->prepare(*t);  // there may be no memory: while it is not running nobody stops it
      t->at = turn_ticket::stage::running;
      a.running = t;
      if (storage_.claims()) renewals_.on_started(t, steady_clock::now(), a.claim.until);
      journal_.on_running(*t, started);
    } else {
      take_next(t->actor, then);  // it was cut before there was anything to stop
    }
    conclude(then);
  }
  journal_.tell(started);
  carry_out(then);  // also when the turn goes on: a stop may have cut it by now, and others
  if (runs) runner_->run({shared_from_this(), t});
}

void runtime_core::on_handled(const ticket_ptr& t, std::exception_ptr e) {
  const in_turn_of none(nullptr);  // the handler is over; what is told now may call for the session
  todo then;
  boost::asio::any_io_executor work;
  bool stores = false;
  {
    const std::lock_guard lock(mutex_);
    work = std::move(t->work);
    t->actor->running.reset();
    stores = t->at == turn_ticket::stage::running && e == nullptr;
    if (stores) {
      t->at = turn_ticket::stage::storing;
      t->epoch = t->actor->claim.epoch;
      renewals_.remove(*t);  // storing renews
    } else {
      if (t->at == turn_ticket::stage::running) {
        t->turn->ended = true;
        end(t, thrown(e), then);
      }
      take_next(t->actor, then);
    }
    conclude(then);
  }
  carry_out(then);
  if (stores) store(t);
}

void runtime_core::store(const ticket_ptr& t) {
  t->turn->ended = true;  // a handler that left something running shall not add to what is being stored
  storage_.store(t, shared_from_this());
}

void runtime_core::on_stored(const ticket_ptr& t, error_code ec, std::int64_t version, session_claim::time_point sent) {
  todo then;
  bool reruns = false;
  {
    const std::lock_guard lock(mutex_);
    session_actor& a = *t->actor;
    if (!ec) {
      // Only an append renews.
      if (storage_.claims() && !t->turn->replaced) a.claim.until = std::max(a.claim.until, sent + storage_.ttl());
      keep(a, *t->turn, version);
      t->events = std::move(t->turn->emitted);
    } else if (!leaves_session_as_it_was(ec)) {
      a.live.reset();
      if (ec == errc::claim_lost) lose_claim(t->actor, then);
    }
    sessions_.on_changed(a);
    if (ec == errc::concurrent_write) {
      reruns = !stopping_ && options_.conflict == on_conflict::rerun && t->reruns < options_.max_reruns;
      journal_.on_conflict(*t, reruns, then.notes);
    }
    // Who was first may have stored this very turn, sent by its caller to another node: that is asked, once.
    const bool asks = ec == errc::concurrent_write && !reruns && !stopping_ && t->message_id && !t->lost;
    if (asks) t->lost = failure(errc::concurrent_write, t->diag);
    if (reruns) ++t->reruns;
    if (reruns || asks) {
      on_lost_race(t, then);
    } else {
      end(t, ec ? failure(static_cast<errc>(ec.value()), std::move(t->diag)) : failure(), then);
      take_next(t->actor, then);
    }
    conclude(then);
  }
  if (reruns && t->on_event) t->on_event(turn_event(turn_event::kind::restarted, json()));
  carry_out(then);
}

void runtime_core::keep(session_actor& a, turn_core& turn, std::int64_t version) {
  snapshot& live = *a.live;
  live.version = version;
  live.state = turn.state.without_temp();
  if (turn.replaced) {
    live.history = std::move(*turn.replaced);
    live.events_before = 0;
  }
  live.history.append(turn.emitted);
}

void runtime_core::on_lost_race(const ticket_ptr& t, todo& then) {
  t->at = turn_ticket::stage::hydrating;
  journal_.on_loading(*t);
  turns_.on_back(*t);
  then.go_on(t);
}

}  // namespace atto::detail
