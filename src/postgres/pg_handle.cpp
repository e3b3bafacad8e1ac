#include "postgres/pg_handle.hpp"

#include <fcntl.h>
#include <libpq-fe.h>

namespace atto::postgres {

void finish_connection::operator()(pg_conn* c) const noexcept {
  PQfinish(c);
}

int duplicate_socket(pg_conn* c) noexcept {
  return ::fcntl(PQsocket(c), F_DUPFD_CLOEXEC, 0);
}

void silence(pg_conn* c) noexcept {
  PQsetNoticeReceiver(
      c, [](void*, const PGresult*) {}, nullptr);
}

}  // namespace atto::postgres
