#include <atto/failure.hpp>
#include <atto/memory_store.hpp>
#include <atto/open_store.hpp>
#include <atto/postgres_store.hpp>
#include <atto/sqlite_store.hpp>

#include <string>

namespace atto {

std::unique_ptr<session_store> open_store(boost::asio::any_io_executor executor, std::string_view where,
                                          store_limits limits, warning_hook on_warning) {
  constexpr std::string_view sqlite_prefix = "sqlite:";
  if (where == "memory:") return memory::open(std::move(executor), limits);
  if (where.starts_with(sqlite_prefix)) {
    return sqlite::open(std::move(executor), std::string(where.substr(sqlite_prefix.size())), {.limits = limits});
  }
  const bool uri = where.starts_with("postgres://") || where.starts_with("postgresql://");
  if (uri || where.find('=') != where.npos) {
    postgres::pool_options pool;
    pool.on_warning = std::move(on_warning);
    return postgres::open(std::move(executor), where, {.limits = limits}, std::move(pool));
  }
  failure(errc::invalid_argument, "a store is memory:, sqlite:PATH, postgres://… or libpq's key=value pairs").raise();
}

}  // namespace atto
