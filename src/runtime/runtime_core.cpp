#include "runtime/runtime_core.hpp"

#include "contract/request_check.hpp"
#include "runtime/turn_strand.hpp"

#include <utility>

namespace atto::detail {

using std::chrono::steady_clock;

namespace {

/// What a handler threw, with its own error text.
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

}  // namespace

std::shared_ptr<runtime_core> runtime_core::make(boost::asio::any_io_executor executor,
                                                 std::shared_ptr<session_store> store,
                                                 std::unique_ptr<handler_runner> runner, runtime_options o) {
  auto core = std::make_shared<runtime_core>(std::move(executor), std::move(store), std::move(runner), std::move(o));
  core->books_.with([&](books_and_timer& b) { b.timer.on_due(core, [self = core.get()] { self->on_timer(); }); });
  return core;
}

runtime_core::runtime_core(boost::asio::any_io_executor executor, std::shared_ptr<session_store> s,
                           std::unique_ptr<handler_runner> r, runtime_options o)
    : executor_(std::move(executor)),
      posting_(executor_),
      runner_(std::move(r)),
      options_(std::move(o)),
      on_handled_([this](turn_call_ptr c, const std::exception_ptr& e) { on_handled(std::move(c), e); }),
      storage_(executor_, std::move(s), options_),
      books_(options_, executor_) {}

std::size_t runtime_core::live_count() const {
  return books_.with([](const books_and_timer& b) { return b.books.live_count(); });
}

runtime_stats runtime_core::stats() const {
  return books_.with([](const books_and_timer& b) { return b.books.stats(); });
}

/// Reports an event to the books, and carries out what follows from it. The timer is set under the lock, so that it is
/// set as the latest of the events wants it.
template <class Event>
void runtime_core::act(time_point now, Event event) {
  turn_steps then = books_.with([&](books_and_timer& b) {
    turn_steps steps = event(b.books, now);
    b.timer.arm(steps.next_deadline);
    return steps;
  });
  carry_out(then, now);
}

template <class Event>
void runtime_core::act(Event event) {
  act(steady_clock::now(), std::move(event));
}

void runtime_core::carry_out(turn_steps& then, time_point now) {
  // Before the handlers are cancelled: one that is about to begin sees this instead.
  for (const turn_ticket_ptr& t : then.cancel) turn_call::of(t)->draft->ended = true;
  if (then.restarted != nullptr) {
    const turn_call_ptr c = turn_call::of(std::move(then.restarted));
    if (c->on_event) c->on_event(turn_event(turn_event::kind::restarted, json()));
  }
  for (const auto& note : then.notes) note(*options_.observer);
  if (then.stored != nullptr) {
    const turn_call_ptr c = turn_call::of(std::move(then.stored));
    // Else what comes after might throw, or take its time.
    if (then.only_stored()) return c->done.succeed_here(std::move(then.events));
    c->done.succeed(std::move(then.events));
  }
  for (auto& [t, why] : then.failed) turn_call::of(t)->done.fail(std::move(why));
  for (turn_ticket_ptr& t : then.cancel) runner_->stop(turn_call::of(std::move(t)));
  for (const claim_release& r : then.release) release(r);
  for (const turn_steps::renewal& r : then.renew) renew(r);
  if (then.stopped) end_stops(*then.stopped);
  if (then.next) go_on(*then.next, now);
  if (then.refused) turn_call::of(std::move(then.refused->turn))->done.fail(std::move(then.refused->why));
}

void runtime_core::go_on(turn_steps::progress& next, time_point now) {
  turn_call_ptr c = turn_call::of(std::move(next.turn));
  switch (next.what) {
    case turn_steps::action::load:
      return load(std::move(c));
    case turn_steps::action::find_turn:
      return find_turn(std::move(c));
    case turn_steps::action::start_soon:
      return posting_.execute([self = shared_from_this(), c = std::move(c), base = next.base]() mutable {
        self->start(std::move(c), *base);
      });
    case turn_steps::action::start:
      return start(std::move(c), *next.base);
    case turn_steps::action::run:
      return runner_->run({{shared_from_this(), &on_handled_}, std::move(c)});
    case turn_steps::action::store:
      return store(std::move(c), next.epoch, now);
  }
}

void runtime_core::submit(const std::string& id, const turn_call_ptr& c, boost::asio::cancellation_slot slot,
                          time_point now) {
  if (failure f = request_check::session_id(id)) return c->done.fail(std::move(f));
  if (slot.is_connected()) {
    slot.assign([weak_core = weak_from_this(), weak = std::weak_ptr(c)](boost::asio::cancellation_type) {
      const auto self = weak_core.lock();
      auto call = weak.lock();
      if (self == nullptr || call == nullptr) return;
      const auto t = turn_call::ticket(std::move(call));
      self->act([&](turn_books& b, time_point n) { return b.cancel(t, n); });
    });
  }
  const char* const caller = current_session == nullptr ? nullptr : current_session->data();
  const auto t = turn_call::ticket(c);
  act(now, [&](turn_books& b, time_point n) { return b.submit(id, t, caller, n); });
}

void runtime_core::load(turn_call_ptr c) {
  turn_call& call = *c;
  storage_.load(call, [self = shared_from_this(), t = turn_call::ticket(std::move(c))](
                          failure why, std::optional<snapshot> s, session_claim claim) {
    self->act([&](turn_books& b, time_point now) { return b.on_loaded(t, std::move(why), std::move(s), claim, now); });
  });
}

void runtime_core::find_turn(turn_call_ptr c) {
  turn_call& call = *c;
  storage_.find_turn(call, [self = shared_from_this(), t = turn_call::ticket(std::move(c))](
                               failure why, std::optional<turn_record> found) {
    self->act([&](turn_books& b, time_point now) { return b.on_turn_found(t, std::move(why), std::move(found), now); });
  });
}

/// The draft and what its handler needs are made before the books let others cancel it: there may be no memory.
void runtime_core::start(turn_call_ptr c, const snapshot& base) {
  c->draft.emplace(c->session_id(), c->message, base, c->deadline, c->on_event);
  c->work.emplace(executor_);
  runner_->prepare(*c);
  const auto t = turn_call::ticket(std::move(c));
  act([&](turn_books& b, time_point now) { return b.start(t, now); });
}

void runtime_core::on_handled(turn_call_ptr c, const std::exception_ptr& e) {
  const in_turn_of none(nullptr);  // the handler is over; what is called from here may call for the session
  c->draft->ended = true;          // a handler that left something running must not add to what is being stored
  const auto work = std::exchange(c->work, std::nullopt);
  failure why = e == nullptr ? failure() : thrown(e);
  const auto t = turn_call::ticket(std::move(c));
  act([&](turn_books& b, time_point now) { return b.on_handled(t, std::move(why), now); });
}

/// `sent`: when its handler had returned.
void runtime_core::store(turn_call_ptr c, std::int64_t epoch, time_point sent) {
  turn_call& call = *c;
  storage_.store(
      call, epoch, sent,
      [self = shared_from_this(), &call, sent, t = turn_call::ticket(std::move(c))](failure why, std::int64_t version) {
        self->act([&](turn_books& b, time_point now) {
          return b.on_stored(t, *call.draft, {std::move(why), version, sent}, now);
        });
      });
}

void runtime_core::renew(const turn_steps::renewal& r) {
  storage_.renew_claim(
      turn_call::of(r.turn)->session_id(), r.epoch,
      [self = shared_from_this(), t = r.turn, epoch = r.epoch](const error_code& ec, time_point sent) {
        self->act([&](turn_books& b, time_point now) { return b.on_renewed(t, epoch, ec, sent, now); });
      });
}

void runtime_core::release(const claim_release& r) {
  // Failed or not: the claim ends when its ttl does.
  storage_.release_claim(r.actor->id, r.claim.epoch, [self = shared_from_this()] {
    self->act([](turn_books& b, time_point now) { return b.on_released(now); });
  });
}

void runtime_core::on_timer() {
  books_.with([](books_and_timer& b) { b.timer.fired(); });
  act([](turn_books& b, time_point now) { return b.on_time(now); });
}

void runtime_core::stop(time_point deadline, stop_completion done) {
  books_.with([&](books_and_timer& b) { b.stops.push_back(std::move(done)); });
  act([&](turn_books& b, time_point now) { return b.stop(deadline, now); });
}

/// A call that the books have not heard of yet ends with the others.
void runtime_core::end_stops(const std::vector<unfinished_turn>& cut) {
  auto all = books_.with([](books_and_timer& b) { return std::exchange(b.stops, {}); });
  for (stop_completion& done : all) done.succeed(cut);
}

void runtime_core::abandon() {
  act([](turn_books& b, time_point now) { return b.abandon(now); });
  runner_->close();
  storage_.close();
}

void runtime_core::read(const std::string& id, request r, completion<std::optional<snapshot>> done) {
  const auto now = steady_clock::now();
  auto live = books_.with([&](const books_and_timer& b) { return b.books.live_snapshot(id, now); });
  if (!live) return storage_.read(id, r, std::move(done));
  done.succeed(std::move(live));
}

}  // namespace atto::detail
