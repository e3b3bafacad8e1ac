#include "bench/bench_store.hpp"
#include "bench/driver.hpp"
#include "bench/hydration.hpp"
#include "bench/plan.hpp"
#include "bench/tally.hpp"
#include "bench/waiting.hpp"
#include "bench/workload.hpp"
#include "command_error.hpp"
#include "commands.hpp"
#include "interrupt.hpp"
#include "output.hpp"
#include "replay_file.hpp"

#include <fmt/format.h>
#include <CLI/CLI.hpp>
#include <boost/asio/io_context.hpp>

#include <algorithm>
#include <iostream>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace atto::cli {

namespace {

using bench::plan;
using bench::turn_way;
using bench::write_mode;

struct bench_options {
  plan wanted;
  std::optional<write_mode> mode;
  bool json = false;
};

const std::vector<std::string> workloads{"small", "conversations", "long",  "load",    "list",
                                         "idle",  "waiting",       "turns", "hydrate", "live"};

[[noreturn]] void misused(const std::string& why) {
  throw command_error(exit_status::usage, "usage: " + why);
}

std::size_t sessions_of(const plan& p, std::size_t conversations) {
  constexpr std::size_t events_in_all = 200'000;
  if (p.workload == "list" || p.workload == "live") return 100'000;
  if (p.workload == "waiting" || p.workload == "turns" || p.workload == "hydrate") return 10'000;
  if (p.workload == "load") return 16;
  if (p.workload == "long")
    return std::clamp<std::size_t>(events_in_all / std::max<std::size_t>(p.events, 1), 100, 1000);
  if (p.workload == "conversations") return std::max<std::size_t>({conversations, p.writers, 160});
  return 1000;
}

plan complete(const bench_options& o, std::size_t conversations) {
  plan p = o.wanted;
  const bool is_small = p.workload == "small" || p.workload == "idle";
  p.mode = o.mode.value_or(is_small ? write_mode::save : write_mode::append);
  if (p.workload == "idle" && p.writers != 1) misused("idle has one writer");
  const bool on_one_thread =
      p.workload == "waiting" || p.workload == "turns" || p.workload == "hydrate" || p.workload == "live";
  if (on_one_thread && p.store_thread) misused(p.workload + " measures a store on the caller's thread");
  if (p.workload == "hydrate" && p.by != turn_way::runtime && p.by != turn_way::store) {
    misused("hydrate takes --by runtime or store");
  }
  if (p.claims && p.workload != "hydrate") misused("--claims goes with hydrate");
  if (p.prepared && (p.workload != "list" || !p.keep)) misused("--prepared goes with list and --keep");
  if (p.sessions == 0) p.sessions = sessions_of(p, conversations);
  constexpr std::size_t pages = 300;
  if (p.workload == "list" && p.sessions < pages) misused("list reads pages of 100: --sessions takes 300 at least");
  if (p.sessions < p.writers) misused("--sessions takes at least as many as there are --writers");
  return p;
}

std::vector<conversation> conversations_of(const plan& p) {
  if (p.file.empty()) {
    if (p.workload == "conversations") misused("conversations needs --file, such as examples/data/conversations.jsonl");
    return {};
  }
  std::vector<conversation> all = read_conversations(p.file);
  std::erase_if(all, [](const conversation& c) { return c.messages.empty(); });
  if (all.empty()) misused("--file holds no conversation");
  return all;
}

std::unique_ptr<bench::workload> make(session_store& store, const plan& p, const std::vector<conversation>& all) {
  if (p.workload == "conversations") return make_conversations(store, p, all);
  if (p.workload == "long") return make_long(store, p, all);
  if (p.workload == "load") return make_load(store, p, all);
  if (p.workload == "list") return make_list(store, p);
  if (p.workload == "turns") return make_turns(store, p);
  return make_small(store, p);
}

/// Lets whoever started this look at the server between preparing and measuring.
void wait_for_a_line() {
  print_line("ready");
  flush_output();
  std::string line;
  std::getline(std::cin, line);
}

struct bench_result {
  bench::tally counted;
  exit_status status = exit_status::done;
};

bench_result run_workload(boost::asio::io_context& context, session_store& store, const plan& p,
                          const std::vector<conversation>& all) {
  if (p.workload == "waiting") return {measure_waiting(context, store, p), exit_status::done};
  if (p.workload == "hydrate") return {measure_hydration(context, store, p), exit_status::done};
  if (p.workload == "live") return {measure_live_sessions(context, store, p), exit_status::done};
  const auto work = make(store, p, all);
  bench::driver d(context, *work, p);
  const interrupt stopped(context, [&d] { d.stop(); });
  d.prepare();
  if (p.hold && !stopped.happened()) wait_for_a_line();
  if (!stopped.happened()) d.measure();
  return {d.counted(), stopped.happened() ? stopped.status() : exit_status::done};
}

exit_status run(const settings& shared, const bench_options& o) {
  const std::vector<conversation> all = conversations_of(o.wanted);
  const plan p = complete(o, all.size());
  boost::asio::io_context context(1);  // one thread runs it
  bench::bench_store store(context, shared, p);
  const auto [counted, status] = run_workload(context, store.get(), p, all);
  store.clean_up();
  if (status == exit_status::done) {
    print_line(o.json ? to_json(p, store.kind(), counted) : to_text(p, store.kind(), counted));
  } else {
    complain("interrupted: nothing was measured");
  }
  return status;
}

void add_amounts(CLI::App& command, plan& p) {
  const auto number = [&command](const char* name, std::size_t& value, std::size_t most, const char* what) {
    command.add_option(name, value, what)->type_name("N")->check(CLI::Range(std::size_t{1}, most).description(""));
  };
  number("--writers", p.writers, 10'000, "Loops at once, each with one operation in flight (1)");
  number("--ops", p.operations, 1'000'000'000, "End after N operations instead, without a warm-up");
  number("--events", p.events, 1'000'000, "What each session holds: long, load (1,000)");
  number("--sessions", p.sessions, 10'000'000, "How many (the workload's own number)");
  number("--last", p.last, 1'000'000, "load: read the newest N events only");
  number("--connections", p.connections, 1'000, "PostgreSQL: of the pool (the library's own number)");
  const auto time = [&command](const char* name, double& value, const char* what) {
    command.add_option(name, value, what)->type_name("N")->check(CLI::Range(0.0, 86'400.0).description(""));
  };
  time("--seconds", p.seconds, "Measured time (3)");
  time("--warmup", p.warmup, "Time before it, with the same work (0.5)");
}

void add_options(CLI::App& command, bench_options& o) {
  plan& p = o.wanted;
  const std::map<std::string, write_mode> modes{{"save", write_mode::save}, {"append", write_mode::append}};
  command
      .add_option("WORKLOAD", p.workload,
                  "small, conversations, long, load, list, idle, waiting, turns, hydrate or live")
      ->required()
      ->type_name("")
      ->check(CLI::IsMember(workloads).description(""));
  command.add_option("--mode", o.mode, "save: each turn the whole session; append: only what it adds")
      ->type_name("save|append")
      ->transform(CLI::CheckedTransformer(modes).description(""));
  const std::map<std::string, turn_way> ways{{"runtime", turn_way::runtime},
                                             {"store", turn_way::store},
                                             {"lock", turn_way::lock},
                                             {"coroutine", turn_way::coroutine},
                                             {"parts", turn_way::parts}};
  command
      .add_option("--by", p.by, "turns, hydrate: what takes the turns; lock, coroutine and parts: turns only (runtime)")
      ->type_name("runtime|store|lock|coroutine|parts")
      ->transform(CLI::CheckedTransformer(ways).description(""));
  command
      .add_option_function<std::size_t>(
          "--pause", [&p](std::size_t us) { p.pause = std::chrono::microseconds(us); },
          "turns: microseconds each handler waits (0)")
      ->type_name("N")
      ->check(CLI::Range(std::size_t{0}, std::size_t{1'000'000}).description(""));
  command.add_flag("--claims", p.claims, "hydrate: claim the sessions");
  command.add_option("--file", p.file, "Conversations, as replay takes them")->type_name("FILE");
  add_amounts(command, p);
  command.add_flag("--middle", p.middle, "list: a page in the middle, not the first one");
  command.add_option("--table", p.table, "PostgreSQL: for sessions of benchmarks only (atto_bench)")->type_name("T");
  command.add_flag("--store-thread", p.store_thread, "The store on a thread of its own");
  command.add_flag("--hold", p.hold, "Prepare, say ready, and wait for a line on stdin");
  command.add_flag("--prepared", p.prepared, "list: a run with --keep has made the sessions");
  command.add_flag("--keep", p.keep, "Leave the sessions, or the file, when done");
  command.add_flag("--json", o.json, "Print one object of counts, rates, latencies");
}

}  // namespace

void add_bench(CLI::App& app, const settings& shared, action& chosen) {
  CLI::App* command =
      app.add_subcommand("bench",
                         "Measure a workload on a store, apart from your sessions: in a table of its own (atto_bench;\n"
                         "it is left empty), or in a SQLite file that is not there yet (it is removed)");
  const auto o = std::make_shared<bench_options>();
  add_options(*command, *o);
  command->callback([o, &shared, &chosen] { chosen = [o, &shared] { return run(shared, *o); }; });
}

}  // namespace atto::cli
