#include "postgres/pool_books.hpp"

#include "postgres/sqlstate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>
#include <utility>

namespace atto::postgres {

namespace {

backlog::bounds bounds_of_groups(const pool_books::bounds& b) {
  backlog::bounds groups;
  groups.slow_in_flight = std::max<std::size_t>(1, b.connections - 1);
  return groups;
}

failure closed() {
  return {errc::closed, "the store or its pool was closed"};
}

failure failure_of(const ticket& t, errc why) {
  if (why == errc::timed_out) return {why, fmt::format("the deadline passed; {}", t.upshot())};
  if (why == errc::operation_aborted) return {why, fmt::format("cancelled; {}", t.upshot())};
  if (why == errc::outcome_unknown) return {why, "the write was sent, and its fate is not known; reload and compare"};
  return closed();
}

operation& operation_in(ticket& t) {
  return static_cast<operation&>(t);  // NOLINT(cppcoreguidelines-pro-type-static-cast-downcast): by its kind
}

}  // namespace

bool pool_books::by_deadline::operator()(const books_entry& a, const books_entry& b) const noexcept {
  return std::tuple(a.self->deadline(), a.self->arrival) < std::tuple(b.self->deadline(), b.self->arrival);
}

pool_books::pool_books(bounds b) : bounds_(std::move(b)), backlog_(bounds_of_groups(bounds_)) {}

/// Tickets that never ended go without a word, as their executor does.
pool_books::~pool_books() {
  waiting_leases_.clear();
  prepared_leases_.clear();
  deadlines_.clear();
  outstanding_.clear_and_dispose([](books_entry* e) { const ticket_ptr last = std::move(e->self); });
}

// --- tickets come in ---------------------------------------------------------------------------------------------

pool_steps pool_books::submit(ticket_ptr t, time_point now) {
  pool_steps s;
  switch (t->what) {
    case ticket::kind::operation:
      if (!admit(t, s)) break;
      t->arrival = ++arrivals_;
      backlog_.add(std::static_pointer_cast<operation>(t));
      enqueue(std::move(t), now);
      s.dispatch = pool_steps::when::soon;
      break;
    case ticket::kind::lease:
      if (!admit(t, s)) break;
      t->arrival = ++arrivals_;
      put_lease(*t);
      enqueue(std::move(t), now);
      s.dispatch = pool_steps::when::now;
      break;
    case ticket::kind::close:
      // Never refused: a store that is closed twice, or after its pool, waits for the same end.
      t->arrival = ++arrivals_;
      t->owner()->closed = true;
      t->owner()->closing.push_back(t);
      enqueue(t, now);
      end_closing(*t->owner(), s);
      break;
  }
  conclude(s);
  return s;
}

bool pool_books::admit(const ticket_ptr& t, pool_steps& s) const {
  failure why;
  if (shut_down_ || t->owner()->closed) {
    why = closed();
  } else if (waiting() >= bounds_.max_waiting) {
    why = {errc::unavailable, fmt::format("{} operations wait already; try again later", bounds_.max_waiting)};
  } else if (t->what == ticket::kind::lease && bounds_.connections < 2) {
    why = {errc::invalid_argument, "a pool of one connection has none to lend; make it larger"};
  } else {
    return true;
  }
  t->at = ticket::stage::ended;
  s.failed.push_back({t, std::move(why)});
  return false;
}

/// The ticket has its arrival, and stands in its queue.
void pool_books::enqueue(ticket_ptr t, time_point now) {
  books_entry& e = t->entry;
  ++t->owner()->outstanding;
  e.waits_since = now;
  e.self = std::move(t);
  outstanding_.push_back(e);
  deadlines_.insert(e);
}

/// A new lease is the last; one whose connection could not be prepared returns to its old place.
void pool_books::put_lease(ticket& t) {
  const auto later = [&](const books_entry& e) { return e.self->arrival > t.arrival; };
  auto before = waiting_leases_.end();
  if (!waiting_leases_.empty() && later(waiting_leases_.back())) before = std::ranges::find_if(waiting_leases_, later);
  waiting_leases_.insert(before, t.entry);
  ++leases_waiting_;
}

// --- tickets get connections -------------------------------------------------------------------------------------

std::size_t pool_books::leases_wanted() const noexcept {
  const std::size_t most = bounds_.connections - 1;  // never the last one: stores go on
  return std::min(leases_waiting_, most - std::min(leased_, most));
}

pool_steps pool_books::dispatch(const usable_test& usable, time_point now) {
  pool_steps s;
  const auto at = find_idle(usable, s);
  const bool lease_first = lease_is_next_ && leases_wanted() > 0;
  if (at == links_.end()) {
    s.open = demand();
  } else if (group g = lease_first ? group() : backlog_.take(bounds_.connections - leased_); !g.members.empty()) {
    lease_is_next_ = true;
    serve(at, std::move(g), now, s);
  } else if (leases_wanted() > 0) {
    lease_is_next_ = false;
    prepare(at, s);
  } else {
    s.open = demand();
  }
  if (!s.open) s.dispatch = pool_steps::when::now;  // another connection may be idle, too
  conclude(s);
  return s;
}

/// The one that was made first: those that are not needed stay idle.
auto pool_books::find_idle(const usable_test& usable, pool_steps& s) -> links::iterator {
  for (auto it = links_.begin(); it != links_.end();) {
    if (!it->second.rounds.idle()) {
      ++it;
    } else if (usable(it->first)) {
      return it;
    } else {
      // The server closed it while nothing watched it. Found now, it costs no ticket its round.
      s.close_links.push_back({it->first, closing::broke_idle, {}, 0});
      it = links_.erase(it);
    }
  }
  return links_.end();
}

/// Waiting to sent, for each operation of the group.
void pool_books::serve(links::iterator at, group g, time_point now, pool_steps& s) {
  auto& [number, l] = *at;
  s.send.link = number;
  s.send.operations = g.members.size();
  for (const operation_ptr& op : g.members) {
    op->at = ticket::stage::sent;
    op->entry.link = number;
    s.send.waits.end(op->entry.waits_since, now);
  }
  l.last_error = {};
  l.sent_at = now;
  s.send.statements = l.rounds.start(std::move(g));
  ++busy_;
}

/// Waiting to sent, for a lease: its connection serves no operation from now on.
void pool_books::prepare(links::iterator at, pool_steps& s) {
  ticket& t = *waiting_leases_.front().self;
  waiting_leases_.pop_front();
  --leases_waiting_;
  prepared_leases_.push_back(t.entry);
  ++leased_;
  t.at = ticket::stage::sent;
  t.entry.link = at->first;
  s.prepare = {at->first, t.deadline()};
  links_.erase(at);
}

pool_steps pool_books::on_prepared(std::size_t number, bool succeeded) {
  pool_steps s;
  const auto it = std::ranges::find(prepared_leases_, number, &books_entry::link);
  if (it == prepared_leases_.end()) return s;  // it was given up when this was on its way here
  const ticket_ptr t = it->self;
  prepared_leases_.erase(it);
  if (succeeded) {
    s.lend = t;
    end(*t, s);
  } else {
    // Sent to waiting: another connection will do.
    --leased_;
    t->at = ticket::stage::waiting;
    t->entry.link = 0;
    put_lease(*t);
    s.close_links.push_back({number, closing::broke, {}, 0});
    s.dispatch = pool_steps::when::now;
  }
  conclude(s);
  return s;
}

pool_steps pool_books::on_returned() {
  pool_steps s;
  if (shut_down_) {
    --leased_;
    s.dispatch = pool_steps::when::now;
  } else {
    s.renew = true;
  }
  conclude(s);
  return s;
}

pool_steps pool_books::on_renewed(std::optional<bool> own_session) {
  pool_steps s;
  --leased_;
  if (needs_connections()) {
    if (own_session) s.adopt = adopt(*own_session);
    s.dispatch = pool_steps::when::now;
  }
  conclude(s);
  return s;
}

// --- connections come ---------------------------------------------------------------------------------------------

std::optional<pool_steps::demand> pool_books::demand() const noexcept {
  if (!needs_connections()) return std::nullopt;
  return pool_steps::demand{backlog_.size() + leases_wanted(), links_.size(), leased_, arrivals_};
}

std::size_t pool_books::adopt(bool own_session) {
  const std::size_t number = ++links_numbered_;
  links_.emplace(number, link(pipeline(bounds_.lock_timeout, own_session)));
  return number;
}

pool_steps pool_books::on_opened(bool own_session) {
  pool_steps s;
  if (needs_connections()) {
    s.adopt = adopt(own_session);
    s.dispatch = pool_steps::when::now;
  }
  conclude(s);
  return s;
}

pool_steps pool_books::on_refused(std::uint64_t latest, const failure& why) {
  pool_steps s;
  // A connection that is open will serve them; the attempt was one to grow.
  if (links_.empty()) fail_waiting(latest, why, s);
  s.open = demand();
  conclude(s);
  return s;
}

pool_steps pool_books::on_attempts_due() {
  pool_steps s;
  s.open = demand();
  conclude(s);
  return s;
}

/// Waiting to ended, for all that arrived before the attempt began: those that came later get an attempt of their own.
void pool_books::fail_waiting(std::uint64_t latest, const failure& why, pool_steps& s) {
  std::vector<ticket_ptr> failed;
  for (const books_entry& e : outstanding_) {
    const ticket& t = *e.self;
    if (t.arrival > latest) break;
    // A write in doubt waits on: a later connection may find out what became of it.
    const bool fails = t.at == ticket::stage::waiting && t.what != ticket::kind::close && !t.in_doubt();
    if (fails) failed.push_back(e.self);
  }
  for (const ticket_ptr& t : failed) {
    withdraw(*t);
    fail(t, why, s);
  }
}

// --- answers come ---------------------------------------------------------------------------------------------------

void pool_books::on_reply(std::size_t number, reply r) {
  const auto it = links_.find(number);
  if (it == links_.end()) return;
  link& l = it->second;
  if (!r.ok() && spoils_connection(r.sqlstate)) {
    l.doomed = true;
    l.last_error = r;  // other errors are one operation's own
  }
  l.rounds.on_reply(std::move(r));
}

pool_steps pool_books::on_sync(std::size_t number, bool replicated) {
  pool_steps s;
  const auto it = links_.find(number);
  if (it == links_.end()) return s;
  link& l = it->second;
  auto [ended, again, dropped] = l.rounds.on_sync(replicated);
  --busy_;
  unwatch(l);
  // The order matters: what is sent again takes its old place before its session is free for the next.
  send_again(again);
  release(ended);
  release(dropped);
  // Sent to decoding: the connection and the sessions are free.
  for (const operation_ptr& op : ended) op->at = ticket::stage::decoding;
  s.decode = std::move(ended);
  if (l.doomed) {
    s.close_links.push_back({number, closing::doomed, std::move(l.last_error), 0});
    links_.erase(it);
  }
  s.dispatch = pool_steps::when::now;
  conclude(s);
  return s;
}

pool_steps pool_books::on_decoded(std::vector<operation_ptr> decoded, time_point now) {
  pool_steps s;
  // Its caller may have given up meanwhile; its handler was called then.
  std::erase_if(decoded, [](const operation_ptr& op) { return op->at != ticket::stage::decoding; });
  for (const operation_ptr& op : decoded) {
    leave_errand(*op, now, s);  // before the end, so that a close waits for it
    end(*op, s);
  }
  s.complete = std::move(decoded);
  conclude(s);
  return s;
}

void pool_books::leave_errand(operation& op, time_point now, pool_steps& s) {
  if (shut_down_) return;
  auto left = op.exchange().errand();
  if (left == nullptr) return;
  auto after = std::make_shared<errand>(op.owner(), now + errand_timeout, std::move(left));
  after->arrival = ++arrivals_;
  backlog_.add(after);
  enqueue(std::move(after), now);
  s.dispatch = pool_steps::when::now;
}

/// Sent to waiting.
void pool_books::send_again(const std::vector<operation_ptr>& again) {
  for (const operation_ptr& op : again) {
    op->at = ticket::stage::waiting;
    backlog_.put_back(op);
  }
}

void pool_books::release(const std::vector<operation_ptr>& left) {
  for (const operation_ptr& op : left) backlog_.release(*op);
}

pool_steps pool_books::on_lost(std::size_t number, const failure& why) {
  pool_steps s;
  lose(number, closing::broke, why, s);
  conclude(s);
  return s;
}

/// Sent to waiting, for all whose exchange can find out elsewhere what became of its round; else to ended.
void pool_books::lose(std::size_t number, closing how, const failure& why, pool_steps& s) {
  auto node = links_.extract(number);
  if (node.empty()) return;
  link& l = node.mapped();
  if (!l.rounds.idle()) --busy_;
  unwatch(l);
  const auto lost = l.rounds.on_lost();
  const auto writes = [](const operation_ptr& op) { return op->exchange().writes(); };
  const auto writes_again = static_cast<std::size_t>(std::ranges::count_if(lost.again, writes));
  send_again(lost.again);
  release(lost.ended);
  release(lost.dropped);
  for (const operation_ptr& op : lost.ended) fail(op, failure_of_loss(*op, why, l.last_error), s);
  s.close_links.push_back({number, how, std::move(l.last_error), writes_again});
  s.dispatch = pool_steps::when::now;
}

failure pool_books::failure_of_loss(const operation& op, const failure& why, const reply& last_error) const {
  failure own = why;
  if (op.in_doubt()) {
    own = failure_of(op, errc::outcome_unknown);
  } else {
    own.diag.message(fmt::format("{}; {}", op.upshot(), why.diag.message()));
  }
  own.diag.message(fmt::format("{} (the connection to {} broke)", own.diag.message(), bounds_.hosts));
  own.diag.code(last_error.sqlstate).server_message(last_error.message);
  return own;
}

// --- deadlines, cancellation, ends ---------------------------------------------------------------------------------

auto pool_books::next_deadline() const noexcept -> time_point {
  auto next = deadlines_.empty() ? time_point::max() : deadlines_.begin()->self->deadline();
  if (watched_ == 0) return next;
  for (const auto& [number, l] : links_) next = std::min(next, l.check_at);
  return next;
}

pool_steps pool_books::expire(time_point now) {
  pool_steps s;
  while (!deadlines_.empty() && deadlines_.begin()->self->deadline() <= now) {
    give_up(ticket_ptr(deadlines_.begin()->self), errc::timed_out, s);
  }
  if (watched_ > 0) {
    for (const auto& [number, l] : links_) {
      if (l.check_at <= now) s.check.push_back(number);
    }
  }
  conclude(s);
  return s;
}

pool_steps pool_books::cancel(const ticket_ptr& t, bool total_only) {
  pool_steps s;
  // Total cancellation promises no side effect, which holds no more for a write that was sent.
  const bool may = t->at != ticket::stage::ended && t->arrival != 0 && !(total_only && t->in_doubt());
  if (may) give_up(t, errc::operation_aborted, s);
  conclude(s);
  return s;
}

void pool_books::give_up(const ticket_ptr& t, errc why, pool_steps& s) {
  if (t->what == ticket::kind::close) return give_up_close(t, why, s);
  failure f = failure_of(*t, t->in_doubt() ? errc::outcome_unknown : why);
  switch (t->at) {
    case ticket::stage::waiting:
      withdraw(*t);
      s.dispatch = std::max(s.dispatch, pool_steps::when::soon);  // another of its session may go now
      break;
    case ticket::stage::sent:
      if (t->what == ticket::kind::lease) {
        give_up_prepared(*t, s);
      } else {
        give_up_sent(operation_in(*t));
      }
      break;
    case ticket::stage::decoding:  // nothing waits for it: on_decoded() will pass it over
      break;
    case ticket::stage::ended:
      return;
  }
  fail(t, std::move(f), s);
}

/// Its replies still come, so it keeps its place on the connection. From now on the connection is watched: it is lost
/// when it is silent. A caller in a hurry, or a slow network, must not cost its neighbours their connection.
void pool_books::give_up_sent(operation& op) {
  link& l = links_.at(op.entry.link);
  l.rounds.abandon(op);
  const auto when = std::max(op.deadline(), l.sent_at + patience);
  if (when >= l.check_at) return;
  if (l.check_at == time_point::max()) ++watched_;
  l.check_at = when;
}

/// Nothing else watches its connection, which may take for ever.
void pool_books::give_up_prepared(ticket& lease, pool_steps& s) {
  prepared_leases_.erase(prepared_leases_.iterator_to(lease.entry));
  --leased_;
  s.close_links.push_back({lease.entry.link, closing::lease_given_up, {}, 0});
  s.dispatch = std::max(s.dispatch, pool_steps::when::soon);
}

/// A close whose deadline passes ends what it waited for; another close, which waits as well, then succeeds.
void pool_books::give_up_close(const ticket_ptr& t, errc why, pool_steps& s) {
  std::erase(t->owner()->closing, t);
  end(*t, s);
  if (why == errc::timed_out) give_up_client(t->owner(), false, s);
  s.failed.push_back({t, failure_of(*t, why)});
}

void pool_books::withdraw(ticket& t) {
  if (t.what == ticket::kind::operation) return backlog_.remove(operation_in(t));
  waiting_leases_.erase(waiting_leases_.iterator_to(t.entry));
  --leases_waiting_;
}

void pool_books::unwatch(link& l) noexcept {
  if (std::exchange(l.check_at, time_point::max()) != time_point::max()) --watched_;
}

pool_steps pool_books::on_checked(std::size_t number, bool heard, time_point now) {
  pool_steps s;
  const auto it = links_.find(number);
  if (it == links_.end()) return s;
  link& l = it->second;
  if (heard) {
    // Those who still wait have deadlines of their own.
    if (l.rounds.all_abandoned()) s.listen_anew = number;
    l.check_at = now + patience;
  } else {
    // The server or the way to it is stuck. Those who still wait go on elsewhere; on connections of the same way that
    // are idle each would wait in vain for its deadline first.
    close_idle(closing::beside_a_silent, s);
    lose(number, closing::silent, {errc::unavailable, "the server did not answer in time; try again"}, s);
  }
  conclude(s);
  return s;
}

void pool_books::close_idle(closing why, pool_steps& s) {
  std::erase_if(links_, [&](const auto& l) {
    if (!l.second.rounds.idle()) return false;
    s.close_links.push_back({l.first, why, {}, 0});
    return true;
  });
}

void pool_books::fail(const ticket_ptr& t, failure why, pool_steps& s) {
  s.failed.push_back({t, std::move(why)});
  end(*t, s);
}

/// Any stage to ended: the one place where a ticket leaves the books.
void pool_books::end(ticket& t, pool_steps& s) {
  t.at = ticket::stage::ended;
  deadlines_.erase(deadlines_.iterator_to(t.entry));
  outstanding_.erase(outstanding_.iterator_to(t.entry));
  const ticket_ptr self = std::move(t.entry.self);  // keeps it until this returns
  --t.owner()->outstanding;
  end_closing(*t.owner(), s);
}

void pool_books::end_closing(client& c, pool_steps& s) {
  if (c.outstanding > c.closing.size()) return;
  for (const ticket_ptr& t : std::exchange(c.closing, {})) {
    s.closed.push_back(t);
    end(*t, s);
  }
}

void pool_books::give_up_client(const std::shared_ptr<client>& c, bool also_closing, pool_steps& s) {
  c->closed = true;
  std::vector<ticket_ptr> left;
  for (const books_entry& e : outstanding_) {
    if (e.self->owner() == c && (also_closing || e.self->what != ticket::kind::close)) left.push_back(e.self);
  }
  for (const ticket_ptr& t : left) {
    if (t->at != ticket::stage::ended) give_up(t, errc::closed, s);  // the end of one may have ended the next
  }
}

pool_steps pool_books::abandon(const std::shared_ptr<client>& c) {
  pool_steps s;
  give_up_client(c, true, s);
  conclude(s);
  return s;
}

pool_steps pool_books::shut_down() {
  pool_steps s;
  shut_down_ = true;
  conclude(s);
  return s;
}

pool_steps pool_books::abandon_all() {
  pool_steps s;
  shut_down_ = true;
  while (!outstanding_.empty()) give_up(ticket_ptr(outstanding_.front().self), errc::closed, s);
  conclude(s);
  return s;
}

void pool_books::conclude(pool_steps& s) {
  if (!shut_down_ || !outstanding_.empty()) return;
  // Busy connections wait only for late replies to operations that were given up.
  for (const auto& [number, l] : links_) s.close_links.push_back({number, closing::pool_closed, {}, 0});
  links_.clear();
  busy_ = watched_ = 0;
  s.finished = true;
}

pool_books::counts pool_books::count() const noexcept {
  return {links_.size(), busy_, leased_, waiting()};
}

}  // namespace atto::postgres
