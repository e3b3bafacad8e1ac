#include "runtime/runtime_core.hpp"

#include "request_check.hpp"

#include <boost/asio/execution/outstanding_work.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/prefer.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace atto::detail {

using std::chrono::steady_clock;

namespace {

constexpr auto tracked = boost::asio::execution::outstanding_work.tracked;

/// For ever, and what can be added to a time.
constexpr std::chrono::milliseconds longest_idle = std::chrono::hours(100 * 365 * 24);

failure timed_out() {
  return {errc::timed_out, "the turn did not end by its deadline; nothing was written"};
}

failure claim_lost() {
  return {errc::claim_lost, "another owner claimed the session meanwhile; nothing was written; ask again"};
}

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

runtime_core::runtime_core(boost::asio::any_io_executor executor, std::shared_ptr<session_store> s,
                           std::unique_ptr<const handler_runner> r, runtime_options o)
    : executor_(std::move(executor)),
      posting_(boost::asio::require(executor_, boost::asio::execution::blocking.never)),
      strands_run_on_(std::make_shared<const boost::asio::any_io_executor>(executor_)),
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

// --- turns come in -----------------------------------------------------------------------------------------------

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
  if (then.begin != nullptr && then.begin->at == turn_ticket::stage::starting) {
    posting_.execute([self = shared_from_this(), first = std::move(then.begin)] { self->run(first); });
  }
  carry_out(std::move(then));
  if (refused) t->done.fail(std::move(refused));
}

failure runtime_core::enqueue(const std::string& id, const ticket_ptr& t, todo& then) {
  if (stopping_) return {errc::runtime_stopped, "the runtime was stopped"};
  if (turns_.count() >= options_.max_waiting_turns) {
    return backlog_full(id, fmt::format("{} turns of this process wait", options_.max_waiting_turns), then);
  }
  const auto actor = sessions_.get(id);
  if (actor->busy && current_session.data() == actor->id.data()) {  // not that of another runtime
    return {errc::would_deadlock, "a turn called for another turn of its own session, and would wait for itself"};
  }
  if (actor->mailbox.size() + (actor->busy ? 1 : 0) >= options_.max_mailbox) {
    return backlog_full(id, fmt::format("{} turns of the session wait", options_.max_mailbox), then);
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
  t->at = ready ? stage_when_live(*t) : turn_ticket::stage::hydrating;
  if (!ready) journal_.on_loading(*t);
  then.begin = t;
}

void runtime_core::carry_out(todo then) {
  journal_.tell(then.notes);
  for (auto& [t, why] : then.ended) {
    why ? t->done.fail(std::move(why)) : t->done.succeed(std::move(t->events));
  }
  for (const ticket_ptr& t : then.to_stop) {
    // A coroutine may be cancelled where it runs only.
    boost::asio::post(t->strand, [t] { t->stop_handler.emit(boost::asio::cancellation_type::terminal); });
  }
  for (const auto& gone : then.to_release) release(gone);
  for (const auto& [t, epoch] : then.to_renew) renew(t, epoch);
  for (auto& done : then.stopped) done.succeed(then.cut);
  if (then.begin != nullptr) begin(then.begin);
}

// --- a turn's way --------------------------------------------------------------------------------------------------

void runtime_core::begin(const ticket_ptr& t) {
  if (t->at == turn_ticket::stage::hydrating) return hydrate(t);
  t->at == turn_ticket::stage::asking ? ask(t) : run(t);
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
      t->at = stage_when_live(*t);
      then.begin = t;
    }
    conclude(then);
  }
  carry_out(std::move(then));
}

turn_ticket::stage runtime_core::stage_when_live(const turn_ticket& t) const {
  const bool may_have_been = t.message_id && t.actor->live->version > 0;
  return may_have_been ? turn_ticket::stage::asking : turn_ticket::stage::starting;
}

/// Whatever is stored after the answer is refused by the guard of the version, so it cannot be this turn a second time.
void runtime_core::ask(const ticket_ptr& t) {
  storage_.find_turn(t, shared_from_this());
}

void runtime_core::on_asked(const ticket_ptr& t, error_code ec, std::optional<found_turn> found) {
  todo then;
  {
    const std::lock_guard lock(mutex_);
    session_actor& a = *t->actor;
    const bool runs = t->at == turn_ticket::stage::asking && !ec && !found && !t->lost;
    if (runs) {
      t->at = turn_ticket::stage::starting;
      then.begin = t;
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
  carry_out(std::move(then));
}

/// Those who wait behind it would all be sent to the session's owner, one after the other.
void runtime_core::end_unhydrated(const ticket_ptr& t, error_code ec, todo& then) {
  const failure why(static_cast<errc>(ec.value()), std::move(t->diag));
  end(t, why, then);
  if (ec != errc::owned_elsewhere) return;
  for (const ticket_ptr& waiting : std::exchange(t->actor->mailbox, {})) end(waiting, why, then);
}

void runtime_core::run(const ticket_ptr& t) {
  session_actor& a = *t->actor;  // nobody else uses its strand, or changes what is live, while this turn has it
  if (!a.strand) a.strand.emplace(strands_run_on_, a.id);
  t->strand = turn_executor(std::shared_ptr<turn_strand>(t->actor, &*a.strand));
  t->turn.emplace(a.id, t->message, *a.live, t->deadline, t->on_event);
  todo then;
  runtime_journal::notes started;
  bool runs = false;
  {
    const std::lock_guard lock(mutex_);
    runs = t->at == turn_ticket::stage::starting;
    if (runs) {
      t->at = turn_ticket::stage::running;
      t->work = boost::asio::prefer(executor_, tracked);
      if (storage_.claims()) renewals_.on_started(t, steady_clock::now(), a.claim.until);
      journal_.on_running(*t, started);
    } else {
      take_next(t->actor, then);  // it was cut before there was anything to stop
    }
    conclude(then);
  }
  if (!runs) return carry_out(std::move(then));
  journal_.tell(started);
  runner_->run(t, {shared_from_this(), t});
}

void runtime_core::on_handled(const ticket_ptr& t, std::exception_ptr e) {
  const in_turn_of none(std::string_view{});  // the handler is over; what is told now may call for the session
  const auto work = std::move(t->work);
  todo then;
  bool stores = false;
  {
    const std::lock_guard lock(mutex_);
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
  stores ? store(t) : carry_out(std::move(then));
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
  carry_out(std::move(then));
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
  then.begin = t;
}

// --- claims --------------------------------------------------------------------------------------------------------

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
  carry_out(std::move(then));
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
        if (runs) give_up(t, claim_lost(), then);
      } else if (runs) {
        renewals_.on_renewed(t, sent);  // if it could not be, a third of the ttl later once more
      }
    }
    conclude(then);
  }
  carry_out(std::move(then));
}

void runtime_core::lose_claim(const actor_ptr& a, todo& then) {
  a->claim = {};
  journal_.on_claim_lost(a, then.notes);
}

// --- deadlines, cancellation, ends ---------------------------------------------------------------------------------

void runtime_core::cancel(const ticket_ptr& t) {
  todo then;
  {
    const std::lock_guard lock(mutex_);
    give_up(t, {errc::operation_aborted, "the turn was cancelled; nothing was written"}, then);
    conclude(then);
  }
  carry_out(std::move(then));
}

void runtime_core::give_up(const ticket_ptr& t, failure why, todo& then) {
  // What is being stored ends by the deadline that the store was given.
  if (t->at == turn_ticket::stage::ended || t->at == turn_ticket::stage::storing) return;
  if (t->at == turn_ticket::stage::waiting) t->actor->mailbox.remove(t);
  if (t->at == turn_ticket::stage::running) {
    t->turn->ended = true;
    then.to_stop.push_back(t);
  }
  end(t, std::move(why), then);
}

void runtime_core::end(const ticket_ptr& t, failure why, todo& then) {
  journal_.on_ended(*t, why.code, then.notes);
  t->at = turn_ticket::stage::ended;
  turns_.remove(*t);
  renewals_.remove(*t);
  then.ended.emplace_back(t, std::move(why));
}

/// The last step of all that holds the mutex.
void runtime_core::conclude(todo& then) {
  if (stopping_) advance_stop(then);
  arm();
}

/// Sets the timer for the earliest of what is to come.
void runtime_core::arm() {
  auto earliest = std::min(stop_at_, turns_.next_deadline());
  if (const auto idle = sessions_.next_expiry()) earliest = std::min(earliest, *idle);
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
    const auto now = steady_clock::now();
    for (const ticket_ptr& t : turns_.late(now)) give_up(t, timed_out(), then);
    let_go(sessions_.passivate_idle(now), false, then);
    for (const ticket_ptr& t : renewals_.take_due(now)) then.to_renew.emplace_back(t, t->actor->claim.epoch);
    conclude(then);
  }
  carry_out(std::move(then));
}

void runtime_core::stop(steady_clock::time_point deadline, completion<std::vector<cut_turn>> done) {
  todo then;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    if (!cut_) stop_at_ = std::min(stop_at_, deadline);
    release_until_ = std::max(deadline, steady_clock::now() + turn_storage::release_patience);
    stops_.push_back(std::move(done));
    conclude(then);
  }
  carry_out(std::move(then));
}

/// A stop has come to its end when all turns have, but for those that are being stored when its time is over, and the
/// claims are given back.
void runtime_core::advance_stop(todo& then) {
  let_go(sessions_.passivate_all_idle(), false, then);
  if (!cut_ && (turns_.count() == 0 || steady_clock::now() >= stop_at_)) cut_turns(then);
  if (!cut_) return;
  timer_.cancel();  // nothing is to come, so it shall not keep the executor at work
  armed_for_ = steady_clock::time_point::max();
  if (stops_.empty() || !releases_.none_left()) return;
  then.cut = cut_turns_;
  for (const auto& [key, t] : turns_.all()) then.cut.emplace_back(t->actor->id, cut_turn::stage::storing);
  for (auto& done : std::exchange(stops_, {})) then.stopped.push_back(std::move(done));
}

void runtime_core::cut_turns(todo& then) {
  cut_ = true;
  stop_at_ = steady_clock::time_point::max();
  std::vector<ticket_ptr> left;
  for (const auto& [key, t] : turns_.all()) {
    if (t->at != turn_ticket::stage::storing) left.push_back(t);
  }
  for (const ticket_ptr& t : left) {
    const bool began = t->at == turn_ticket::stage::running;
    cut_turns_.emplace_back(t->actor->id, began ? cut_turn::stage::running : cut_turn::stage::waiting);
    give_up(t, {errc::runtime_stopped, "the runtime was stopped before the turn ended; nothing was written"}, then);
  }
}

void runtime_core::abandon() {
  todo then;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    stop_at_ = steady_clock::time_point::min();
    conclude(then);
  }
  carry_out(std::move(then));
  storage_.close();
}

void runtime_core::read(std::string id, request r, completion<std::optional<snapshot>> done) {
  std::optional<snapshot> live;
  {
    const std::lock_guard lock(mutex_);
    if (const auto actor = sessions_.find(id); actor != nullptr && actor->live && is_ours(*actor)) live = actor->live;
  }
  if (!live) return storage_.read(id, r, std::move(done));
  done.succeed(live->version == 0 ? std::nullopt : std::move(live));
}

}  // namespace atto::detail
