#include "runtime/runtime_journal.hpp"

#include "runtime/session_actor.hpp"

namespace atto::detail {

void runtime_journal::on_refused(const std::string& id, notes& out) {
  ++counted_.backlog_refusals;
  add(out, [id](runtime_observer& o) { o.on_backlog_refused(id); });
}

void runtime_journal::on_taken(turn_ticket& t, time_point now) {
  ++counted_.waiting_turns;
  t.taken_at = now;
}

void runtime_journal::on_begun() {
  --counted_.waiting_turns;
  ++counted_.running_turns;
}

void runtime_journal::on_loading(turn_ticket& t, time_point now) {
  ++counted_.hydrations;
  t.loading_since = now;
}

void runtime_journal::on_loaded(const turn_ticket& t, time_point now, const error_code& ec, notes& out) {
  if (ec) ++counted_.failed_hydrations;
  add(out,
      [actor = t.actor, took = now - t.loading_since, ec](runtime_observer& o) { o.on_hydrated(actor->id, took, ec); });
}

void runtime_journal::on_running(turn_ticket& t, time_point now, notes& out) {
  if (t.running_since != time_point()) return;  // it runs again: the observer is notified of its first start only
  t.running_since = now;
  add(out, [actor = t.actor, waiting = t.running_since - t.taken_at](runtime_observer& o) {
    o.on_turn_started(actor->id, waiting);
  });
}

void runtime_journal::on_conflict(const turn_ticket& t, bool reruns, notes& out) {
  ++counted_.conflicts;
  if (reruns) ++counted_.reruns;
  add(out, [actor = t.actor, reruns](runtime_observer& o) { o.on_conflict(actor->id, reruns); });
}

void runtime_journal::on_claim_lost(const actor_ptr& a, notes& out) {
  add(out, [actor = a](runtime_observer& o) { o.on_claim_lost(actor->id); });
}

void runtime_journal::on_ended(const turn_ticket& t, time_point now, const error_code& ec, notes& out) {
  --(t.at == turn_ticket::stage::waiting ? counted_.waiting_turns : counted_.running_turns);
  count_end(ec);
  const time_point ran = t.running_since == time_point() ? now : t.running_since;
  add(out,
      [actor = t.actor, ec, waiting = ran - t.taken_at, running = now - ran, reruns = t.reruns](runtime_observer& o) {
        o.on_turn_ended({actor->id, ec, waiting, running, reruns});
      });
}

void runtime_journal::count_end(const error_code& ec) noexcept {
  if (!ec) {
    ++counted_.done;
  } else if (ec == errc::concurrent_write) {
    ++counted_.conflict;
  } else if (ec == errc::timed_out) {
    ++counted_.timed_out;
  } else if (ec == errc::operation_aborted) {
    ++counted_.cancelled;
  } else if (ec == errc::owned_elsewhere) {
    ++counted_.owned_elsewhere;
  } else if (ec == errc::claim_lost) {
    ++counted_.claim_lost;
  } else if (ec == errc::runtime_stopped) {
    ++counted_.stopped;
  } else {
    ++counted_.failed;
  }
}

void runtime_journal::on_passivated(const live_sessions::passivations& gone, bool evicted, notes& out) {
  counted_.passivations += gone.size();
  if (evicted) counted_.evictions += gone.size();
  for (const auto& [actor, claim] : gone)
    add(out, [actor = actor, evicted](runtime_observer& o) { o.on_passivated(actor->id, evicted); });
}

runtime_stats runtime_journal::read(const live_sessions& sessions) const {
  runtime_stats all = counted_;
  all.live_sessions = sessions.count();
  all.live_bytes = sessions.bytes();
  return all;
}

}  // namespace atto::detail
