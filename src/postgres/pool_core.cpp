#include "postgres/pool_core.hpp"

#include "postgres/pool_options.hpp"
#include "postgres/sqlstate.hpp"

#include <boost/asio/post.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace atto::postgres::detail {

namespace {

constexpr std::chrono::seconds patience{1};  // with a group of which somebody gave up, and nothing is heard
constexpr std::chrono::seconds errand_patience{30};

/// An operation of the pool itself, which never was in a queue.
bool is_ours(const operation& op) {
  return op.arrival == 0;
}

backlog::bounds bounds_of(const pool_options& o) {
  backlog::bounds b;
  b.slow_in_flight = std::max<std::size_t>(1, o.size - 1);
  return b;
}

failure closed() {
  return {errc::closed, "the store or its pool was closed"};
}

failure ended(const ticket& t, errc why) {
  if (why == errc::timed_out) return {why, fmt::format("the deadline passed; {}", t.upshot())};
  if (why == errc::operation_aborted) return {why, fmt::format("cancelled; {}", t.upshot())};
  if (why == errc::outcome_unknown) return {why, "the write was sent, and its fate is not known; reload and compare"};
  return closed();
}

}  // namespace

pool_core::pool_core(boost::asio::any_io_executor executor, std::string_view where, pool_options options)
    : executor_(std::move(executor)),
      strand_(executor_),
      options_(checked(options)),
      where_(std::make_shared<dsn>(where)),
      deadlines_(strand_, [this](std::uint64_t arrival) { expire(arrival); }),
      waiting_(bounds_of(options_)),
      journal_(options_.observer, where_->describe_hosts()) {}

std::shared_ptr<pool_core> pool_core::make(boost::asio::any_io_executor executor, std::string_view where,
                                           pool_options options) {
  std::shared_ptr<pool_core> made(new pool_core(std::move(executor), where, std::move(options)));
  made->deadlines_.owner(made);
  made->attempts_ = std::make_shared<connection_attempts>(made->strand_, made->where_, made->options_, made);
  made->warn_of_hosts();
  return made;
}

// --- tickets come in ---------------------------------------------------------------------------------------------

bool pool_core::admit(const std::shared_ptr<ticket>& t) {
  if (shut_down_ || t->owner()->closed) {
    t->fail(closed());
    return false;
  }
  if (waiting_.size() + waiting_leases_.size() >= options_.max_waiting) {
    t->fail({errc::unavailable, fmt::format("{} operations wait already; try again later", options_.max_waiting)});
    return false;
  }
  return true;
}

void pool_core::enqueue(const std::shared_ptr<ticket>& t) {
  t->arrival = ++arrivals_;
  pool_journal::on_arrival(*t);
  ++t->owner()->outstanding;
  outstanding_.emplace(t->arrival, t);
  deadlines_.add(t->deadline(), t->arrival);
}

void pool_core::submit(operation_ptr t) {
  if (!admit(t)) return;
  enqueue(t);
  waiting_.add(std::move(t));
  dispatch_soon();
}

void pool_core::submit(std::shared_ptr<lease_ticket> t) {
  if (!admit(t)) return;
  if (options_.size < 2) {
    return t->fail({errc::invalid_argument, "a pool of one connection has none to lend; make it larger"});
  }
  enqueue(t);
  waiting_leases_.emplace(t->arrival, std::move(t));
  dispatch();
}

// --- tickets get connections -------------------------------------------------------------------------------------

std::size_t pool_core::leases_wanted() const noexcept {
  return std::min(waiting_leases_.size(), options_.size - 1 - std::min(leased_ + preparing_, options_.size - 1));
}

void pool_core::dispatch() {
  std::size_t number = 0;
  while (member* const m = find_idle(number)) {
    if (lease_is_next_ && leases_wanted() > 0) {
      lease_is_next_ = false;
      prepare_lease(*m, number, waiting_leases_.extract(waiting_leases_.begin()).mapped());
    } else if (group g = waiting_.take(options_.size - leased_); !g.members.empty()) {
      lease_is_next_ = true;
      serve(*m, number, std::move(g));
    } else if (leases_wanted() > 0) {
      lease_is_next_ = true;
    } else {
      break;
    }
  }
  open_connections();
  publish_counts();
}

void pool_core::publish_counts() {
  const auto busy = std::ranges::count_if(members_, [](const auto& m) { return !m.second.rounds.idle(); });
  journal_.publish(members_.size(), static_cast<std::size_t>(busy), leased_, waiting_.size() + waiting_leases_.size());
}

void pool_core::dispatch_soon() {
  if (std::exchange(dispatch_is_due_, true)) return;
  // The callers of a group that ended stand in the executor's queue, and are to have put theirs into the strand's.
  boost::asio::post(executor_, [self = shared_from_this()] {
    boost::asio::post(self->strand_, [self] {
      self->dispatch_is_due_ = false;
      self->dispatch();
    });
  });
}

void pool_core::drop_idle() {
  for (auto it = members_.begin(); it != members_.end();) {
    if (!it->second.rounds.idle()) {
      ++it;
      continue;
    }
    it->second.link->close();
    it = members_.erase(it);
    journal_.on_lost("was given up: the server did not answer on another one");
  }
}

pool_core::member* pool_core::find_idle(std::size_t& number) {
  for (auto it = members_.begin(); it != members_.end();) {
    if (!it->second.rounds.idle()) {
      ++it;
    } else if (it->second.link->usable()) {
      number = it->first;
      return &it->second;
    } else {
      it->second.link->close();
      it = members_.erase(it);
      journal_.on_lost("was closed by the server, or broke, while it was idle");
    }
  }
  return nullptr;
}

void pool_core::serve(member& m, std::size_t number, group g) {
  for (const operation_ptr& op : g.members) {
    op->at = ticket::stage::sent;
    op->connection = number;
  }
  m.last_error = {};
  m.sent_at = std::chrono::steady_clock::now();
  journal_.on_sent(g, m.sent_at);
  const auto link = m.link;  // a failure to send ends the member
  link->send(m.rounds.start(std::move(g)));
}

void pool_core::prepare_lease(member& m, std::size_t number, std::shared_ptr<lease_ticket> t) {
  ++preparing_;
  t->connection = number;
  if (!m.link->own_session()) return lend(number, t, true);
  auto lend_it = [this, number](const std::shared_ptr<lease_ticket>& wanted, bool prepared) {
    lend(number, wanted, prepared);
  };
  auto preparation = std::make_shared<lease_preparation>(std::move(t), std::move(lend_it));
  const auto link = m.link;  // a failure to send ends the member
  link->send(m.rounds.start({round_kind::read, {std::move(preparation)}}));
}

void pool_core::lend(std::size_t number, const std::shared_ptr<lease_ticket>& t, bool prepared) {
  --preparing_;
  t->connection = 0;
  const auto node = members_.extract(number);  // empty when the connection was lost
  const bool own_session = !node.empty() && node.mapped().link->own_session();
  pg_handle handle = node.empty() || !prepared ? nullptr : node.mapped().link->lend();
  if (handle != nullptr) {
    ++leased_;
    t->succeed(lease(std::make_unique<lease_core>(shared_from_this(), std::move(handle), own_session)));
    return end(*t);
  }
  if (!node.empty()) node.mapped().link->close();
  waiting_leases_.emplace(t->arrival, t);  // another connection will do
}

/// The caller gave up while its connection was being prepared, which may take for ever: nobody else watches it.
void pool_core::stop_preparing(std::size_t number) {
  --preparing_;
  if (const auto node = members_.extract(number); !node.empty()) node.mapped().link->close();
}

void pool_core::take_back(pg_handle handle, bool own_session) {
  if (shut_down_) {
    --leased_;
    handle.reset();
    return dispatch();
  }
  attempts_->renew(std::move(handle), own_session);
}

void pool_core::on_renewed(opened o) {
  --leased_;
  if (shut_down_ && nobody_waits()) return;
  if (o.handle != nullptr) add_member(std::move(o));
  dispatch();
}

// --- connections come ---------------------------------------------------------------------------------------------

void pool_core::open_connections() {
  if (shut_down_ && nobody_waits()) return;
  connection_lifecycle::counts now;
  now.waiting = waiting_.size() + leases_wanted();
  now.open = members_.size();
  now.lent = leased_;
  attempts_->open(now, arrivals_);
}

void pool_core::on_attempts_due() {
  open_connections();
}

void pool_core::on_opened(opened o) {
  if (shut_down_ && nobody_waits()) return;
  journal_.on_connected();
  add_member(std::move(o));
  dispatch();
}

void pool_core::on_refused(std::uint64_t asked, const failure& why) {
  journal_.on_attempt_failed(why);
  if (shut_down_ && nobody_waits()) return;
  // A connection that is open will serve them; the attempt was one to grow.
  if (members_.empty()) fail_waiting(asked, why);
  open_connections();
}

void pool_core::warn_of_hosts() {
  if (!options_.on_warning || where_->is_verified()) return;
  boost::asio::post(strand_,
                    [warn = options_.on_warning,
                     line = fmt::format("nobody verifies who answers at {}, nor, perhaps, keeps the way private;"
                                        " set sslmode=verify-full",
                                        where_->describe_hosts())] { warn(line); });
}

void pool_core::warn_of_orphans() {
  if (!options_.on_warning || std::exchange(warned_of_orphans_, true)) return;
  options_.on_warning(fmt::format(
      "the server at {} was not told to look for clients that died (client_connection_check_interval): what it"
      " runs for one goes on there until its statement_timeout; set that for the role or the server",
      where_->describe_hosts()));
}

void pool_core::add_member(opened o) {
  if (!o.notices_loss) warn_of_orphans();
  const std::size_t number = ++numbers_given_;
  const bool own = o.own_session;
  auto link = std::make_shared<connection>(strand_, std::move(o), number, weak_from_this());
  members_.emplace(number, member(std::move(link), pipeline(options_.lock_timeout, own)));
}

void pool_core::fail_waiting(std::uint64_t until, const failure& why) {
  std::vector<std::shared_ptr<ticket>> failed;
  for (const auto& [arrival, t] : outstanding_) {
    const bool closing = std::dynamic_pointer_cast<close_ticket>(t) != nullptr;
    // One in doubt waits on: a later connection may tell.
    const bool fails = t->at == ticket::stage::waiting && !closing && !t->in_doubt();
    if (arrival <= until && fails) failed.push_back(t);
  }
  std::ranges::sort(failed, {}, &ticket::arrival);
  for (const auto& t : failed) {
    withdraw(*t);
    t->fail(why);
    end(*t);
  }
}

// --- answers come ---------------------------------------------------------------------------------------------------

void pool_core::on_reply(std::size_t number, reply r) {
  member& m = members_.at(number);
  if (!r.ok() && spoils_connection(r.sqlstate)) {
    m.doomed = true;
    m.last_error = r;  // other errors are one member's own
  }
  m.rounds.on_reply(std::move(r));
}

void pool_core::on_sync(std::size_t number, bool replicated) {
  member& m = members_.at(number);
  const auto [ended, again, dropped] = m.rounds.on_sync(replicated);
  unwatch(m);
  send_again(again);
  release(ended);
  release(dropped);
  for (const operation_ptr& op : ended) complete(op);
  drop_if_doomed(number);
  dispatch();
}

void pool_core::send_again(const std::vector<operation_ptr>& again) {
  for (const operation_ptr& op : again) {
    if (is_ours(*op)) {
      op->fail({});
      continue;
    }
    op->at = ticket::stage::waiting;
    waiting_.put_back(op);
  }
}

void pool_core::complete(const operation_ptr& op) {
  op->complete();
  if (is_ours(*op)) return;
  if (auto left = op->exchange().errand(); left != nullptr && !shut_down_) {
    const auto deadline = std::chrono::steady_clock::now() + errand_patience;
    auto after = std::make_shared<atto::postgres::errand>(op->owner(), deadline, std::move(left));
    enqueue(after);
    waiting_.add(std::move(after));
  }
  end(*op);
}

void pool_core::release(const std::vector<operation_ptr>& flown) {
  for (const operation_ptr& op : flown) {
    if (!is_ours(*op)) waiting_.release(*op);
  }
}

void pool_core::drop_if_doomed(std::size_t number) {
  const auto it = members_.find(number);
  if (it == members_.end() || !it->second.rounds.idle()) return;
  if (!it->second.doomed) return;
  it->second.link->close();
  const auto node = members_.extract(it);
  journal_.on_lost("was given up for what the server said on it", node.mapped().last_error);
}

void pool_core::on_lost(std::size_t number, failure why) {
  lose(number, std::move(why), "broke");
}

void pool_core::lose(std::size_t number, failure why, std::string_view how) {
  auto node = members_.extract(number);
  if (node.empty()) return;
  member& m = node.mapped();
  unwatch(m);
  const auto lost = m.rounds.on_lost();
  journal_.on_lost(how, m.last_error, lost.again);
  send_again(lost.again);
  release(lost.ended);
  release(lost.dropped);
  const std::string where = fmt::format(" (the connection to {} broke)", where_->describe_hosts());
  for (const operation_ptr& op : lost.ended) {
    if (is_ours(*op)) {
      op->fail({});
      continue;
    }
    failure own = why;
    if (op->in_doubt()) {
      own = ended(*op, errc::outcome_unknown);
    } else {
      own.diag.message(fmt::format("{}; {}", op->upshot(), why.diag.message()));
    }
    own.diag.message(own.diag.message() + where);
    own.diag.code(m.last_error.sqlstate).server_message(m.last_error.message);
    op->fail(std::move(own));
    end(*op);
  }
  dispatch();
}

// --- deadlines, cancellation, ends ---------------------------------------------------------------------------------

void pool_core::expire(std::uint64_t arrival) {
  if (const auto w = watches_.find(arrival); w != watches_.end()) return check(w->second);
  const auto it = outstanding_.find(arrival);
  if (it == outstanding_.end()) return;
  give_up(it->second, errc::timed_out);
}

void pool_core::cancel(const std::shared_ptr<ticket>& t, boost::asio::cancellation_type type) {
  using boost::asio::cancellation_type;
  if (t->at == ticket::stage::ended || t->arrival == 0) return;
  if (t->in_doubt()) {
    // Total cancellation promises no side effect, which nobody can promise for a write that was sent.
    const bool only_total =
        (type & (cancellation_type::terminal | cancellation_type::partial)) == cancellation_type::none;
    if (only_total) return;
  }
  give_up(t, errc::operation_aborted);
}

void pool_core::give_up(std::shared_ptr<ticket> t, errc why) {
  if (t->at == ticket::stage::sent) return abandon_sent(*t, why);
  if (const auto closing = std::dynamic_pointer_cast<close_ticket>(t)) {
    std::erase(closing->owner()->closing, closing);
    end(*closing);
    if (why == errc::timed_out) abandon(closing->owner(), false);
    return closing->fail(ended(*closing, why));
  }
  withdraw(*t);
  t->fail(ended(*t, t->in_doubt() ? errc::outcome_unknown : why));
  end(*t);
  dispatch_soon();  // another of its session may go now
}

void pool_core::withdraw(ticket& t) {
  if (auto* const op = dynamic_cast<operation*>(&t)) return waiting_.remove(*op);
  if (waiting_leases_.erase(t.arrival) == 0 && t.connection != 0) stop_preparing(t.connection);
}

void pool_core::abandon_sent(ticket& t, errc why) {
  member& m = members_.at(t.connection);
  m.rounds.abandon(t);
  t.fail(ended(t, t.in_doubt() ? errc::outcome_unknown : why));
  end(t);  // the last one's end is followed by finish(), later: m stays
  // A caller in a hurry, or a slow network, shall not cost its neighbours their connection.
  watch(m, t, std::max(t.deadline(), m.sent_at + patience));
}

void pool_core::watch(member& m, const ticket& t, std::chrono::steady_clock::time_point when) {
  if (m.watched_for != 0 && m.check_at <= when) return;
  unwatch(m);
  m.watched_for = t.arrival;
  m.check_at = when;
  watches_.emplace(t.arrival, t.connection);
  deadlines_.add(when, t.arrival);
}

void pool_core::unwatch(member& m) {
  if (m.watched_for == 0) return;
  deadlines_.remove(m.check_at, m.watched_for);
  watches_.erase(m.watched_for);
  m.watched_for = 0;
}

void pool_core::check(std::size_t number) {
  member& m = members_.at(number);
  if (!m.link->heard()) {
    // The server or the way to it is stuck. Who still waits goes on elsewhere; on connections of the same way that are
    // idle each would wait in vain for its deadline first.
    m.link->close();
    drop_idle();
    return lose(number, {errc::unavailable, "the server did not answer in time; try again"},
                "was given up: the server did not answer in time");
  }
  // Those who wait have heard something, and have deadlines of their own.
  if (m.rounds.nobody_waits()) m.link->listen_anew();
  m.check_at = std::chrono::steady_clock::now() + patience;
  deadlines_.add(m.check_at, m.watched_for);
}

void pool_core::end(ticket& t) {
  t.at = ticket::stage::ended;
  deadlines_.remove(t.deadline(), t.arrival);
  const auto book = outstanding_.extract(t.arrival);  // keeps the ticket until this returns
  const auto owner = t.owner();
  --owner->outstanding;
  tell_closing(owner);
  if (!shut_down_ || !outstanding_.empty()) return;
  // Posted: whoever called this still uses the members.
  boost::asio::post(strand_, [self = shared_from_this()] {
    if (self->outstanding_.empty()) self->finish();
  });
}

void pool_core::submit(const std::shared_ptr<close_ticket>& t) {
  const auto owner = t->owner();
  owner->closed = true;
  enqueue(t);
  owner->closing.push_back(t);
  tell_closing(owner);
}

void pool_core::tell_closing(const std::shared_ptr<client>& c) {
  if (c->outstanding > c->closing.size()) return;
  for (const auto& t : std::exchange(c->closing, {})) {
    t->succeed();
    end(*t);
  }
}

void pool_core::abandon(const std::shared_ptr<client>& c, bool ending) {
  c->closed = true;
  std::vector<std::shared_ptr<ticket>> left;
  for (const auto& [arrival, t] : outstanding_) {
    const bool closing = std::find(c->closing.begin(), c->closing.end(), t) != c->closing.end();
    if (t->owner() == c && (ending || !closing)) left.push_back(t);
  }
  for (const auto& t : left) {
    if (t->at != ticket::stage::ended) give_up(t, errc::closed);
  }
}

void pool_core::shut_down() {
  shut_down_ = true;
  if (outstanding_.empty()) finish();
}

void pool_core::shut_down(completion<> done) {
  shutting_down_.push_back(std::move(done));
  shut_down();
}

void pool_core::finish() {
  // Busy members wait for late replies of abandoned operations only: nobody needs them.
  for (auto& [number, m] : members_) m.link->close();
  attempts_->stop();
  members_.clear();
  publish_counts();
  watches_.clear();
  deadlines_.stop();
  for (auto& done : std::exchange(shutting_down_, {})) done.succeed();
}

void pool_core::abandon_all() {
  shut_down_ = true;
  while (!outstanding_.empty()) give_up(outstanding_.begin()->second, errc::closed);
  finish();
}

}  // namespace atto::postgres::detail
