#include "fault/failing_libpq.hpp"

#include "fault/nth_call.hpp"

#include <libpq-fe.h>

#include <mutex>

namespace {

struct plan {
  std::mutex mutex;
  atto::test::nth_call which;
  std::string first;
};

plan& the_plan() {
  static plan p;
  return p;
}

bool fails(const char* function) {
  plan& p = the_plan();
  const std::lock_guard lock(p.mutex);
  if (!p.which.fails()) return false;
  if (p.first.empty()) p.first = function;
  return true;
}

}  // namespace

namespace atto::test {

void failing_libpq::arm(std::size_t n, how h) {
  plan& p = the_plan();
  const std::lock_guard lock(p.mutex);
  p.which.arm(n, h == how::from_then_on);
  p.first.clear();
}

std::string failing_libpq::disarm() {
  plan& p = the_plan();
  const std::lock_guard lock(p.mutex);
  p.which.disarm();
  return p.first;
}

}  // namespace atto::test

// The linker's names for the function that stands in, and for the one it stands for.
#define ATTO_FAILING(result, name, parameters, arguments, failure) \
  extern "C" result __real_##name parameters;                      \
  extern "C" result __wrap_##name parameters {                     \
    return fails(#name) ? (failure) : __real_##name arguments;     \
  }

ATTO_FAILING(PGconn*, PQconnectStartParams, (const char* const* keywords, const char* const* values, int expand),
             (keywords, values, expand), nullptr)
ATTO_FAILING(PostgresPollingStatusType, PQconnectPoll, (PGconn * c), (c), PGRES_POLLING_FAILED)
ATTO_FAILING(int, PQsocket, (const PGconn* c), (c), -1)
ATTO_FAILING(int, PQsetnonblocking, (PGconn * c, int on), (c, on), -1)
ATTO_FAILING(int, PQenterPipelineMode, (PGconn * c), (c), 0)
ATTO_FAILING(int, PQsendQuery, (PGconn * c, const char* sql), (c, sql), 0)
ATTO_FAILING(int, PQsendPrepare, (PGconn * c, const char* name, const char* sql, int n, const Oid* types),
             (c, name, sql, n, types), 0)
ATTO_FAILING(int, PQsendQueryPrepared,
             (PGconn * c, const char* name, int n, const char* const* values, const int* lengths, const int* formats,
              int format),
             (c, name, n, values, lengths, formats, format), 0)
ATTO_FAILING(int, PQsendQueryParams,
             (PGconn * c, const char* sql, int n, const Oid* types, const char* const* values, const int* lengths,
              const int* formats, int format),
             (c, sql, n, types, values, lengths, formats, format), 0)
ATTO_FAILING(int, PQpipelineSync, (PGconn * c), (c), 0)
ATTO_FAILING(int, PQflush, (PGconn * c), (c), -1)
ATTO_FAILING(int, PQconsumeInput, (PGconn * c), (c), 0)
ATTO_FAILING(PGresult*, PQgetResult, (PGconn * c), (c), PQmakeEmptyPGresult(c, PGRES_FATAL_ERROR))
