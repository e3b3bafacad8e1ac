#include "support/test_postgres.hpp"

#include "support/temp_dir.hpp"

#include <fmt/format.h>
#include <libpq-fe.h>

#include <cstdlib>
#include <exception>
#include <memory>
#include <stdexcept>

namespace atto::test {

namespace {

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

struct clear_result {
  void operator()(PGresult* r) const noexcept { PQclear(r); }
};
using result = std::unique_ptr<PGresult, clear_result>;

result checked(PGconn* connection, PGresult* raw) {
  result r(raw);
  const auto status = PQresultStatus(raw);
  if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK) return r;
  const char* state = PQresultErrorField(raw, PG_DIAG_SQLSTATE);
  throw std::runtime_error(fmt::format("{} {}", state == nullptr ? "" : state, PQerrorMessage(connection)));
}

}  // namespace

bool test_postgres::available() {
  return !environment("ATTO_TEST_POSTGRES").empty();
}

bool test_postgres::required() {
  return !environment("CI").empty() || environment("ATTO_REQUIRE_POSTGRES") == "1";
}

std::string test_postgres::missing_message() {
  return "ATTO_TEST_POSTGRES is not set; run script/test, which starts a throw-away server";
}

std::string test_postgres::dsn() {
  if (!available()) throw std::runtime_error(missing_message());
  return environment("ATTO_TEST_POSTGRES");
}

std::string test_postgres::pgbouncer_dsn() {
  return environment("ATTO_TEST_PGBOUNCER");
}

test_connection::test_connection(const std::string& dsn) : connection_(PQconnectdb(dsn.c_str())) {
  if (PQstatus(connection_) == CONNECTION_OK) return;
  const std::string words = PQerrorMessage(connection_);
  PQfinish(connection_);
  throw std::runtime_error(words);
}

test_connection::~test_connection() {
  PQfinish(connection_);
}

void test_connection::run(const std::string& sql) {
  checked(connection_, PQexec(connection_, sql.c_str()));
}

std::vector<std::vector<std::string>> test_connection::rows(const std::string& sql,
                                                            const std::vector<std::string>& parameters) {
  std::vector<const char*> values;
  for (const auto& p : parameters) values.push_back(p.c_str());
  const auto r = checked(connection_, PQexecParams(connection_, sql.c_str(), static_cast<int>(values.size()), nullptr,
                                                   values.data(), nullptr, nullptr, 0));
  std::vector<std::vector<std::string>> all(static_cast<std::size_t>(PQntuples(r.get())));
  for (int row = 0; row < PQntuples(r.get()); ++row) {
    for (int column = 0; column < PQnfields(r.get()); ++column) {
      all[static_cast<std::size_t>(row)].emplace_back(PQgetvalue(r.get(), row, column));
    }
  }
  return all;
}

std::string test_connection::value(const std::string& sql, const std::vector<std::string>& parameters) {
  const auto all = rows(sql, parameters);
  if (all.size() != 1 || all[0].size() != 1) throw std::runtime_error("not one row of one column: " + sql);
  return all[0][0];
}

test_table::test_table(std::string_view prefix) : name_(unique_name(prefix)) {
  drop();
}

test_table::~test_table() {
  try {
    drop();
  } catch (const std::exception& e) {
    fmt::print(stderr, "cannot drop the tables of {}: {}\n", name_, e.what());
  }
}

void test_table::drop() {
  test_connection c;
  c.run(
      fmt::format("SET client_min_messages = warning; DROP VIEW IF EXISTS \"{0}_snapshot\";"
                  "DROP TABLE IF EXISTS \"{0}_tail\", \"{0}\" CASCADE",
                  name_));
}

}  // namespace atto::test
