#pragma once

#include <memory>

struct pg_conn;

namespace atto::postgres {

/// PQfinish.
struct finish_connection {
  void operator()(pg_conn* c) const noexcept;
};

/// Owns libpq's connection. Whoever watches its socket must let go of the descriptor before this ends.
using pg_handle = std::unique_ptr<pg_conn, finish_connection>;

}  // namespace atto::postgres
