#include "runtime/turn_coroutine.hpp"

#include "runtime/session_actor.hpp"

#include <boost/asio/async_result.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <utility>

namespace atto::detail {

namespace {

/// How many wait for turns to come: as many as run at once in a busy process, and no more memory than one session.
constexpr std::size_t most_idle = 64;
/// How many of these are looked at for one that is free.
constexpr std::size_t most_tried = 4;

/// Whether this thread is telling that a handler has returned. A turn that begins meanwhile, because the last one has
/// ended at once, does not begin within it: so many could follow each other that the stack is too small.
thread_local bool telling = false;

}  // namespace

void turn_coroutine::run(const std::shared_ptr<turn_coroutine>& self, turn_coroutines& home, handler_end end) {
  auto begins = [self, &home, end = std::move(end)]() mutable { self->begin(home, std::move(end)); };
  telling ? turn_strand::execute(self->strand_, std::move(begins), false)
          : turn_strand::enter(self->strand_, std::move(begins));
}

void turn_coroutine::begin(turn_coroutines& home, handler_end end) {
  const turn_ticket& t = *end.ticket();
  try {
    if (!next_) launch(home);
  } catch (...) {  // there is no memory for it: the session is not left to nobody
    return tell({std::move(end), std::current_exception()});
  }
  if (t.turn->ended) return wait(home, std::move(next_), {std::move(end), nullptr});
  serves_ = &t;  // whoever stops it from now on is behind this, in the strand
  strand_->serve(t.actor->id);
  std::exchange(next_, nullptr)(std::move(end));
}

/// In the strand, so that the coroutine waits for its first turn when this returns.
void turn_coroutine::launch(turn_coroutines& home) {
  const long before = strand_.use_count();
  boost::asio::co_spawn(turn_executor(strand_), serve(shared_from_this(), &home),
                        boost::asio::bind_cancellation_slot(stop_.slot(), [](const std::exception_ptr&) {}));
  own_uses_ = strand_.use_count() - before + 1;
}

boost::asio::awaitable<void> turn_coroutine::serve(std::shared_ptr<turn_coroutine> self, turn_coroutines* home) {
  namespace this_coro = boost::asio::this_coro;
  outcome last;
  do {
    // Named: GCC 12 destroys what is captured in a co_await expression twice.
    auto next_turn = boost::asio::async_initiate<const boost::asio::deferred_t&, void(handler_end)>(
        waiting{*self, *home, last}, boost::asio::deferred);
    handler_end end = co_await std::move(next_turn);
    // As it was for the first: a handler may have changed it.
    co_await this_coro::throw_if_cancelled(true);
    co_await this_coro::reset_cancellation_state(boost::asio::enable_terminal_cancellation());
    try {
      const ticket_ptr& t = end.ticket();
      session_turn running({t, &*t->turn});
      co_await (*home->handler())(running);
    } catch (...) {
      last.thrown = std::current_exception();
    }
    self->serves_ = nullptr;
    self->strand_->serve({});
    last.end = std::move(end);
  } while (!self->stopped_);
  tell(std::move(last));
}

void turn_coroutine::tell(outcome came) {
  const bool outer = std::exchange(telling, true);
  (*came.end)(std::move(came.thrown));
  telling = outer;
}

/// The coroutine is suspended: it may be given a turn before this returns.
void turn_coroutine::wait(turn_coroutines& home, next_handler next, outcome last) {
  const auto self = shared_from_this();  // keep() may be the last to have it
  next_.swap(next);                      // to assign it never ends in Boost 1.81
  if (!last.end) return;
  const bool kept = home.keep(self);
  tell(std::move(last));
  if (!kept) end();
}

void turn_coroutine::stop(const std::shared_ptr<turn_coroutine>& self, const ticket_ptr& t) {
  // A coroutine may be cancelled where it runs only.
  turn_strand::execute(
      self->strand_,
      [self, t] {
        if (self->serves_ != t.get()) return;
        self->stopped_ = true;
        self->stop_.emit(boost::asio::cancellation_type::terminal);
      },
      false);
}

turn_coroutines::turn_coroutines(boost::asio::any_io_executor inner, turn_handler handler)
    : inner_(std::make_shared<const boost::asio::any_io_executor>(std::move(inner))),
      handler_(std::make_shared<const turn_handler>(std::move(handler))) {
  idle_.reserve(most_idle);
}

turn_coroutines::~turn_coroutines() {
  close();
}

void turn_coroutines::prepare(turn_ticket& t) {
  {
    const std::lock_guard lock(mutex_);
    const auto tried = static_cast<std::ptrdiff_t>(std::min(idle_.size(), most_tried));
    const auto found = std::find_if(idle_.rbegin(), idle_.rbegin() + tried, [](const auto& c) { return c->is_free(); });
    if (found != idle_.rbegin() + tried) {
      t.coroutine = std::move(*found);
      idle_.erase(std::next(found).base());
      return;
    }
  }
  t.coroutine = std::make_shared<turn_coroutine>(inner_);
}

void turn_coroutines::run(handler_end end) {
  const auto coroutine = end.ticket()->coroutine;
  turn_coroutine::run(coroutine, *this, std::move(end));
}

void turn_coroutines::stop(const ticket_ptr& t) {
  turn_coroutine::stop(t->coroutine, t);
}

void turn_coroutines::close() {
  std::vector<std::shared_ptr<turn_coroutine>> unneeded;
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    unneeded.swap(idle_);
  }
  for (const auto& c : unneeded) c->end();
}

bool turn_coroutines::keep(const std::shared_ptr<turn_coroutine>& idle) {
  const std::lock_guard lock(mutex_);
  if (closed_ || idle_.size() >= most_idle) return false;
  idle_.push_back(idle);
  return true;
}

}  // namespace atto::detail
