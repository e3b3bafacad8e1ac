#pragma once

#include <memory>

struct pg_conn;

namespace atto::postgres {

/// PQfinish.
struct finish_connection {
  void operator()(pg_conn* c) const noexcept;
};

/// Owns libpq's connection.
using pg_handle = std::unique_ptr<pg_conn, finish_connection>;

/// A connection with what was found about its session.
struct open_connection {
  pg_handle handle;           // null: there is none
  bool own_session = false;   // no pooler in between: the server's session is the pool's alone, and has its timeouts
  bool prepares = false;      // statements are prepared under names
  bool notices_loss = false;  // the server ends a statement whose client died
};

/// A descriptor of the connection's socket for the caller to watch and to close; -1 on an error. libpq closes its own
/// whenever it sees fit, and its number may be another file's at once: Asio must never watch that one.
[[nodiscard]] int duplicate_socket(pg_conn* c) noexcept;

/// Drops the server's notices; libpq would print them.
void silence(pg_conn* c) noexcept;

}  // namespace atto::postgres
