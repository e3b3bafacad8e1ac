#include <atto/blocking_store.hpp>

#include "integration/sqlite/child_process.hpp"
#include "integration/sqlite/raw_database.hpp"
#include "support/temp_dir.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <sqlite3.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <vector>

namespace atto {
namespace {

constexpr std::uint64_t session_count = 6;
constexpr unsigned threads = 4;
constexpr int rounds = 40;

/// What a writer tells after its handler ran.
struct ack {
  std::uint64_t writer;
  std::uint64_t session;
  std::int64_t version;
};

std::string name_of_session(std::uint64_t session) {
  return "session-" + std::to_string(session);
}

/// An event names the version that wrote it, so that a lost or a doubled one shows.
json event_of(std::uint64_t writer, std::int64_t version) {
  return json(R"({"version":)" + std::to_string(version) + R"(,"writer":)" + std::to_string(writer) + R"(,"text":")" +
              std::string(static_cast<std::size_t>(version % 40) * 100, 'x') + R"("})");
}

/// One write on a session as it is stored now: mostly an append, at times a whole save.
std::int64_t write_once(blocking_store& store, std::uint64_t writer, const std::string& id, bool whole) {
  auto found = store.load(id, {.last = whole ? load_options::all : 0});
  snapshot snap = found ? std::move(*found) : snapshot();
  const std::int64_t base = snap.version;
  if (!whole) return store.append(id, base, turn({}, history{event_of(writer, base + 1)}));
  snap.version = base + 1;
  snap.history.push_back(event_of(writer, snap.version));
  return store.save(id, snap, {.guard = guard::exact, .base = base});
}

/// Kills this process in the middle of one of SQLite's writes to a file: those are where a commit can be torn.
struct sudden_death {
  static ssize_t write(int fd, const void* data, std::size_t size, off_t at) {
    if (--writes_left > 0) return ::pwrite(fd, data, size, at);
    if (::pwrite(fd, data, size / 2, at) >= 0) ::raise(SIGKILL);
    return -1;
  }
  static void at_write(unsigned count) {
    writes_left = static_cast<int>(count);
    sqlite3_vfs* vfs = sqlite3_vfs_find(nullptr);
    for (const char* name : {"pwrite", "pwrite64"}) {
      vfs->xSetSystemCall(vfs, name, reinterpret_cast<sqlite3_syscall_ptr>(&write));
    }
  }
  static inline std::atomic<int> writes_left{0};
};

/// Writes and acknowledges until the process is killed.
int write_for_ever(blocking_store& store, std::uint64_t writer, unsigned seed, const test::message_pipe& acks) {
  std::mt19937 random(seed);
  for (;;) {
    const std::uint64_t session = random() % session_count;
    try {
      const ack a{writer, session, write_once(store, writer, name_of_session(session), random() % 8 == 0)};
      if (!acks.write(&a, sizeof a)) return 0;
    } catch (const error_with_diagnostics& e) {
      if (e.code() != errc::concurrent_write) throw;
    }
  }
}

/// Several threads of one process, whose writes go in groups; it kills itself in its n-th write to a file unless n is
/// 0.
int write_in_groups(const std::string& where, std::uint64_t writer, unsigned seed, unsigned n,
                    const test::message_pipe& acks) {
  if (n != 0) sudden_death::at_write(n);
  blocking_store store(where);
  std::vector<std::thread> others;
  for (unsigned i = 1; i < threads; ++i) {
    others.emplace_back([&, i] { write_for_ever(store, writer, seed + i, acks); });
  }
  const int result = write_for_ever(store, writer, seed, acks);
  for (std::thread& t : others) t.join();
  return result;
}

class SqliteKill : public ::testing::Test {
 protected:
  test::child_process start(std::uint64_t writer, unsigned seed, unsigned die_at_write) {
    return test::child_process([=, this] { return write_in_groups(where_, writer, seed, die_at_write, *acks_); });
  }

  void keep(const ack& a) { acked_[a.session][a.version] = a.writer; }

  void read_acks(unsigned count) {
    ack a{};
    while (count-- > 0 && acks_->read(&a, sizeof a)) keep(a);
  }

  void read_acks_that_wait() {
    ack a{};
    while (acks_->has_messages() && acks_->read(&a, sizeof a)) keep(a);
  }

  void read_all_acks() {
    acks_->close_writing();
    ack a{};
    while (acks_->read(&a, sizeof a)) keep(a);
  }

  /// Everything acknowledged is there, and every history is complete and unbroken.
  void check(blocking_store& store, std::uint64_t session) {
    const auto snap = store.load(name_of_session(session));
    const std::int64_t stored = snap ? snap->version : 0;
    ASSERT_EQ(snap ? snap->total_events() : 0, stored);
    for (std::int64_t v = 1; v <= stored; ++v) {
      const json& e = snap->history[static_cast<std::size_t>(v - 1)];
      const auto a = acked_[session].find(v);
      // A write whose acknowledgement was lost may be either writer's.
      EXPECT_TRUE(a == acked_[session].end() ? e == event_of(1, v) || e == event_of(2, v) : e == event_of(a->second, v))
          << name_of_session(session) << " version " << v;
    }
    if (!acked_[session].empty()) {
      EXPECT_LE(acked_[session].rbegin()->first, stored);
    }
  }

  void check_all() {
    {
      blocking_store store(where_);
      for (std::uint64_t s = 0; s < session_count; ++s) check(store, s);
    }
    const test::raw_database raw(path_);
    EXPECT_EQ(raw.value("PRAGMA integrity_check"), "ok");
    EXPECT_EQ(raw.value("SELECT count(*) FROM atto_sessions_tail t LEFT JOIN atto_sessions s USING (session_id)"
                        " WHERE s.version IS NULL OR t.version > s.version"),
              "0");
  }

  /// A journal whose header is not zeroed, while nobody else is at work: a write was cut off.
  bool journal_is_hot() const {
    const std::string journal = test::bytes_of(path_ + "-journal");
    return !journal.empty() && journal[0] != 0;
  }

  test::temp_dir dir_;
  std::string path_ = dir_.file("store.db");
  std::string where_ = "sqlite:" + path_;
  std::unique_ptr<test::message_pipe> acks_;
  int hot_journals_ = 0;
  std::array<std::map<std::int64_t, std::uint64_t>, session_count> acked_;  // by session: version, writer
};

TEST_F(SqliteKill, WhatTwoProcessesAcknowledgedSurvivesTheirKills) {
  blocking_store(where_).ensure_schema();
  constexpr unsigned seed = 20261122;
  std::mt19937 random(seed);
  const auto below = [&](unsigned n) { return static_cast<unsigned>(random() % n); };
  for (int round = 0; round < rounds && !HasFailure(); ++round) {
    SCOPED_TRACE("seed " + std::to_string(seed) + ", round " + std::to_string(round));
    acks_ = std::make_unique<test::message_pipe>();
    test::child_process first = start(1, below(1U << 30), 1 + below(150));
    test::child_process second = start(2, below(1U << 30), round % 3 == 0 ? 1 + below(150) : 0);

    EXPECT_EQ(first.wait(), -1);
    hot_journals_ += journal_is_hot() ? 1 : 0;
    if (round % 3 != 0) {
      // What the first left half done must not stop the second.
      read_acks_that_wait();
      read_acks(1 + below(15));
      second.kill();
    }
    EXPECT_EQ(second.wait(), -1);

    read_all_acks();
    check_all();
  }
  // Else the kills missed the commits, and this test shows nothing.
  EXPECT_GT(hot_journals_, 0);
}

}  // namespace
}  // namespace atto
