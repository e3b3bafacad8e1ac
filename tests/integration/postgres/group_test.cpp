#include "integration/postgres/postgres_store_test.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_future.hpp>

#include <gmock/gmock.h>

#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

namespace atto::postgres {
namespace {

using boost::asio::use_future;
using std::chrono::milliseconds;
using test::test_connection;

std::string name(const char* prefix, int i) {
  return prefix + std::to_string(i);
}

/// A store, and a foreign client that can hold a session's row, so that what is started meanwhile gathers.
class PostgresGroup : public postgres_store_test {
 protected:
  void use(pool_options options) {
    postgres_store_test::use(open_store(options));
    store->ensure_schema();
    store->save("gate", snapshot(1, {}, {}));
  }

  std::future<std::int64_t> save(const std::string& id, std::int64_t version = 1, save_options o = {}) {
    return made->async_save(id, snapshot(version, {}, history{json("1")}), o, use_future);
  }

  static error_code error_of(std::future<std::int64_t> f) {
    try {
      f.get();
      return {};
    } catch (const boost::system::system_error& e) {
      return e.code();
    }
  }
};

TEST_F(PostgresGroup, WritesThatWaitedForTheSameConnectionAreOneTransaction) {
  use({.size = 1, .lock_timeout = no_giving_way});
  hold("gate");
  auto gate = save("gate", 2);
  wait_until_stuck();
  std::vector<std::future<std::int64_t>> gathered;
  for (int i = 0; i < 50; ++i) gathered.push_back(save(name("s", i)));
  boost::asio::post(io.executor(), use_future).get();
  let_go();
  for (auto& f : gathered) EXPECT_EQ(f.get(), 1);
  EXPECT_EQ(gate.get(), 2);
  EXPECT_EQ(watcher->value("SELECT count(DISTINCT xmin::text) FROM " + table->name() + " WHERE session_id <> 'gate'"),
            "1");
}

TEST_F(PostgresGroup, CallersWhoseGroupEndedComeBackAsOneGroup) {
  use({.size = 1, .lock_timeout = no_giving_way});
  // All handlers run on one thread, one after the other, and each starts the next write of its session.
  constexpr int writers = 30, rounds = 3;
  std::vector<std::promise<void>> ended(writers);
  std::function<void(int, std::int64_t)> write = [&](int i, std::int64_t version) {
    made->async_save(name("s", i), snapshot(version, {}, {}), {}, [&, i, version](error_code ec, std::int64_t) {
      EXPECT_EQ(ec, error_code());
      if (version < rounds) return write(i, version + 1);
      ended[static_cast<std::size_t>(i)].set_value();
    });
  };
  boost::asio::post(io.executor(), [&] {
    for (int i = 0; i < writers; ++i) write(i, 1);
  });
  for (auto& e : ended) e.get_future().get();
  EXPECT_EQ(watcher->value("SELECT count(DISTINCT xmin::text) FROM " + table->name() + " WHERE session_id <> 'gate'"),
            "1");
}

TEST_F(PostgresGroup, APoisonousMemberFailsAloneAndItsNeighboursAreWritten) {
  use({.size = 1, .lock_timeout = no_giving_way});
  foreign->run("CREATE OR REPLACE FUNCTION " + table->name() +
               "_poison() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.session_id = 's7' THEN RAISE EXCEPTION "
               "'poison' USING ERRCODE = 'XX001'; END IF; RETURN NEW; END $$; CREATE TRIGGER poison BEFORE INSERT ON " +
               table->name() + " FOR EACH ROW EXECUTE FUNCTION " + table->name() + "_poison()");
  hold("gate");
  auto gate = save("gate", 2);
  wait_until_stuck();
  std::vector<std::future<std::int64_t>> gathered;
  for (int i = 0; i < 20; ++i) gathered.push_back(save(name("s", i)));
  boost::asio::post(io.executor(), use_future).get();
  let_go();
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(error_of(std::move(gathered[static_cast<std::size_t>(i)])),
              i == 7 ? errc::storage_failure : error_code());
  }
  EXPECT_EQ(error_of(std::move(gate)), error_code());
  foreign->run("DROP FUNCTION " + table->name() + "_poison CASCADE");
}

TEST_F(PostgresGroup, AGuardThatDoesNotHoldDisturbsNoNeighbour) {
  use({.size = 1, .lock_timeout = no_giving_way});
  store->save("stale", snapshot(9, {}, {}));
  hold("gate");
  auto gate = save("gate", 2);
  wait_until_stuck();
  auto before = save("a"), stale = save("stale", 9), after = save("z");
  boost::asio::post(io.executor(), use_future).get();
  let_go();
  EXPECT_EQ(error_of(std::move(stale)), errc::concurrent_write);
  EXPECT_EQ(error_of(std::move(before)), error_code());
  EXPECT_EQ(error_of(std::move(after)), error_code());
  EXPECT_EQ(
      watcher->value("SELECT count(DISTINCT xmin::text) FROM " + table->name() + " WHERE session_id IN ('a', 'z')"),
      "1");
}

TEST_F(PostgresGroup, AMemberWhoseRowIsLockedDoesNotHoldUpItsNeighbours) {
  use({.size = 2});
  store->save("locked", snapshot(1, {}, {}));
  hold("locked");
  auto locked = save("locked", 2);
  std::vector<std::future<std::int64_t>> others;
  for (int i = 0; i < 50; ++i) others.push_back(save(name("s", i)));
  for (auto& f : others) EXPECT_EQ(f.get(), 1);  // while the row is still held
  EXPECT_EQ(locked.wait_for(milliseconds(0)), std::future_status::timeout);
  let_go();
  EXPECT_EQ(locked.get(), 2);
}

TEST_F(PostgresGroup, MoreLockedRowsThanConnectionsDoNotStopTheRest) {
  use({.size = 2});
  for (int i = 0; i < 5; ++i) store->save(name("locked", i), snapshot(1, {}, {}));
  foreign->run("BEGIN; UPDATE " + table->name() + " SET version = version WHERE session_id LIKE 'locked%'");
  std::vector<std::future<std::int64_t>> locked;
  for (int i = 0; i < 5; ++i) locked.push_back(save(name("locked", i), 2));
  for (int i = 0; i < 20; ++i) store->save(name("s", i), snapshot(1, {}, {}));
  let_go();
  for (auto& f : locked) EXPECT_EQ(f.get(), 2);
}

TEST_F(PostgresGroup, AForeignClientThatLocksInReverseOrderMeetsNoDeadlock) {
  use({.size = 1});
  for (const char* id : {"a", "b"}) store->save(id, snapshot(1, {}, {}));
  for (std::int64_t round = 2; round < 12; ++round) {
    hold("b");
    auto gate = save("gate", round);
    auto a = save("a", round), b = save("b", round);
    wait_until_stuck();
    foreign->run("UPDATE " + table->name() + " SET version = version WHERE session_id = 'a'");
    foreign->run("COMMIT");
    EXPECT_EQ(a.get(), round);
    EXPECT_EQ(b.get(), round);
    EXPECT_EQ(gate.get(), round);
  }
}

TEST_F(PostgresGroup, TwoPoolsThatWriteTheSameSessionsMeetNoDeadlock) {
  use({.size = 2});
  const auto second = open_store({.size = 2});
  std::vector<std::future<std::int64_t>> all;
  for (std::int64_t version = 1; version <= 40; ++version) {
    for (int i = 0; i < 20; ++i) {
      for (session_store* s : {made.get(), second.get()}) {
        const std::string id = name("s", s == made.get() ? i : 19 - i);
        all.push_back(s->async_save(id, snapshot(version, {}, {}), {}, use_future));
      }
    }
  }
  std::set<std::string> errors;
  int written = 0;
  for (auto& f : all) {
    const error_code ec = error_of(std::move(f));
    ec ? static_cast<void>(errors.insert(ec.message())) : static_cast<void>(++written);
    EXPECT_TRUE(!ec || ec == errc::concurrent_write) << ec.message();
  }
  EXPECT_GE(written, 40 * 20);
}

TEST_F(PostgresGroup, ACancelledMemberThatWasSentIsOutcomeUnknownAndItsNeighboursAreTold) {
  use({.size = 1, .lock_timeout = no_giving_way});
  store->save("m", snapshot(1, {}, {}));
  hold("gate");
  auto gate = save("gate", 2);
  wait_until_stuck();
  boost::asio::cancellation_signal signal;
  std::promise<error_code> cancelled;
  auto a = save("a");
  boost::asio::post(io.executor(), use_future).get();
  boost::asio::post(io.executor(), [&] {
    made->async_save("b", snapshot(1, {}, {}), {},
                     boost::asio::bind_cancellation_slot(
                         signal.slot(), [&](error_code ec, std::int64_t) { cancelled.set_value(ec); }));
  });
  auto m = save("m", 2);
  boost::asio::post(io.executor(), use_future).get();
  test_connection second;
  second.run("BEGIN; UPDATE " + table->name() + " SET version = version WHERE session_id = 'm'");
  let_go();
  EXPECT_EQ(gate.get(), 2);
  wait_until_stuck();  // the group of a, b and m, in m
  boost::asio::post(io.executor(), [&] { signal.emit(boost::asio::cancellation_type::terminal); });
  EXPECT_EQ(cancelled.get_future().get(), errc::outcome_unknown);
  second.run("ROLLBACK");
  EXPECT_EQ(a.get(), 1);
  EXPECT_EQ(m.get(), 2);
  EXPECT_EQ(store->load("b")->version, 1);  // it was only not waited for
}

TEST_F(PostgresGroup, AMemberThatIsCancelledWhileItWaitsIsNotWritten) {
  use({.size = 1, .lock_timeout = no_giving_way});
  hold("gate");
  auto gate = save("gate", 2);
  wait_until_stuck();
  boost::asio::cancellation_signal signal;
  std::promise<error_code> cancelled;
  auto a = save("a");
  boost::asio::post(io.executor(), [&] {
    made->async_save("b", snapshot(1, {}, {}), {},
                     boost::asio::bind_cancellation_slot(
                         signal.slot(), [&](error_code ec, std::int64_t) { cancelled.set_value(ec); }));
    signal.emit(boost::asio::cancellation_type::total);
  });
  EXPECT_EQ(cancelled.get_future().get(), errc::operation_aborted);
  let_go();
  EXPECT_EQ(a.get(), 1);
  EXPECT_EQ(gate.get(), 2);
  EXPECT_EQ(store->load("b"), std::nullopt);
}

TEST_F(PostgresGroup, OperationsOnOneSessionTakeEffectInTheOrderTheyWereStarted) {
  use({.size = 4});
  std::vector<std::future<std::int64_t>> appends;
  std::vector<std::future<std::optional<snapshot>>> loads;
  for (std::int64_t base = 0; base < 100; ++base) {
    appends.push_back(made->async_append("s", base, turn({}, history{json("1")}), {}, use_future));
    loads.push_back(made->async_load("s", {.last = 0}, use_future));
  }
  for (std::int64_t base = 0; base < 100; ++base) {
    EXPECT_EQ(appends[static_cast<std::size_t>(base)].get(), base + 1);
    EXPECT_EQ(loads[static_cast<std::size_t>(base)].get()->version, base + 1);
  }
}

TEST_F(PostgresGroup, SmallWritesKeepFlowingBesideALargeOne) {
  use({.size = 2});
  const std::string megabyte(std::size_t{1} << 20, 'x');
  history large;
  for (int i = 0; i < 60; ++i) large.push_back(json("\"" + megabyte + "\""));
  std::mutex mutex;
  std::vector<std::string> order;
  std::vector<std::future<void>> done;
  const auto start = [&](const std::string& id, history h) {
    auto ended = std::make_shared<std::promise<void>>();
    done.push_back(ended->get_future());
    made->async_save(id, snapshot(1, {}, std::move(h)), {}, [&, id, ended](error_code ec, std::int64_t) {
      EXPECT_FALSE(ec) << ec.message();
      const std::lock_guard lock(mutex);
      order.push_back(id);
      ended->set_value();
    });
  };
  start("large1", large);
  start("large2", large);
  for (int i = 0; i < 50; ++i) start(name("small", i), {});
  for (auto& f : done) f.get();
  EXPECT_EQ(order.back().substr(0, 5), "large");
  EXPECT_EQ(order[order.size() - 2].substr(0, 5), "large");
}

TEST_F(PostgresGroup, AQueueAtItsBoundRefusesOneMoreAtOnceAndServesTheRest) {
  use({.size = 1, .max_waiting = 100, .lock_timeout = no_giving_way});
  hold("gate");
  auto gate = save("gate", 2);
  wait_until_stuck();
  std::vector<std::future<std::int64_t>> accepted;
  for (int i = 0; i < 100; ++i) accepted.push_back(save(name("s", i)));
  EXPECT_EQ(error_of(save("one more")), errc::unavailable);
  let_go();
  for (auto& f : accepted) EXPECT_EQ(f.get(), 1);
}

TEST_F(PostgresGroup, AWholeSaveThatReplacedTurnsFreesTheirSpace) {
  use({.size = 1});
  for (std::int64_t base = 0; base < 5; ++base) store->append("s", base, turn({}, history{json("1")}));
  store->save("s", snapshot(6, {}, history{json("\"summary\"")}));
  EXPECT_EQ(store->load("s")->history.size(), 1U);  // after the errand: it has the session's order
  EXPECT_EQ(watcher->value("SELECT count(*) FROM " + table->name() + "_tail"), "0");
}

}  // namespace
}  // namespace atto::postgres
