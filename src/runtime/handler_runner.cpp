#include "runtime/handler_runner.hpp"

#include "runtime/session_actor.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>

namespace atto::detail {

namespace {

/// What a session_turn is made of: it keeps the ticket.
std::shared_ptr<turn_core> core_of(const ticket_ptr& t) {
  return {t, &*t->turn};
}

boost::asio::awaitable<void> run_turn(std::shared_ptr<const turn_handler> handler, ticket_ptr t) {
  session_turn running(core_of(t));
  co_await (*handler)(running);
}

class coroutines final : public handler_runner {
 public:
  explicit coroutines(turn_handler h) : handler_(std::make_shared<const turn_handler>(std::move(h))) {}

  void run(const ticket_ptr& t, handler_end end) const override {
    turn_strand::enter(strand_of(t->actor), [handler = handler_, t, end = std::move(end)]() mutable {
      if (t->turn->ended) return end(nullptr);  // one that is cut from now on is stopped behind this, on the strand
      boost::asio::co_spawn(t->strand, run_turn(std::move(handler), t),
                            boost::asio::bind_cancellation_slot(t->stop_handler.slot(), std::move(end)));
    });
  }

 private:
  std::shared_ptr<const turn_handler> handler_;
};

class functions final : public handler_runner {
 public:
  functions(boost::asio::any_io_executor pool, blocking_turn_handler h)
      : pool_(std::move(pool)), handler_(std::make_shared<const blocking_turn_handler>(std::move(h))) {}

  void run(const ticket_ptr& t, handler_end end) const override {
    boost::asio::post(pool_, [handler = handler_, t, end = std::move(end)]() mutable {
      std::exception_ptr thrown;
      if (t->turn->ended) return end(nullptr);  // it was cut while the pool was busy
      try {
        const in_turn_of here(t->actor->id);
        session_turn running(core_of(t));
        (*handler)(running);
      } catch (...) {
        thrown = std::current_exception();
      }
      end(std::move(thrown));
    });
  }

 private:
  boost::asio::any_io_executor pool_;
  std::shared_ptr<const blocking_turn_handler> handler_;
};

}  // namespace

std::unique_ptr<const handler_runner> coroutine_runner(turn_handler handler) {
  return std::make_unique<coroutines>(std::move(handler));
}

std::unique_ptr<const handler_runner> function_runner(boost::asio::any_io_executor pool,
                                                      blocking_turn_handler handler) {
  return std::make_unique<functions>(std::move(pool), std::move(handler));
}

}  // namespace atto::detail
