#include "runtime/handler_runner.hpp"

#include "runtime/turn_strand.hpp"

#include <boost/asio/post.hpp>

#include <string_view>

namespace atto::detail {

namespace {

class functions final : public handler_runner {
 public:
  functions(boost::asio::any_io_executor pool, blocking_turn_handler h)
      : pool_(std::move(pool)), handler_(std::make_shared<const blocking_turn_handler>(std::move(h))) {}

  void prepare(turn_call&) override {}
  void run(handler_end end) override {
    boost::asio::post(pool_, [handler = handler_, end = std::move(end)]() mutable {
      const turn_call_ptr& call = end.call();
      std::exception_ptr thrown;
      if (call->draft->ended) return end(nullptr);  // it was cut while the pool was busy
      try {
        const std::string_view session = call->session_id();
        const in_turn_of here(&session);
        session_turn running({call, &*call->draft});
        (*handler)(running);
      } catch (...) {
        thrown = std::current_exception();
      }
      end(std::move(thrown));
    });
  }
  void stop(const turn_call_ptr&) override {}  // it sees that the turn is cancelled, or not
  void close() override {}

 private:
  boost::asio::any_io_executor pool_;
  std::shared_ptr<const blocking_turn_handler> handler_;
};

}  // namespace

std::unique_ptr<handler_runner> function_runner(boost::asio::any_io_executor pool, blocking_turn_handler handler) {
  return std::make_unique<functions>(std::move(pool), std::move(handler));
}

}  // namespace atto::detail
