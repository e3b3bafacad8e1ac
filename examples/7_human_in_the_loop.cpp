// A human in the loop: a turn that needs somebody's consent ends by asking, and the next message goes on from there. No
// coroutine, timer or connection waits meanwhile, only the session in the store: for seconds, or for a week and a new
// release of the program.
//
// Use: 7_human_in_the_loop STORE    (sqlite:… or postgres://…: memory: forgets what was asked)

#include <atto/atto.hpp>
#include <atto/boost_json.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>

#include <chrono>
#include <future>
#include <iostream>
#include <map>
#include <memory>
#include <string>

namespace asio = boost::asio;

using fields = std::map<std::string, std::string>;

constexpr int alone = 100;  // what the agent may refund by itself

void say(atto::session_turn& turn, const std::string& text) {
  turn.emit(atto::to_json(fields{{"role", "agent"}, {"content", text}}));
}

// [handler]
asio::awaitable<void> refund(atto::session_turn& turn) {
  const fields message = atto::from_json<fields>(turn.message());
  turn.emit(turn.message());
  if (const atto::json* asked = turn.state().find("asked")) {
    const fields before = atto::from_json<fields>(*asked);
    if (!message.contains("consent")) {
      say(turn, "I still wait for your yes or no.");
    } else {
      turn.state().erase("asked");
      say(turn,
          message.at("consent") == "yes" ? "I have refunded " + before.at("amount") + "." : "I refunded nothing.");
    }
  } else if (std::stoi(message.at("amount")) > alone) {
    turn.state().set("asked", turn.message());  // the turn ends here; the state remembers where to go on
    say(turn, "A refund of " + message.at("amount") + " needs a human's consent: yes or no?");
  } else {
    say(turn, "I have refunded " + message.at("amount") + ".");
  }
  co_return;
}
// [end]

asio::awaitable<std::string> one_turn(atto::session_store& store, atto::session_runtime& runtime, fields message) {
  co_await store.async_ensure_schema();
  const atto::json text = atto::to_json(message);
  const atto::history events = co_await runtime.async_run("order-17", text);
  co_await runtime.async_stop(std::chrono::seconds(5));
  const fields said = atto::from_json<fields>(events.back());
  co_return said.at("content");
}

// As if each message found another process, on another machine: it opens the store and takes one turn.
std::string tell(const std::string& where, const fields& message) {
  asio::io_context context;
  const std::shared_ptr<atto::session_store> store = atto::open_store(context.get_executor(), where);
  atto::session_runtime runtime(context.get_executor(), store, refund);
  std::future<std::string> answer = asio::co_spawn(context, one_turn(*store, runtime, message), asio::use_future);
  context.run();
  return answer.get();
}

int main(int argc, char** argv) {
  const std::string where = argc > 1 ? argv[1] : "sqlite:human_in_the_loop.db";
  std::cout << tell(where, {{"role", "customer"}, {"amount", "30"}}) << '\n';
  std::cout << tell(where, {{"role", "customer"}, {"amount", "250"}}) << '\n';
  std::cout << tell(where, {{"role", "customer"}, {"amount", "400"}}) << '\n';
  const std::string last = tell(where, {{"role", "manager"}, {"consent", "yes"}});
  std::cout << last << '\n';
  return last == "I have refunded 250." ? 0 : 1;
}
