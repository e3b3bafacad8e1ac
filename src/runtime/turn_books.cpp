// A turn's way through its stages: from the mailbox to its place in the store. How turns end before that, and the
// runtime with them, is in turn_books_ends.cpp; the claims are in turn_books_claims.cpp.
#include "runtime/turn_books.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace atto::detail {

using action = turn_steps::action;
using stage = turn_ticket::stage;

namespace {

/// For ever, and what can be added to a time.
constexpr std::chrono::milliseconds longest_idle = std::chrono::hours(100 * 365 * 24);

/// True when it is certain that the session is as it was before, live snapshot and all.
bool leaves_session_as_it_was(const error_code& ec) {
  return ec == errc::unavailable || ec == errc::misconfigured || ec == errc::timed_out ||
         ec == errc::operation_aborted || ec == errc::too_large || ec == errc::invalid_document;
}

}  // namespace

turn_books::turn_books(const runtime_options& o)
    : options_(o),
      sessions_({o.max_live_sessions, o.max_live_bytes, std::min(o.idle_timeout, longest_idle)}),
      journal_(o.observer != nullptr),
      renewals_(o.claims ? o.claims->ttl : std::chrono::milliseconds(0)) {}

/// None → waiting, hydrating, finding or starting; a turn that is refused has ended at once.
turn_steps turn_books::submit(const std::string& id, const turn_ticket_ptr& t, const char* caller, time_point now) {
  see(now);
  turn_steps then;
  if (failure why = take(id, t, caller, then)) {
    t->at = stage::ended;  // its caller may cancel it all the same
    then.refused = {t, std::move(why)};
  }
  // The caller may run on the executor, and goes on: the turn runs beside it.
  if (then.next && then.next->what == action::start) then.next->what = action::start_soon;
  conclude(then);
  return then;
}

/// Returns why the turn cannot be taken.
failure turn_books::take(const std::string& id, const turn_ticket_ptr& t, const char* caller, turn_steps& then) {
  if (stop_.requested) return {errc::runtime_stopped, "the runtime was stopped"};
  if (turns_.count() >= options_.max_waiting_turns) {
    return backlog_full(id, options_.max_waiting_turns, "this process", then);
  }
  const actor_ptr a = sessions_.get(id);
  // By identity: a session of the same name in another runtime is another one.
  if (a->busy && caller != nullptr && caller == a->id.data()) {
    return {errc::would_deadlock, "a turn called for another turn of its own session, and would wait for itself"};
  }
  if (a->mailbox.size() + (a->busy ? 1 : 0) >= options_.max_turns_per_session) {
    return backlog_full(id, options_.max_turns_per_session, "the session", then);
  }
  t->actor = a;
  turns_.add(t);
  journal_.on_taken(*t, now_);
  if (a->busy) {
    a->mailbox.push_back(t);
  } else {
    sessions_.on_busy(*a);
    begin(t, then);
  }
  return {};
}

failure turn_books::backlog_full(const std::string& id, std::size_t bound, std::string_view whose, turn_steps& then) {
  journal_.on_refused(id, then.notes);
  return {errc::session_backlog_full, fmt::format("{} turns of {} wait already; try again later", bound, whose)};
}

/// Waiting → hydrating, finding or starting. Precondition: the session is busy, and has no other turn.
void turn_books::begin(const turn_ticket_ptr& t, turn_steps& then) {
  journal_.on_begun();
  if (t->actor->live && is_current(*t->actor)) {
    go_on_with_live(t, false, then);
  } else {
    hydrate(t, then);
  }
}

/// The session's next turn begins, or the session is idle. Precondition: it is busy, and no turn has it. So the claim
/// is given back only when nothing of the last turn goes on: neither its handler nor its write.
void turn_books::begin_next(const actor_ptr& a, turn_steps& then) {
  if (a->mailbox.empty()) {
    if (!a->live) give_back(a, std::exchange(a->claim, {}), then);
    let_go(sessions_.on_idle(*a, now_), true, then);
    return;
  }
  const turn_ticket_ptr next = std::move(a->mailbox.front());
  a->mailbox.pop_front();
  begin(next, then);
}

void turn_books::hydrate(const turn_ticket_ptr& t, turn_steps& then) {
  t->at = stage::hydrating;
  journal_.on_loading(*t, now_);
  then.next = {t, action::load};
}

/// → finding or starting. A session that was absent when another turn began may have been begun on another node since:
/// only one that was absent when it was loaded for this turn cannot have a turn with its message's id.
void turn_books::go_on_with_live(const turn_ticket_ptr& t, bool just_loaded, turn_steps& then) {
  if (t->has_message_id && (t->actor->live->version > 0 || !just_loaded)) {
    t->at = stage::finding;
    then.next = {t, action::find_turn};
  } else {
    go_on_to_start(t, then);
  }
}

void turn_books::go_on_to_start(const turn_ticket_ptr& t, turn_steps& then) {
  t->at = stage::starting;
  then.next = {t, action::start, &*t->actor->live};
}

/// Hydrating → finding or starting, or → ended. A turn that was cut while its session was being loaded has ended
/// already: what was loaded is kept for the next one.
turn_steps turn_books::on_loaded(const turn_ticket_ptr& t, failure why, std::optional<snapshot> s, session_claim c,
                                 time_point now) {
  see(now);
  turn_steps then;
  session_actor& a = *t->actor;
  journal_.on_loaded(*t, now_, why.code, then.notes);
  if (!why) {
    a.live = s ? std::move(*s) : snapshot();
    a.claim = c;
  } else {
    a.live.reset();  // it may be there without being this runtime's any more
    a.claim = {};
  }
  sessions_.on_changed(a);
  if (t->at != stage::ended) {
    if (why) {
      end_unloaded(t, why, then);
    } else if (t->conflict && a.live->version == 0) {  // who won the race has removed the session: nothing to find
      end(t, std::move(t->conflict), then);
    } else {
      go_on_with_live(t, true, then);
    }
  }
  if (t->at == stage::ended) begin_next(t->actor, then);
  conclude(then);
  return then;
}

/// Hydrating → ended. When another runtime owns the session, those that wait behind would all be refused in the same
/// way, one load after the other.
void turn_books::end_unloaded(const turn_ticket_ptr& t, const failure& why, turn_steps& then) {
  end(t, why, then);
  if (why.code != errc::owned_elsewhere) return;
  for (const turn_ticket_ptr& waiting : std::exchange(t->actor->mailbox, {})) end(waiting, why, then);
}

/// Finding → starting, or → ended with the stored events, or with the conflict for whose sake it was found out.
/// Whatever is stored after the store's answer is refused by the guard of the version, so this turn cannot be stored
/// twice.
turn_steps turn_books::on_turn_found(const turn_ticket_ptr& t, failure why, std::optional<turn_record> found,
                                     time_point now) {
  see(now);
  turn_steps then;
  if (t->at == stage::ended) {  // it was cut meanwhile
    begin_next(t->actor, then);
  } else if (!why && !found && !t->conflict) {
    go_on_to_start(t, then);
  } else {
    session_actor& a = *t->actor;
    // The live snapshot may be older than what that turn has made of the session.
    if (found && found->version > a.live->version) a.live.reset();
    sessions_.on_changed(a);
    if (found) {
      end_stored(t, std::move(found->events), then);
    } else {
      end(t, why ? std::move(why) : std::move(t->conflict), then);
    }
    begin_next(t->actor, then);
  }
  conclude(then);
  return then;
}

/// Starting → running. Or → hydrating again: the renewal for an older turn has found meanwhile that the claim is lost,
/// when there was no handler to cancel yet. Or it was cut before there was a handler to cancel.
turn_steps turn_books::start(const turn_ticket_ptr& t, time_point now) {
  see(now);
  turn_steps then;
  session_actor& a = *t->actor;
  if (t->at != stage::starting) {
    begin_next(t->actor, then);
  } else if (claims() && a.claim.epoch == 0) {
    hydrate(t, then);
  } else {
    t->at = stage::running;
    a.running = t;
    if (claims()) renewals_.on_started(t, now_, a.claim.until);
    journal_.on_running(*t, now_, then.notes);
    then.next = {t, action::run};  // also when this very event cuts it: then its handler finds that it has ended
  }
  conclude(then);
  return then;
}

/// Running → storing, or → ended. A turn that was cut while its handler ran has ended already; its session was kept
/// until now, so that no second handler of the session ran beside it.
turn_steps turn_books::on_handled(const turn_ticket_ptr& t, failure thrown, time_point now) {
  see(now);
  turn_steps then;
  session_actor& a = *t->actor;
  a.running.reset();
  if (t->at == stage::running && !thrown) {
    t->at = stage::storing;
    renewals_.remove(*t);  // to store it renews the claim
    then.next = {t, action::store, nullptr, a.claim.epoch};
  } else {
    if (t->at == stage::running) end(t, std::move(thrown), then);
    begin_next(t->actor, then);
  }
  conclude(then);
  return then;
}

/// Storing → ended, or → hydrating when another writer was first. It cannot have been cut meanwhile.
turn_steps turn_books::on_stored(const turn_ticket_ptr& t, turn_draft& draft, write_answer w, time_point now) {
  see(now);
  turn_steps then;
  session_actor& a = *t->actor;
  if (!w.why) {
    if (!draft.replaced) extend_claim(a, w.sent);  // only an append renews
    apply(a, draft, w.version);
    sessions_.on_changed(a);
    end_stored(t, std::move(draft.emitted), then);
  } else {
    if (!leaves_session_as_it_was(w.why.code)) a.live.reset();
    if (w.why.code == errc::claim_lost) lose_claim(t->actor, then);
    sessions_.on_changed(a);
    on_write_failed(t, std::move(w.why), then);
  }
  if (t->at == stage::ended) begin_next(t->actor, then);
  conclude(then);
  return then;
}

/// The live snapshot becomes what was stored.
void turn_books::apply(session_actor& a, turn_draft& draft, std::int64_t version) {
  snapshot& live = *a.live;
  live.version = version;
  live.state = draft.state.without_temp();
  if (draft.replaced) {
    live.history = std::move(*draft.replaced);
    live.events_before = 0;
  }
  live.history.append(draft.emitted);
}

/// Storing → hydrating: after a lost race the turn runs again, or else it is found out, once, whether the winner has
/// stored this very turn, sent by its caller to another node. Or → ended.
void turn_books::on_write_failed(const turn_ticket_ptr& t, failure why, turn_steps& then) {
  const bool lost_race = why.code == errc::concurrent_write;
  const bool reruns =
      lost_race && !stop_.requested && options_.conflict == on_conflict::rerun && t->reruns < options_.max_reruns;
  const bool finds = lost_race && !reruns && !stop_.requested && t->has_message_id;
  if (lost_race) journal_.on_conflict(*t, reruns, then.notes);
  if (!reruns && !finds) return end(t, std::move(why), then);
  if (reruns) {
    ++t->reruns;
    then.restarted = t;
  } else {
    t->conflict = std::move(why);  // from now on it can end only: it is never stored again
  }
  turns_.on_back(*t);  // while it was being stored its deadline was the store's affair
  hydrate(t, then);
}

std::optional<snapshot> turn_books::live_snapshot(std::string_view id, time_point now) const {
  const actor_ptr a = sessions_.find(id);
  // One that was absent may have been begun on another node since.
  if (a == nullptr || !a->live || a->live->version == 0) return std::nullopt;
  if (claims() && !a->claim.held(std::max(now, now_))) return std::nullopt;
  return a->live;
}

}  // namespace atto::detail
