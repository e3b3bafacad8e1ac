#include "postgres/pool_books.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace atto::postgres {

namespace {

backlog::bounds bounds_of_groups(const pool_books::bounds& b) {
  backlog::bounds groups = b.groups;
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

pool_books::pool_books(bounds b)
    : bounds_(std::move(b)),
      backlog_(bounds_of_groups(bounds_)),
      leases_(bounds_.connections - 1),
      links_(bounds_.lock_timeout) {}

// --- tickets come in ---------------------------------------------------------------------------------------------

pool_steps pool_books::submit(ticket_ptr t, time_point now) {
  pool_steps s;
  switch (t->what) {
    case ticket::kind::operation:
      if (!admit(t, s)) break;
      t->arrival = ++arrivals_;
      backlog_.add(std::static_pointer_cast<operation>(t));
      tickets_.add(std::move(t), now);
      s.dispatch = pool_steps::when::soon;
      break;
    case ticket::kind::lease:
      if (!admit(t, s)) break;
      t->arrival = ++arrivals_;
      leases_.add(*t);
      tickets_.add(std::move(t), now);
      s.dispatch = pool_steps::when::now;
      break;
    case ticket::kind::close:
      // Never refused: a store that is closed twice, or after its pool, waits for the same end.
      t->arrival = ++arrivals_;
      t->owner()->closed = true;
      t->owner()->closing.push_back(t);
      tickets_.add(t, now);
      tickets_.end_closing(*t->owner(), s.closed);
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

// --- tickets get connections -------------------------------------------------------------------------------------

pool_steps pool_books::dispatch(const usable_test& usable, time_point now) {
  pool_steps s;
  if (waiting() == 0) return s;  // no question to a socket in vain
  const std::size_t number = links_.find_idle(usable, s.close_links);
  const bool lease_first = lease_is_next_ && leases_.wanted() > 0;
  group g;
  if (number != 0 && !lease_first) g = backlog_.take(bounds_.connections - leases_.lent());
  if (!g.members.empty()) {
    lease_is_next_ = true;
    serve(number, std::move(g), now, s);
  } else if (number != 0 && leases_.wanted() > 0) {
    lease_is_next_ = false;
    prepare(number, s);
  } else {
    s.open = demand();
  }
  const bool used = s.send.link != 0 || s.prepare.link != 0;
  if (used) s.dispatch = when_any_waits();  // another connection may be idle, too
  conclude(s);
  return s;
}

/// Waiting to sent, for each operation of the group.
void pool_books::serve(std::size_t number, group g, time_point now, pool_steps& s) {
  s.send.link = number;
  s.send.operations = g.members.size();
  for (const operation_ptr& op : g.members) {
    op->at = ticket::stage::sent;
    op->entry.link = number;
    s.send.waits.end(op->entry.waits_since, now);
  }
  s.send.statements = links_.start(number, std::move(g), now);
}

/// Waiting to sent, for a lease: its connection serves no operation from now on.
void pool_books::prepare(std::size_t number, pool_steps& s) {
  s.prepare = {number, leases_.take(number).deadline()};
  links_.remove(number);
}

pool_steps pool_books::on_prepared(std::size_t number, bool succeeded) {
  pool_steps s;
  if (succeeded) {
    s.lend = leases_.lend(number);
    if (s.lend != nullptr) tickets_.end(*s.lend, s.closed);
  } else if (leases_.put_back(number)) {
    s.close_links.push_back({number, closing::broke, {}, 0});
    s.dispatch = pool_steps::when::now;
  }
  conclude(s);
  return s;
}

pool_steps pool_books::on_returned() {
  pool_steps s;
  if (shut_down_) {
    leases_.on_back();
    s.dispatch = pool_steps::when::now;
  } else {
    s.renew = true;
  }
  conclude(s);
  return s;
}

pool_steps pool_books::on_renewed(std::optional<bool> own_session) {
  pool_steps s;
  leases_.on_back();
  if (needs_connections()) {
    if (own_session) s.adopt = links_.add(*own_session);
    s.dispatch = pool_steps::when::now;
  }
  conclude(s);
  return s;
}

// --- connections come ---------------------------------------------------------------------------------------------

std::optional<pool_steps::demand> pool_books::demand() const noexcept {
  if (!needs_connections()) return std::nullopt;
  return pool_steps::demand{backlog_.size() + leases_.wanted(), links_.size(), leases_.lent(), arrivals_};
}

pool_steps pool_books::on_opened(bool own_session) {
  pool_steps s;
  if (needs_connections()) {
    s.adopt = links_.add(own_session);
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
  for (const ticket_ptr& t : tickets_.waiting_until(latest)) {
    if (t->in_doubt()) continue;  // a later connection may find out what became of it
    withdraw(*t);
    fail(t, why, s);
  }
}

// --- answers come ---------------------------------------------------------------------------------------------------

void pool_books::on_reply(std::size_t number, reply&& r) {
  links_.on_reply(number, std::move(r));
}

pool_steps pool_books::on_sync(std::size_t number, bool replicated) {
  pool_steps s;
  if (auto done = links_.on_sync(number, replicated, s.close_links)) {
    // What is sent again takes its old place before what stood behind it may go.
    send_again(done->again);
    release(done->ended);
    release(done->dropped);
    // Sent to decoding: the connection and the sessions are free.
    for (const operation_ptr& op : done->ended) op->at = ticket::stage::decoding;
    s.decode = std::move(done->ended);
    s.dispatch = when_any_waits();
  }
  conclude(s);
  return s;
}

pool_steps pool_books::on_decoded(std::vector<operation_ptr> decoded, time_point now) {
  pool_steps s;
  // Its caller may have given up meanwhile; its handler was called then.
  std::erase_if(decoded, [](const operation_ptr& op) { return op->at != ticket::stage::decoding; });
  for (const operation_ptr& op : decoded) {
    leave_errand(*op, now, s);  // before the end, so that a close waits for it
    tickets_.end(*op, s.closed);
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
  tickets_.add(std::move(after), now);
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
  reply last_error;
  const auto lost = links_.on_lost(number, last_error);
  if (!lost) return;
  const auto writes = [](const operation_ptr& op) { return op->exchange().writes(); };
  const auto writes_again = static_cast<std::size_t>(std::ranges::count_if(lost->again, writes));
  send_again(lost->again);
  release(lost->ended);
  release(lost->dropped);
  for (const operation_ptr& op : lost->ended) fail(op, failure_of_loss(*op, why, last_error), s);
  s.close_links.push_back({number, how, std::move(last_error), writes_again});
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
  return std::min(tickets_.next_deadline(), links_.next_check());
}

pool_steps pool_books::expire(time_point now) {
  pool_steps s;
  while (const ticket_ptr late = tickets_.late(now)) give_up(late, errc::timed_out, s);
  // After the tickets: one that was given up late makes its connection due at once.
  s.check = links_.due_checks(now);
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
        links_.abandon(operation_in(*t));
      }
      break;
    case ticket::stage::decoding:  // nothing waits for it: on_decoded() will pass it over
      break;
    case ticket::stage::ended:
      return;
  }
  fail(t, std::move(f), s);
}

/// Nothing else watches its connection, which may take for ever.
void pool_books::give_up_prepared(ticket& lease, pool_steps& s) {
  leases_.stop_preparing(lease);
  s.close_links.push_back({lease.entry.link, closing::lease_given_up, {}, 0});
  s.dispatch = std::max(s.dispatch, pool_steps::when::soon);
}

/// A close whose deadline passes ends what it waited for; another close, which waits as well, then succeeds.
void pool_books::give_up_close(const ticket_ptr& t, errc why, pool_steps& s) {
  std::erase(t->owner()->closing, t);
  tickets_.end(*t, s.closed);
  if (why == errc::timed_out) give_up_client(t->owner(), false, s);
  s.failed.push_back({t, failure_of(*t, why)});
}

void pool_books::withdraw(ticket& t) {
  if (t.what == ticket::kind::operation) return backlog_.remove(operation_in(t));
  leases_.remove(t);
}

pool_steps pool_books::on_checked(std::size_t number, bool heard, time_point now) {
  pool_steps s;
  if (!links_.contains(number)) return s;
  if (heard) {
    if (links_.on_heard(number, now)) s.listen_anew = number;
  } else {
    // The server or the way to it is stuck. Those who still wait go on elsewhere; on connections of the same way that
    // are idle each would wait in vain for its deadline first.
    links_.remove_idle(closing::beside_a_silent, s.close_links);
    lose(number, closing::silent, {errc::unavailable, "the server did not answer in time; try again"}, s);
  }
  conclude(s);
  return s;
}

void pool_books::fail(const ticket_ptr& t, failure why, pool_steps& s) {
  s.failed.push_back({t, std::move(why)});
  tickets_.end(*t, s.closed);
}

void pool_books::give_up_client(const std::shared_ptr<client>& c, bool also_closing, pool_steps& s) {
  c->closed = true;
  for (const ticket_ptr& t : tickets_.of_client(*c)) {
    if (t->what == ticket::kind::close && !also_closing) continue;
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
  while (!tickets_.empty()) give_up(tickets_.first(), errc::closed, s);
  conclude(s);
  return s;
}

void pool_books::conclude(pool_steps& s) {
  if (!shut_down_ || !tickets_.empty()) return;
  // Busy connections wait only for late replies to operations that were given up.
  links_.remove_all(closing::pool_closed, s.close_links);
  s.finished = true;
}

pool_books::counts pool_books::count() const noexcept {
  return {links_.size(), links_.busy(), leases_.lent(), waiting()};
}

}  // namespace atto::postgres
