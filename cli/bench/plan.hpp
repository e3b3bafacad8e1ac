#pragma once

#include <atto/postgres_pool.hpp>

#include <chrono>
#include <cstddef>
#include <string>

namespace atto::cli::bench {

enum class write_mode {
  /// Each turn writes the whole session.
  save,
  /// Each turn adds its event.
  append,
};

/// What takes the turns of `turns` and `hydrate`.
enum class turn_way {
  runtime,
  /// The store alone.
  store,
  /// turns: one lock around all sessions, held for each turn.
  lock,
  /// turns: nothing; a posted coroutine for each.
  coroutine,
  /// turns: nothing; what a turn is made of, a posted coroutine and an append.
  parts,
};

/// What one run of `atto bench` measures, and how.
struct plan {
  std::string workload;
  write_mode mode = write_mode::append;
  /// Loops at once, each with one operation in flight.
  std::size_t writers = 1;
  double seconds = 3;
  /// Time before the measured one, with the same work.
  double warmup = 0.5;
  /// Ends the run after so many operations, without a warm-up; 0: by time.
  std::size_t operations = 0;
  /// Events a session holds before the measured time (long, load).
  std::size_t events = 1000;
  /// 0: what the workload takes by itself.
  std::size_t sessions = 0;
  /// Newest events that a load reads; 0: all.
  std::size_t last = 0;
  /// The page a list reads lies behind half of the sessions.
  bool middle = false;
  turn_way by = turn_way::runtime;
  /// hydrate: what is loaded is claimed.
  bool claims = false;
  /// turns: what a handler waits for.
  std::chrono::microseconds pause{0};
  /// Conversations; empty: none, and sentences of our own for long and load.
  std::string file;
  /// PostgreSQL only.
  std::string table = "atto_bench";
  std::size_t connections = postgres::pool_options{}.size;
  /// The store runs on a thread of its own, and the callers on another one.
  bool store_thread = false;
  /// After preparing: say "ready" on stdout, and wait for a line on stdin.
  bool hold = false;
  /// list: a run that kept its sessions has made them.
  bool prepared = false;
  /// Leave the sessions, or the file, where they are.
  bool keep = false;
};

}  // namespace atto::cli::bench
