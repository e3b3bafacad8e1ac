// Saves a session with a coroutine, appends a turn, loads it back.
//
// Use: 1_save_and_load STORE    (say, sqlite:example.db, or postgres://user@host/db)

#include <atto/atto.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <exception>
#include <iostream>
#include <memory>
#include <optional>

namespace asio = boost::asio;

// A named function, with its arguments by value: GCC 12 miscompiles coroutines that are capturing lambdas.
asio::awaitable<void> save_and_load(atto::session_store& store) {
  co_await store.async_ensure_schema();
  co_await store.async_remove("order-17");

  atto::state state;
  state.set("step", atto::json("1"));
  state.set("temp:cache", atto::json("[]"));  // stays in this process
  atto::snapshot first(1, state, atto::history{atto::json(R"({"role":"user","content":"a ticket to Oslo"})")});
  co_await store.async_save("order-17", first);

  state.set("step", atto::json("2"));
  atto::turn turn(state, atto::history{atto::json(R"({"role":"assistant","content":"When?"})")});
  const std::int64_t version = co_await store.async_append("order-17", 1, turn);

  const std::optional<atto::snapshot> loaded = co_await store.async_load("order-17");
  std::cout << "version " << version << ", state " << loaded->state.stored().text() << '\n';
  for (const atto::json& event : loaded->history) std::cout << event.text() << '\n';
  co_await store.async_close();
}

int main(int argc, char** argv) {
  asio::io_context context;
  const std::unique_ptr<atto::session_store> store =
      atto::open_store(context.get_executor(), argc > 1 ? argv[1] : "memory:");
  asio::co_spawn(context, save_and_load(*store), [](std::exception_ptr failed) {
    if (failed) std::rethrow_exception(failed);
  });
  context.run();
}
