// A session actor: the seats of a performance are booked one after another, however many customers ask at once. There
// is no lock and no retry here: session_runtime sees to order, durability and memory.
//
// Use: 5_session_actor STORE

#include <atto/atto.hpp>
#include <atto/boost_json.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/io_context.hpp>

#include <chrono>
#include <exception>
#include <iostream>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>

namespace asio = boost::asio;
using namespace asio::experimental::awaitable_operators;

using fields = std::map<std::string, std::string>;

// [handler]
// One turn of a performance. Nobody else changes its state meanwhile, on any thread.
asio::awaitable<void> book(atto::session_turn& turn) {
  const fields wish = atto::from_json<fields>(turn.message());
  const std::string &seat = wish.at("seat"), &name = wish.at("name");
  const bool taken = turn.state().contains(seat);
  if (!taken) turn.state().set(seat, atto::json::string(name));
  const fields answer{{"seat", seat}, {"name", name}, {"is", taken ? "taken" : "yours"}};
  turn.emit(atto::to_json(answer));
  co_return;
}
// [end]

// Tries seat after seat. An answer comes when it is durable: what the customer was told survives any crash.
asio::awaitable<void> customer(atto::session_runtime& theatre, std::string name) {
  for (const char* seat : {"A1", "A2", "A3"}) {
    const atto::json wish = atto::to_json(fields{{"seat", seat}, {"name", name}});
    const atto::history events = co_await theatre.async_run("hamlet", wish);
    std::cout << events.back().text() << '\n';
    const fields answer = atto::from_json<fields>(events.back());
    if (answer.at("is") == "yours") co_return;
  }
}

asio::awaitable<void> first_night(std::shared_ptr<atto::session_store> store, atto::session_runtime& theatre) {
  co_await store->async_ensure_schema();
  co_await store->async_remove("hamlet");
  co_await (customer(theatre, "Ann") && customer(theatre, "Ben") && customer(theatre, "Cleo"));
  co_await theatre.async_stop(std::chrono::seconds(5));

  const std::optional<atto::snapshot> stored = co_await store->async_load("hamlet");
  std::cout << "version " << stored->version << ": " << stored->state.stored().text() << '\n';
  if (stored->state.size() != 3) throw std::logic_error("three customers, three seats");
}

int main(int argc, char** argv) {
  asio::io_context context;
  const std::shared_ptr<atto::session_store> store =
      atto::open_store(context.get_executor(), argc > 1 ? argv[1] : "memory:");
  atto::session_runtime theatre(context.get_executor(), store, book);
  asio::co_spawn(context, first_night(store, theatre), [](std::exception_ptr failed) {
    if (failed) std::rethrow_exception(failed);
  });
  context.run();
}
