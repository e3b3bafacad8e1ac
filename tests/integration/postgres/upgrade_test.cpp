#include "integration/postgres/postgres_store_test.hpp"
#include "support/failure_of.hpp"

#include <gmock/gmock.h>

#include <future>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace atto::postgres {
namespace {

using test::failure_of;
using testing::HasSubstr;

/// What release 0.1 made, word for word but for the table's name.
constexpr std::string_view schema_1_ddl =
    "CREATE TABLE TABLE_ (session_id text COLLATE \"C\" NOT NULL CONSTRAINT TABLE__pkey PRIMARY KEY,"
    " version int8 NOT NULL, state jsonb NOT NULL, history jsonb NOT NULL, history_version int8 NOT NULL,"
    " turns_replaced int8 NOT NULL, events int8 NOT NULL, bytes int8 NOT NULL, write_id uuid,"
    " created_at timestamptz NOT NULL, updated_at timestamptz NOT NULL) WITH (fillfactor = 50);"
    "CREATE TABLE TABLE__tail (session_id text COLLATE \"C\" NOT NULL, version int8 NOT NULL, write_id uuid,"
    " events jsonb NOT NULL, events_total int8 NOT NULL,"
    " CONSTRAINT TABLE__tail_pkey PRIMARY KEY (session_id, version));"
    "CREATE VIEW TABLE__snapshot AS SELECT t.session_id, t.version, t.state, t.history || COALESCE((SELECT"
    " pg_catalog.jsonb_agg(e.value ORDER BY x.version, e.ordinality) FROM TABLE__tail AS x,"
    " pg_catalog.jsonb_array_elements(x.events) WITH ORDINALITY AS e(value, ordinality)"
    " WHERE x.session_id = t.session_id AND x.version > t.history_version), '[]'::jsonb) AS history FROM TABLE_ AS t;"
    "COMMENT ON TABLE TABLE_ IS 'atto session store, schema 1';"
    "COMMENT ON TABLE TABLE__tail IS 'atto session store, schema 1';"
    "COMMENT ON VIEW TABLE__snapshot IS 'atto session store, schema 1';";

/// A session of one whole save, two turns, and a turn that the save replaced and nobody deleted; and one of a first
/// append.
constexpr std::string_view schema_1_rows =
    "INSERT INTO TABLE_ VALUES ('long', 7, '{\"at\":7}', '[1,2]', 5, 1, 4, 4, NULL, '2020-01-01', '2020-01-02');"
    "INSERT INTO TABLE__tail VALUES ('long', 4, NULL, '[\"replaced\"]', 3), ('long', 6, NULL, '[3]', 3),"
    " ('long', 7, NULL, '[4]', 4);"
    "INSERT INTO TABLE_ VALUES ('new', 1, '{}', '[9]', 1, 0, 1, 1, NULL, '2020-01-01', '2020-01-01');";

class PostgresUpgrade : public postgres_store_test {
 protected:
  void prepare() override {
    foreign->run(of_this_table(schema_1_ddl));
    foreign->run(of_this_table(schema_1_rows));
  }

  [[nodiscard]] std::string of_this_table(std::string_view text) const {
    std::string out(text);
    for (std::size_t at = out.find("TABLE_"); at != out.npos; at = out.find("TABLE_", at)) {
      out.replace(at, 6, table->name());
    }
    return out;
  }
};

TEST_F(PostgresUpgrade, UntilThenEveryOperationNamesTheCommandAndTouchesNothing) {
  use(open_store());
  const failure_of load([&] { static_cast<void>(store->load("long")); });
  EXPECT_EQ(load.code, errc::schema_mismatch);
  EXPECT_THAT(load.diag.message(), HasSubstr("atto init"));
  EXPECT_EQ(failure_of([&] { store->append("long", 7, turn()); }).code, errc::schema_mismatch);
  EXPECT_EQ(watcher->value("SELECT version FROM " + table->name() + " WHERE session_id = 'long'"), "7");
}

TEST_F(PostgresUpgrade, IsNotBegunOnATableThatHasLostAColumn) {
  foreign->run("ALTER TABLE " + table->name() + " RENAME COLUMN bytes TO lost");
  use(open_store());
  const failure_of refused([&] { store->ensure_schema(); });
  EXPECT_EQ(refused.code, errc::schema_mismatch);
  EXPECT_THAT(refused.diag.message(), HasSubstr("`bytes int8 NOT NULL`"));
  EXPECT_EQ(watcher->value("SELECT obj_description('" + table->name() + "'::regclass)"),
            "atto session store, schema 1");
}

TEST_F(PostgresUpgrade, KeepsEverySessionAndGoesOnWithThem) {
  use(open_store());
  store->ensure_schema();
  store->ensure_schema();
  state at;
  at.set("at", json("7"));
  EXPECT_EQ(*store->load("long"), snapshot(7, at, {json("1"), json("2"), json("3"), json("4")}));
  EXPECT_EQ(store->load("long", {.last = 3})->history, (history{json("2"), json("3"), json("4")}));
  EXPECT_EQ(*store->load("new"), snapshot(1, {}, {json("9")}));
  EXPECT_EQ(store->list().size(), 2U);
  EXPECT_EQ(watcher->value("SELECT created_at = '2020-01-01' FROM " + table->name() + " WHERE session_id = 'long'"),
            "t");
  EXPECT_EQ(store->append("long", 7, {at, {json("5")}}), 8);
  EXPECT_EQ(store->save("new", snapshot(2, {}, {json("0")})), 2);
  EXPECT_EQ(watcher->value("SELECT history FROM " + table->name() + "_snapshot WHERE session_id = 'long'"),
            "[1, 2, 3, 4, 5]");
  for (const char* suffix : {"", "_tail", "_snapshot"}) {
    EXPECT_EQ(watcher->value("SELECT obj_description('" + table->name() + suffix + "'::regclass)"),
              "atto session store, schema 2");
  }
}

TEST_F(PostgresUpgrade, CanRunFromManyHandlesAtOnce) {
  std::vector<std::unique_ptr<session_store>> stores;
  for (int i = 0; i < 8; ++i) stores.push_back(open_store());
  std::vector<std::future<failure_of>> upgrades;
  for (const auto& each : stores) {
    upgrades.push_back(
        std::async(std::launch::async, [&each] { return failure_of([&] { blocking_store(*each).ensure_schema(); }); }));
  }
  for (auto& upgrade : upgrades) {
    const failure_of f = upgrade.get();
    EXPECT_FALSE(f.code) << f.diag.message();
  }
  EXPECT_EQ(blocking_store(*stores.front()).load("long")->history.size(), 4U);
}

TEST_F(PostgresUpgrade, WaitsForAWriterOfTheOlderReleaseAndLosesNothingOfIt) {
  foreign->run("BEGIN; UPDATE " + table->name() +
               " SET version = 8, events = 5 WHERE session_id = 'long'; INSERT INTO " + table->name() +
               "_tail VALUES ('long', 8, NULL, '[5]', 5)");
  use(open_store());
  auto upgraded = std::async(std::launch::async, [&] { store->ensure_schema(); });
  while (watcher->value("SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = '" + table->name() +
                        "'::regclass") == "0") {
    std::this_thread::yield();
  }
  foreign->run("COMMIT");
  upgraded.get();
  EXPECT_EQ(store->load("long")->history.size(), 5U);
}

}  // namespace
}  // namespace atto::postgres
