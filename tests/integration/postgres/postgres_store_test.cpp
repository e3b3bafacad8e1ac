#include "integration/postgres/postgres_store_test.hpp"

#include <thread>
#include <utility>

namespace atto::postgres {

void postgres_store_test::SetUp() {
  ATTO_REQUIRE_POSTGRES_SERVER();
  table.emplace();
  foreign.emplace();
  watcher.emplace();
  prepare();
}

void postgres_store_test::TearDown() {
  foreign.reset();
  store.reset();
  made.reset();
}

std::unique_ptr<session_store> postgres_store_test::open_store(pool_options o, const std::string& more_dsn) {
  return open(io.executor(), test::test_postgres::dsn() + " application_name=" + table->name() + " " + more_dsn,
              {.table = table->name()}, std::move(o));
}

void postgres_store_test::use(std::unique_ptr<session_store> opened) {
  store.reset();
  made = std::move(opened);
  store.emplace(*made);
}

void postgres_store_test::hold_table() {
  foreign->run("BEGIN; LOCK TABLE " + table->name() + " IN ACCESS EXCLUSIVE MODE");
}

void postgres_store_test::hold(const std::string& id) {
  foreign->run("BEGIN; UPDATE " + table->name() + " SET version = version WHERE session_id = '" + id + "'");
}

void postgres_store_test::begin_foreign_append(const std::string& id) {
  foreign->run("BEGIN; UPDATE " + table->name() +
               " SET version = version + 1, events = events + 1 WHERE session_id = '" + id + "'; INSERT INTO " +
               table->name() +
               "_tail (session_id, version, events, events_total) SELECT session_id, version, '[\"foreign\"]', events"
               " FROM " +
               table->name() + " WHERE session_id = '" + id + "'");
}

void postgres_store_test::wait_until_stuck() {
  const std::string stuck =
      "SELECT count(*) FROM pg_stat_activity WHERE application_name = $1 AND wait_event_type = 'Lock'";
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(25);  // or it waits for ever
  while (watcher->value(stuck, {table->name()}) == "0") {
    ASSERT_LT(std::chrono::steady_clock::now(), end) << "nobody waits for the lock";
    std::this_thread::yield();
  }
}

}  // namespace atto::postgres
