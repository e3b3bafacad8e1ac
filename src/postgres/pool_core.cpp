#include "postgres/pool_core.hpp"

#include <boost/asio/post.hpp>

#include <fmt/format.h>

#include <cassert>
#include <chrono>
#include <string>
#include <utility>

namespace atto::postgres::detail {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

[[noreturn]] void refuse(std::string_view reason) {
  failure(errc::invalid_argument, std::string(reason)).raise();
}

const pool_options& checked(const pool_options& o) {
  constexpr milliseconds longest = std::chrono::hours(24);
  if (o.size < 1 || o.size > 1000) refuse("a pool has 1 to 1000 connections");
  if (o.max_waiting < 1) refuse("max_waiting must be at least 1");
  if (o.connect_timeout < milliseconds(1) || o.connect_timeout > longest) refuse("connect_timeout is 1 ms to 1 day");
  if (o.statement_timeout < milliseconds(0) || o.statement_timeout > longest) {
    refuse("statement_timeout is 0 ms (the server's own) to 1 day");
  }
  if (o.lock_timeout < milliseconds(1) || o.lock_timeout > std::chrono::hours(1)) refuse("lock_timeout is 1 ms to 1 h");
  if (o.backoff_first < milliseconds(1) || o.backoff_last < o.backoff_first || o.backoff_last > longest) {
    refuse("backoff_first is at least 1 ms, and backoff_last no less, and at most 1 day");
  }
  return o;
}

pool_books::bounds bounds_of(const pool_options& o, const dsn& where) {
  return {o.size, o.max_waiting, o.lock_timeout, where.describe_hosts(), {}};
}

}  // namespace

pool_core::pool_core(boost::asio::any_io_executor executor, std::string_view where, pool_options options)
    : executor_(std::move(executor)),
      strand_(executor_),
      options_(checked(options)),
      where_(std::make_shared<dsn>(where)),
      timer_(strand_),
      books_(bounds_of(options_, *where_)),
      usable_([this](std::size_t number) { return connections_.at(number)->usable(); }),
      journal_(options_.observer, where_->describe_hosts()) {}

std::shared_ptr<pool_core> pool_core::make(boost::asio::any_io_executor executor, std::string_view where,
                                           pool_options options) {
  std::shared_ptr<pool_core> made(new pool_core(std::move(executor), where, std::move(options)));
  made->timer_.on_due(made, [self = made.get()] { self->on_deadline(); });
  made->attempts_ = std::make_shared<connection_attempts>(made->strand_, made->where_, made->options_, made);
  made->warn_of_hosts();
  return made;
}

// --- events ------------------------------------------------------------------------------------------------------

void submit(const std::shared_ptr<pool_core>& core, ticket_ptr t, boost::asio::cancellation_slot slot) {
  if (slot.is_connected()) {
    slot.assign([weak_core = std::weak_ptr<pool_core>(core),
                 weak = std::weak_ptr<ticket>(t)](boost::asio::cancellation_type type) {
      const auto alive = weak_core.lock();
      if (alive == nullptr || weak.expired()) return;
      boost::asio::dispatch(alive->strand(), [alive, weak, type] {
        if (const auto wanted = weak.lock()) alive->cancel(wanted, type);
      });
    });
  }
  boost::asio::dispatch(core->strand(), [core, t = std::move(t)]() mutable { core->submit(std::move(t)); });
}

void pool_core::submit(ticket_ptr t) {
  assert(strand_.running_in_this_thread());
  carry_out(books_.submit(std::move(t), steady_clock::now()));
}

void pool_core::cancel(const ticket_ptr& t, boost::asio::cancellation_type type) {
  assert(strand_.running_in_this_thread());
  using boost::asio::cancellation_type;
  const bool total_only =
      (type & (cancellation_type::terminal | cancellation_type::partial)) == cancellation_type::none;
  carry_out(books_.cancel(t, total_only));
}

void pool_core::abandon(const std::shared_ptr<client>& c) {
  assert(strand_.running_in_this_thread());
  carry_out(books_.abandon(c));
}

void pool_core::shut_down() {
  assert(strand_.running_in_this_thread());
  carry_out(books_.shut_down());
}

void pool_core::shut_down(completion<> done) {
  shutting_down_.push_back(std::move(done));
  shut_down();
}

void pool_core::abandon_all() {
  assert(strand_.running_in_this_thread());
  carry_out(books_.abandon_all());
}

void pool_core::on_deadline() {
  assert(strand_.running_in_this_thread());
  timer_.fired();
  carry_out(books_.expire(steady_clock::now()));
}

void pool_core::on_reply(std::size_t number, reply r) {
  assert(strand_.running_in_this_thread());
  books_.on_reply(number, std::move(r));
}

void pool_core::on_sync(std::size_t number, bool replicated) {
  assert(strand_.running_in_this_thread());
  carry_out(books_.on_sync(number, replicated));
}

void pool_core::on_lost(std::size_t number, failure why) {
  assert(strand_.running_in_this_thread());
  carry_out(books_.on_lost(number, why));
}

void pool_core::on_opened(open_connection o) {
  assert(strand_.running_in_this_thread());
  pool_steps s = books_.on_opened(o.own_session);
  if (s.adopt != 0) journal_.on_connected();
  adopt(s.adopt, std::move(o));
  carry_out(std::move(s));
}

void pool_core::on_refused(std::uint64_t latest, const failure& why) {
  assert(strand_.running_in_this_thread());
  journal_.on_attempt_failed(why);
  carry_out(books_.on_refused(latest, why));
}

void pool_core::on_attempts_due() {
  assert(strand_.running_in_this_thread());
  carry_out(books_.on_attempts_due());
}

void pool_core::take_back(pg_handle handle, bool own_session) {
  assert(strand_.running_in_this_thread());
  pool_steps s = books_.on_returned();
  if (s.renew) attempts_->renew(std::move(handle), own_session);
  handle.reset();
  carry_out(std::move(s));
}

void pool_core::on_renewed(open_connection o) {
  assert(strand_.running_in_this_thread());
  pool_steps s = books_.on_renewed(o.handle == nullptr ? std::nullopt : std::optional(o.own_session));
  adopt(s.adopt, std::move(o));
  carry_out(std::move(s));
}

void pool_core::on_prepared(std::size_t number, open_connection o) {
  assert(strand_.running_in_this_thread());
  pool_steps s = books_.on_prepared(number, o.handle != nullptr);
  if (s.lend != nullptr) {
    auto core = std::make_unique<lease_core>(lease_core{shared_from_this(), std::move(o.handle), o.own_session});
    static_cast<lease_call&>(*s.lend).succeed(lease(std::move(core)));
  }
  carry_out(std::move(s));
}

// --- steps -------------------------------------------------------------------------------------------------------

/// Each step may bring another event: a failure to send is a loss. The books are complete before the first step, so
/// such an event finds them in order.
void pool_core::carry_out(pool_steps&& s) {
  for (const auto& l : s.close_links) close(l);
  if (!s.decode.empty()) carry_out(books_.on_decoded(std::move(s.decode), steady_clock::now()));
  call_handlers(s);
  if (!s.check.empty()) check(s.check);
  if (s.listen_anew != 0) connections_.at(s.listen_anew)->listen_anew();
  if (s.send.link != 0) send(s.send);
  if (s.prepare.link != 0) prepare(s.prepare);
  if (s.open) open(*s.open);
  if (s.finished) finish();
  timer_.arm(books_.next_deadline());
  journal_.publish(books_.count());
  if (s.dispatch == pool_steps::when::soon) dispatch_soon();
  if (s.dispatch == pool_steps::when::now) dispatch();
}

void pool_core::call_handlers(const pool_steps& s) {
  for (const operation_ptr& op : s.complete) op->complete();
  for (const auto& [who, why] : s.failed) who->fail(why);
  for (const ticket_ptr& t : s.closed) static_cast<close_call&>(*t).succeed();
}

void pool_core::dispatch() {
  const auto now = steady_clock::now();
  for (bool more = true; more;) {
    pool_steps s = books_.dispatch(usable_, now);
    more = std::exchange(s.dispatch, pool_steps::when::none) == pool_steps::when::now;
    carry_out(std::move(s));
  }
}

void pool_core::dispatch_soon() {
  if (std::exchange(dispatch_is_due_, true)) return;
  // The callers of a group that ended stand in the executor's queue; after them, what they submit stands in the
  // strand's.
  boost::asio::post(executor_, [self = shared_from_this()] {
    boost::asio::post(self->strand_, [self] {
      self->dispatch_is_due_ = false;
      self->dispatch();
    });
  });
}

void pool_core::check(const std::vector<std::size_t>& numbers) {
  for (const std::size_t number : numbers) {
    // An earlier check may have closed it.
    const auto it = connections_.find(number);
    if (it != connections_.end()) carry_out(books_.on_checked(number, it->second->heard(), steady_clock::now()));
  }
}

void pool_core::close(const pool_steps::closed_link& l) {
  if (const auto node = connections_.extract(l.link); !node.empty()) {
    node.mapped()->close();
  } else {
    attempts_->stop_preparing(l.link);
  }
  journal_.on_closed(l);
}

void pool_core::adopt(std::size_t number, open_connection o) {
  if (number == 0) return;
  if (!o.notices_loss) warn_of_orphans();
  connections_.emplace(number, std::make_shared<connection>(strand_, std::move(o), number, weak_from_this()));
}

void pool_core::send(const pool_steps::sent_round& r) {
  journal_.on_sent(r);
  const auto link = connections_.at(r.link);  // a failure to send closes it
  link->send(r.statements);
}

void pool_core::prepare(const pool_steps::prepared_lease& l) {
  const auto link = connections_.extract(l.link).mapped();
  const bool own_session = link->own_session();
  pg_handle handle = link->release();
  if (handle == nullptr) return on_prepared(l.link, {});
  attempts_->prepare(l.link, std::move(handle), own_session, l.deadline);
}

void pool_core::open(const pool_steps::demand& d) {
  connection_lifecycle::counts now;
  now.waiting = d.waiting;
  now.open = d.open;
  now.lent = d.lent;
  attempts_->open(now, d.latest);
}

void pool_core::finish() {
  attempts_->stop();
  for (auto& done : std::exchange(shutting_down_, {})) done.succeed();
}

// --- warnings ----------------------------------------------------------------------------------------------------

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

}  // namespace atto::postgres::detail
