#include "postgres_peer.hpp"

#include <libpq-fe.h>

#include <cstring>
#include <stdexcept>

namespace peers {

namespace {

using result = std::unique_ptr<PGresult, decltype(&PQclear)>;

void require(pg_conn* c, PGresult* r) {
  const result owned(r, PQclear);
  const ExecStatusType status = PQresultStatus(r);
  if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) throw std::runtime_error(PQerrorMessage(c));
}

void run(pg_conn* c, const std::string& sql) {
  require(c, PQexec(c, sql.c_str()));
}

std::string table_ddl(const options& o) {
  if (!o.append) {
    return "CREATE TABLE IF NOT EXISTS " + o.table +
           " (session_id text PRIMARY KEY, version bigint NOT NULL, state jsonb NOT NULL, history jsonb NOT NULL,"
           " updated_at timestamptz NOT NULL DEFAULT now())";
  }
  return "CREATE TABLE IF NOT EXISTS " + o.table +
         " (session_id text COLLATE \"C\" PRIMARY KEY, version int8 NOT NULL, state jsonb NOT NULL,"
         " history jsonb NOT NULL, history_version int8 NOT NULL, events int8 NOT NULL, bytes int8 NOT NULL,"
         " write_id uuid, created_at timestamptz NOT NULL, updated_at timestamptz NOT NULL);"
         "CREATE TABLE IF NOT EXISTS " +
         o.table +
         "_tail (session_id text COLLATE \"C\" NOT NULL, version int8 NOT NULL, write_id uuid, events jsonb NOT NULL,"
         " events_total int8 NOT NULL, PRIMARY KEY (session_id, version))";
}

/// The seed's own statement.
std::string save_sql(const options& o) {
  return "INSERT INTO " + o.table +
         " AS t (session_id, version, state, history) VALUES ($1, $2::text::int8, $3, $4)"
         " ON CONFLICT (session_id) DO UPDATE SET version = EXCLUDED.version, state = EXCLUDED.state,"
         " history = EXCLUDED.history, updated_at = now() WHERE t.version < EXCLUDED.version";
}

std::string append_sql(const options& o) {
  return "WITH up AS (UPDATE " + o.table +
         " AS t SET version = t.version + 1, state = $3, events = t.events + $5::text::int8,"
         " bytes = t.bytes + 100, write_id = gen_random_uuid(), updated_at = now()"
         " WHERE t.session_id = $1 AND t.version = $2::text::int8 RETURNING t.session_id, t.version, t.write_id, "
         "t.events)"
         " INSERT INTO " +
         o.table +
         "_tail (session_id, version, write_id, events, events_total)"
         " SELECT up.session_id, up.version, up.write_id, $4, up.events FROM up";
}

std::string insert_sql(const options& o) {
  return "INSERT INTO " + o.table +
         " AS t (session_id, version, state, history, history_version, events, bytes, write_id, created_at, updated_at)"
         " VALUES ($1, $2::text::int8, $3, $4, $2::text::int8, $5::text::int8, 100, gen_random_uuid(), now(), now())"
         " ON CONFLICT (session_id) DO NOTHING";
}

void prepare(pg_conn* c, const char* name, const std::string& sql) {
  require(c, PQprepare(c, name, sql.c_str(), 0, nullptr));
}

}  // namespace

void close_connection::operator()(pg_conn* c) const noexcept {
  PQfinish(c);
}

connection connect(const options& o) {
  connection c(PQconnectdb(o.dsn.c_str()));
  if (PQstatus(c.get()) != CONNECTION_OK) throw std::runtime_error(PQerrorMessage(c.get()));
  PQsetNoticeProcessor(
      c.get(), [](void*, const char*) {}, nullptr);
  run(c.get(), table_ddl(o));
  prepare(c.get(), "write", o.append ? append_sql(o) : save_sql(o));
  if (o.append) prepare(c.get(), "insert", insert_sql(o));
  prepare(c.get(), "load", "SELECT version, state::text, history::text FROM " + o.table + " WHERE session_id = $1");
  return c;
}

std::size_t prepare_tables(const options& o, turn_source& turns) {
  const connection c = connect(o);
  std::size_t written = 0;
  run(c.get(), "BEGIN");
  for (std::size_t i = 0; i < turns.preparations(); ++i) {
    const session_write w = turns.prepare(i);
    if (w.count == 0) continue;
    const write_parameters p(o, w, o.append);
    const result r(PQexecPrepared(c.get(), statement_for(o, w), p.count(), p.values(), nullptr, nullptr, 0), PQclear);
    if (PQresultStatus(r.get()) != PGRES_COMMAND_OK) throw std::runtime_error(PQerrorMessage(c.get()));
    if (std::strcmp(PQcmdTuples(r.get()), "1") != 0) throw std::runtime_error("table " + o.table + " is not fresh");
    ++written;
  }
  run(c.get(), "COMMIT");
  return written;
}

const char* statement_for(const options& o, const session_write& w) {
  return o.append && w.base == 0 ? "insert" : "write";
}

write_parameters::write_parameters(const options& o, const session_write& w, bool inserting)
    : version_(std::to_string(o.append && !inserting ? w.base : w.base + 1)),
      events_(std::to_string(w.count)),
      values_{w.id.c_str(), version_.c_str(), w.state.c_str(), w.events.c_str(), events_.c_str()},
      count_(o.append ? 5 : 4) {}

}  // namespace peers
