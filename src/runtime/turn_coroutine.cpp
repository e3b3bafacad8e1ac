#include "runtime/turn_coroutine.hpp"

#include <boost/asio/async_result.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/this_coro.hpp>

#include <cstddef>
#include <utility>

namespace atto::detail {

namespace {

/// How many wait for turns to come: as many as run at once in a busy process, in some hundred kilobytes.
constexpr std::size_t most_idle = 64;

/// Whether this thread is reporting that a handler has returned. A turn that begins meanwhile, because the last one has
/// ended at once, does not begin within it: so many could follow each other that the stack is too small.
thread_local bool reporting = false;

class reporting_here {
 public:
  reporting_here() noexcept : outer_(std::exchange(reporting, true)) {}
  ~reporting_here() { reporting = outer_; }
  reporting_here(const reporting_here&) = delete;
  reporting_here& operator=(const reporting_here&) = delete;

 private:
  const bool outer_;
};

}  // namespace

void turn_coroutine::run(turn_coroutines& home, handler_end end) {
  auto begins = [this, &home, end = std::move(end)]() mutable { begin(home, std::move(end)); };  // its call keeps this
  reporting ? turn_strand::execute(state_->strand, std::move(begins), false)
            : turn_strand::enter(state_->strand, std::move(begins));
}

void turn_coroutine::begin(turn_coroutines& home, handler_end end) {
  const turn_call& c = *end.call();
  if (c.draft->ended) return report({std::move(end), nullptr});  // a coroutine that waited ends with the call
  try {
    if (!next_) launch(home);
  } catch (...) {  // there is no memory for it: the turn still ends, and leaves its session to the next
    return report({std::move(end), std::current_exception()});
  }
  state_->serves = &c;  // what stops it from now on comes after this, in the strand
  state_->strand->serve(c.session_id());
  std::exchange(next_, nullptr)(std::move(end));
}

/// In the strand, so that the coroutine waits for its first turn when this returns.
void turn_coroutine::launch(turn_coroutines& home) {
  const long before = state_->strand.use_count();
  boost::asio::co_spawn(turn_executor(state_->strand), serve(state_, this, &home),
                        boost::asio::bind_cancellation_slot(state_->stop.slot(), [](const std::exception_ptr&) {}));
  own_uses_ = state_->strand.use_count() - before + 1;
}

boost::asio::awaitable<void> turn_coroutine::serve(std::shared_ptr<state> self, turn_coroutine* launched,
                                                   turn_coroutines* home) {
  namespace this_coro = boost::asio::this_coro;
  handler_outcome last;
  do {
    // Named, here and below: GCC 12 destroys what is captured in a co_await expression twice.
    auto next_turn = boost::asio::async_initiate<const boost::asio::deferred_t&, void(handler_end)>(
        waiting{std::exchange(launched, nullptr), *home, last}, boost::asio::deferred);
    handler_end end = co_await std::move(next_turn);
    // As it was for the first: a handler may have changed it.
    co_await this_coro::throw_if_cancelled(true);
    co_await this_coro::reset_cancellation_state(boost::asio::enable_terminal_cancellation());
    try {
      const turn_call_ptr& call = end.call();
      session_turn running({call, &*call->draft});
      co_await home->handler()(running);
    } catch (...) {
      last.thrown = std::current_exception();
    }
    if (!self->strand->is_here()) {  // it returned where something else has called it
      co_await this_coro::throw_if_cancelled(false);
      auto back = boost::asio::dispatch(boost::asio::deferred);
      co_await std::move(back);
    }
    self->serves = nullptr;
    self->strand->serve({});
    last.end = std::move(end);
  } while (!self->stopped);
  report(std::move(last));
}

void turn_coroutine::waiting::operator()(next_handler next) const {
  if (launched != nullptr) return launched->next_.swap(next);  // to assign one never ends in Boost 1.81
  auto ended = std::move(last);
  auto self = ended.end->call()->coroutine;
  self->next_.swap(next);
  home.add_idle(std::move(self));  // if it is not kept, it ends with its call
  report(std::move(ended));
}

void turn_coroutine::report(handler_outcome came) {
  const reporting_here here;
  (*came.end)(std::move(came.thrown));
}

void turn_coroutine::stop(const turn_call_ptr& c) const {
  // A coroutine may be cancelled where it runs only.
  turn_strand::execute(
      state_->strand,
      [self = state_, c] {
        if (self->serves != c.get()) return;
        self->stopped = true;
        self->stop.emit(boost::asio::cancellation_type::terminal);
      },
      false);
}

turn_coroutines::turn_coroutines(boost::asio::any_io_executor inner, turn_handler handler)
    : inner_(std::make_shared<const boost::asio::any_io_executor>(std::move(inner))),
      handler_(std::move(handler)),
      idle_(most_idle) {}

/// One that is not free is let go: what holds its executor may hold it for ever.
void turn_coroutines::prepare(turn_call& c) {
  {
    const lock held(mutex_);
    while (!idle_.empty()) {
      c.coroutine = std::move(idle_.front());
      idle_.pop_front();
      if (c.coroutine->is_free()) return;
    }
  }
  c.coroutine = std::make_shared<turn_coroutine>(inner_);
}

void turn_coroutines::run(handler_end end) {
  turn_coroutine& coroutine = *end.call()->coroutine;
  coroutine.run(*this, std::move(end));
}

void turn_coroutines::stop(const turn_call_ptr& c) {
  c->coroutine->stop(c);
}

void turn_coroutines::close() {
  coroutines unneeded;
  const lock held(mutex_);
  closed_ = true;
  unneeded.swap(idle_);
}

void turn_coroutines::add_idle(std::shared_ptr<turn_coroutine> idle) noexcept {
  const lock held(mutex_);
  if (!closed_ && !idle_.full()) idle_.push_back(std::move(idle));
}

}  // namespace atto::detail
