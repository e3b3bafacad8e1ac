// Two stores and the application's own queries share one pool of PostgreSQL connections.
//
// Use: 3_share_your_pool CONNECTION_STRING

#include <atto/atto.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <libpq-fe.h>

#include <exception>
#include <iostream>
#include <memory>

namespace asio = boost::asio;
namespace postgres = atto::postgres;

void count_my_tables(const postgres::lease& lease) {
  // The connection is an ordinary blocking one while it is lent; for long queries use a thread of your own.
  const std::unique_ptr<PGresult, void (*)(PGresult*)> result(
      PQexec(lease.native_handle(), "SELECT count(*) FROM pg_tables WHERE tablename LIKE 'example\\_%'"), PQclear);
  std::cout << "tables of this example: " << PQgetvalue(result.get(), 0, 0) << '\n';
}

asio::awaitable<void> share(postgres::pool& pool, atto::session_store& agents, atto::session_store& games) {
  const atto::snapshot first(1, {}, {});
  co_await agents.async_ensure_schema();
  co_await agents.async_remove("s");
  co_await games.async_ensure_schema();
  co_await agents.async_save("s", first, {.guard = atto::guard::newer});
  co_await games.async_remove("s");
  {
    const postgres::lease lease = co_await pool.async_lease();
    count_my_tables(lease);
  }                               // the connection goes back to the pool
  co_await agents.async_close();  // leaves the pool alone
  co_await games.async_remove("s");
  co_await pool.async_close();
}

int main(int argc, char** argv) {
  asio::io_context context;
  postgres::pool pool(context.get_executor(), argc > 1 ? argv[1] : "dbname=postgres", {.size = 4});
  const auto agents = postgres::with_pool(pool, {.table = "example_agents"});
  const auto games = postgres::with_pool(pool, {.table = "example_games"});
  asio::co_spawn(context, share(pool, *agents, *games), [](std::exception_ptr failed) {
    if (failed) std::rethrow_exception(failed);
  });
  context.run();
}
