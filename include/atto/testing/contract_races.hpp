#pragma once

#include <atto/testing/contract_fixture.hpp>

#include <atomic>
#include <barrier>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

/// Rules: of writers that race, exactly one wins, and nothing of the past is left behind.
namespace atto::testing {

/// Runs `body(i)` on `count` threads at once; an exception of one is a failure of the test.
inline void run_threads(std::size_t count, const std::function<void(std::size_t)>& body) {
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < count; ++i) {
    threads.emplace_back([&body, i] {
      try {
        body(i);
      } catch (const std::exception& e) {
        ADD_FAILURE() << "writer " << i << ": " << e.what();
      }
    });
  }
  for (auto& t : threads) t.join();
}

/// What a writer wrote: its name and the round are in the state and in the event.
[[nodiscard]] inline json mark_of(std::size_t writer, std::int64_t round) {
  return json("[" + std::to_string(round) + "," + std::to_string(writer) + "]");
}

/// A race of `writers` in each of `rounds`: all start from the version the last winner made.
class race {
 public:
  using write = std::function<outcome<std::int64_t>(std::size_t writer, std::int64_t base)>;

  race(std::size_t writers, std::int64_t rounds) : writers_(writers), rounds_(rounds) {}

  /// Every round exactly one writer succeeds and all others are told concurrent_write. Gives the winners.
  std::vector<std::size_t> run(const write& attempt_write) {
    std::barrier round_starts(static_cast<std::ptrdiff_t>(writers_));
    std::vector<std::vector<std::size_t>> winners(static_cast<std::size_t>(rounds_));
    std::mutex mutex;
    run_threads(writers_, [&](std::size_t i) {
      for (std::int64_t base = 0; base < rounds_; ++base) {
        round_starts.arrive_and_wait();
        const auto o = attempt_write(i, base);
        const std::lock_guard lock(mutex);
        if (!o.code) {
          winners[static_cast<std::size_t>(base)].push_back(i);
        } else {
          EXPECT_EQ(o.code, errc::concurrent_write) << o.diag.message();
          EXPECT_GT(o.diag.stored_version(), base) << "writer " << i << " lost to nobody";
        }
      }
    });
    std::vector<std::size_t> first;
    for (std::size_t r = 0; r < winners.size(); ++r) {
      EXPECT_EQ(winners[r].size(), 1U) << "winners of round " << r;
      if (!winners[r].empty()) first.push_back(winners[r].front());
    }
    return first;
  }

 private:
  std::size_t writers_;
  std::int64_t rounds_;
};

inline constexpr std::size_t race_writers = 16;
inline constexpr std::int64_t race_rounds = 8;

TEST_P(StoreContract, OfRacingAppendsExactlyOneWinsEachRound) {
  for (std::size_t i = 0; i < handle_count(); ++i) handle(i);
  const auto winners = race(race_writers, race_rounds).run([&](std::size_t i, std::int64_t base) {
    const json mark = mark_of(i, base);
    blocking_store store(handle(i % handle_count()));
    return attempt([&] { return store.append("s", base, {state_of("winner", mark.text()), {mark}}); });
  });
  history chain;
  for (std::size_t r = 0; r < winners.size(); ++r) chain.push_back(mark_of(winners[r], static_cast<std::int64_t>(r)));
  expect_stored("s", {race_rounds, state_of("winner", chain.back().text()), chain});
}

TEST_P(StoreContract, OfRacingExactSavesExactlyOneWinsEachRound) {
  for (std::size_t i = 0; i < handle_count(); ++i) handle(i);
  const auto winners = race(race_writers, race_rounds).run([&](std::size_t i, std::int64_t base) {
    const json mark = mark_of(i, base);
    blocking_store store(handle(i % handle_count()));
    const snapshot snap(base + 1, state_of("winner", mark.text()), {mark});
    return attempt([&] { return store.save("s", snap, {.guard = guard::exact, .base = base}); });
  });
  const json mark = mark_of(winners.back(), race_rounds - 1);
  expect_stored("s", {race_rounds, state_of("winner", mark.text()), {mark}});
}

TEST_P(StoreContract, OfRacingSavesOfOneVersionExactlyOneWinsEachRound) {
  for (std::size_t i = 0; i < handle_count(); ++i) handle(i);
  const auto winners = race(race_writers, race_rounds).run([&](std::size_t i, std::int64_t base) {
    const json mark = mark_of(i, base);
    blocking_store store(handle(i % handle_count()));
    return attempt([&] { return store.save("s", {base + 1, state_of("winner", mark.text()), {mark}}); });
  });
  const json mark = mark_of(winners.back(), race_rounds - 1);
  expect_stored("s", {race_rounds, state_of("winner", mark.text()), {mark}});
}

TEST_P(StoreContract, OfRacingWholeSavesAndAppendsExactlyOneWinsEachRound) {
  for (std::size_t i = 0; i < handle_count(); ++i) handle(i);
  race(race_writers, race_rounds).run([&](std::size_t i, std::int64_t base) {
    blocking_store store(handle(i % handle_count()));
    const json mark = mark_of(i, base);
    if (i % 2 == 0) return attempt([&] { return store.append("s", base, {state(), {mark}}); });
    return attempt([&] { return store.save("s", {base + 1, {}, {mark}}); });
  });
  const auto last = db().load("s");
  ASSERT_TRUE(last.has_value());
  EXPECT_EQ(last->version, race_rounds);
}

/// Many first writes, each of a session that does not exist: `write(store, id, mark)` creates it.
template <class Write>
void race_for_first_writes(const std::function<session_store&(std::size_t)>& handle_of, Write write) {
  std::barrier round_starts(static_cast<std::ptrdiff_t>(race_writers));
  std::vector<std::atomic<int>> winners(static_cast<std::size_t>(race_rounds));
  run_threads(race_writers, [&](std::size_t i) {
    for (std::int64_t round = 0; round < race_rounds; ++round) {
      round_starts.arrive_and_wait();
      const std::string id = "s" + std::to_string(round);
      const auto o = attempt([&] { return write(blocking_store(handle_of(i)), id, mark_of(i, round)); });
      if (!o.code) ++winners[static_cast<std::size_t>(round)];
      if (o.code) expect_conflict(o, 1, o.diag.supplied_version().value_or(-1));
    }
  });
  for (std::size_t r = 0; r < winners.size(); ++r) EXPECT_EQ(winners[r], 1) << "winners of first write " << r;
}

TEST_P(StoreContract, OfRacingFirstWritesExactlyOneWins) {
  for (std::size_t i = 0; i < handle_count(); ++i) handle(i);
  const auto handle_of = [this](std::size_t i) -> session_store& { return handle(i % handle_count()); };
  race_for_first_writes(handle_of, [](blocking_store store, const std::string& id, const json& mark) {
    return store.append("append " + id, 0, {state(), {mark}});
  });
  race_for_first_writes(handle_of, [](blocking_store store, const std::string& id, const json& mark) {
    return store.save("newer " + id, {1, {}, {mark}});
  });
  race_for_first_writes(handle_of, [](blocking_store store, const std::string& id, const json& mark) {
    return store.save("exact " + id, {1, {}, {mark}}, {.guard = guard::exact, .base = 0});
  });
  const auto page = db().list();
  EXPECT_EQ(page.size(), 3U * static_cast<std::size_t>(race_rounds));
  for (const auto& info : page) EXPECT_EQ(info.events, 1) << info.id;
}

// A session whose history can be checked at any moment. Whole saves take versions that nobody else ever takes, so a
// version names one life of the session; every event names the version that wrote it and the save its life began with.

[[nodiscard]] inline json life_event(std::int64_t root, std::int64_t version) {
  return json("[" + std::to_string(root) + "," + std::to_string(version) + "]");
}

/// The only snapshot a session of this life can have at this version.
[[nodiscard]] inline snapshot life_at(std::int64_t root, std::int64_t version) {
  snapshot s(version, state_of("root", std::to_string(root)), {});
  for (std::int64_t v = root; v <= version; ++v) s.history.push_back(life_event(root, v));
  return s;
}

/// One moment's snapshot belongs to one life, whole: no event of an older one, none missing.
inline void expect_one_life(const snapshot& seen) {
  const json* root = seen.state.find("root");
  ASSERT_NE(root, nullptr);
  EXPECT_EQ(seen, life_at(std::stoll(std::string(root->text())), seen.version))
      << "first event " << (seen.history.empty() ? "none" : std::string(seen.history[0].text()));
}

/// One writer's next step on the session: looks, then appends, rewrites, or removes on what it saw.
class life_writer {
 public:
  life_writer(session_store& store, std::atomic<std::int64_t>& lives, unsigned seed)
      : store_(store), lives_(lives), random_(seed) {}

  void step(const std::string& id) {
    const auto seen = store_.load(id);
    if (seen) expect_one_life(*seen);
    const auto o = attempt([&] { return write(id, seen, std::uniform_int_distribution(0, 9)(random_)); });
    if (o.code) {
      EXPECT_EQ(o.code, errc::concurrent_write) << o.diag.message();
    }
  }

 private:
  std::int64_t write(const std::string& id, const std::optional<snapshot>& seen, int choice) {
    if (!seen) return store_.save(id, begin_life(), {.guard = guard::exact, .base = 0});
    if (choice == 0) return store_.remove(id);
    if (choice == 1) return store_.remove(id, {.base = seen->version});
    if (choice == 2) return store_.save(id, begin_life());
    if (choice == 3) {
      const snapshot next = begin_life();
      return next.version > seen->version ? store_.save(id, next, {.guard = guard::exact, .base = seen->version}) : 0;
    }
    const json* const root_text = seen->state.find("root");
    if (root_text == nullptr) {
      ADD_FAILURE() << "the state of a session that exists was lost";
      return 0;
    }
    const std::int64_t root = std::stoll(std::string(root_text->text()));
    return store_.append(id, seen->version, {seen->state, {life_event(root, seen->version + 1)}});
  }

  snapshot begin_life() {
    const std::int64_t root = lives_ += 1'000;  // further than any life's appends reach
    return life_at(root, root);
  }

  blocking_store store_;
  std::atomic<std::int64_t>& lives_;
  std::mt19937 random_;
};

TEST_P(StoreContract, RacingAppendsSavesAndRemovesLeaveNoEventOfThePastBehind) {
  for (std::size_t i = 0; i < handle_count(); ++i) handle(i);
  std::atomic<std::int64_t> lives{0};
  for (unsigned round = 0; round < 4; ++round) {
    run_threads(8, [&](std::size_t i) {
      life_writer writer(handle(i % handle_count()), lives, 100 * round + static_cast<unsigned>(i));
      for (int step = 0; step < 12; ++step) writer.step("s");
    });
    const auto last = db(round % 2).load("s");
    if (!last) continue;
    expect_one_life(*last);
    EXPECT_EQ(db().list().at(0).events, static_cast<std::int64_t>(last->history.size()));
    EXPECT_EQ(db().load("s", {.last = 1})->total_events(), last->total_events());
  }
}

/// Creates, appends to and removes one session whose every life counts its versions from 1.
inline void append_or_remove(blocking_store store, std::mt19937& random) {
  const auto seen = store.load("s");
  const std::int64_t base = seen ? seen->version : 0;
  if (seen) {
    EXPECT_EQ(seen->history, numbered_events(1, base)) << "at version " << base;
  }
  const bool remove = std::uniform_int_distribution(0, 4)(random) == 0;
  const auto o = attempt([&]() -> std::int64_t {
    return remove ? store.remove("s") : store.append("s", base, numbered_turn(base, base + 1));
  });
  if (o.code) {
    EXPECT_EQ(o.code, errc::concurrent_write) << o.diag.message();
  }
}

TEST_P(StoreContract, RacingFirstAppendsAndRemovesLeaveNoEventOfThePastBehind) {
  for (std::size_t i = 0; i < handle_count(); ++i) handle(i);
  run_threads(8, [&](std::size_t i) {
    std::mt19937 random(static_cast<unsigned>(i));
    for (int step = 0; step < 40; ++step) append_or_remove(blocking_store(handle(i % handle_count())), random);
  });
  db().remove("s");
  for (std::int64_t base = 0; base < 20; ++base) {
    db().append("s", base, numbered_turn(base, base + 1));
    EXPECT_EQ(db().load("s")->history, numbered_events(1, base + 1)) << "at version " << base + 1;
  }
}

}  // namespace atto::testing
