#pragma once

#include <atto/export.hpp>
#include <atto/postgres_pool.hpp>
#include <atto/session_store.hpp>

#include <memory>
#include <string>
#include <string_view>

namespace atto::postgres {

/// The table that is used when the options name none.
inline constexpr std::string_view default_table = "atto_sessions";

struct options {
  /// `table`, which is looked for in schema public, or `schema.table`. Each part is taken as it is, case and all, and
  /// quoted; it may not be empty, hold U+0000 or a further dot. At most 63 bytes for the schema and 53 for the
  /// table, because names such as <table>_tail_pkey are derived from it and PostgreSQL would cut them at 63.
  std::string table{default_table};
  store_limits limits{};
};

/// A store in PostgreSQL, with a connection pool of its own. Checks its arguments and touches no network.
///
/// `dsn` is a libpq connection string: a URI, or key=value pairs. See postgres_pool.hpp, and docs/storage-format.md for
/// the tables. session_store::stats() tells the numbers of the pool. Errors (thrown as error_with_diagnostics):
/// invalid_argument; the message never quotes the string.
[[nodiscard]] ATTO_EXPORT std::unique_ptr<session_store> open(boost::asio::any_io_executor executor,
                                                              std::string_view dsn, options o = {},
                                                              pool_options p = {});

/// A store on a pool the caller owns and may share between stores; async_close and the destructor leave the pool alone.
/// session_store::stats() tells the numbers of the pool, with those of all its stores.
/// Errors (thrown as error_with_diagnostics): invalid_argument.
[[nodiscard]] ATTO_EXPORT std::unique_ptr<session_store> with_pool(pool& p, options o = {});

}  // namespace atto::postgres
