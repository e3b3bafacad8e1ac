// Several writers add turns to one session. Who loses a race loads again, decides again, and writes on the new version.
//
// Use: 2_retry_on_conflict STORE

#include <atto/atto.hpp>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <exception>
#include <iostream>
#include <memory>
#include <optional>
#include <string>

namespace asio = boost::asio;

constexpr auto as_tuple = asio::as_tuple(asio::use_awaitable);

// [retry]
asio::awaitable<int> add_turn(atto::session_store& store, std::string id, atto::json event) {
  for (int tries = 1;; ++tries) {
    const std::optional<atto::snapshot> loaded = co_await store.async_load(id, {.last = 0});
    const atto::snapshot base = loaded.value_or(atto::snapshot());
    const atto::turn turn(base.state, atto::history{event});
    const auto [ec, version] = co_await store.async_append(id, base.version, turn, {}, as_tuple);
    if (!ec) co_return tries;
    if (ec != atto::errc::concurrent_write) throw boost::system::system_error(ec);
  }
}
// [end]

asio::awaitable<void> writer(atto::session_store& store, int number) {
  for (int turn = 0; turn < 5; ++turn) {
    const atto::json event(R"({"writer":)" + std::to_string(number) + "}");
    const int tries = co_await add_turn(store, "shared", event);
    if (tries > 1) std::cout << "writer " << number << " won turn " << turn << " at try " << tries << '\n';
  }
}

void rethrow(std::exception_ptr failed) {
  if (failed) std::rethrow_exception(failed);
}

int main(int argc, char** argv) {
  const std::string where = argc > 1 ? argv[1] : "memory:";
  asio::io_context context;
  const std::unique_ptr<atto::session_store> store = atto::open_store(context.get_executor(), where);
  store->async_ensure_schema({}, [](atto::error_code ec) {
    if (ec) throw boost::system::system_error(ec);
  });
  context.run();
  context.restart();
  for (int number = 0; number < 3; ++number) asio::co_spawn(context, writer(*store, number), rethrow);
  context.run();
  std::cout << "every writer's turns are stored\n";
}
