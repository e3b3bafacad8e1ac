#include "ack_file.hpp"
#include "command_error.hpp"
#include "commands.hpp"
#include "duration.hpp"
#include "interrupt.hpp"
#include "open.hpp"
#include "output.hpp"
#include "progress_bar.hpp"
#include "replay_file.hpp"
#include "replay_report.hpp"
#include "replayer.hpp"
#include "run_at_once.hpp"
#include "shard.hpp"

#include <fmt/format.h>
#include <CLI/CLI.hpp>
#include <boost/asio/io_context.hpp>

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace atto::cli {

namespace {

struct replay_options {
  std::string file;
  std::string shard = "1/1";
  std::string pause;
  std::string acks;
  replay_plan plan;
  bool json = false;
};

std::vector<conversation> conversations_of(const std::string& file, const shard& part) {
  std::vector<conversation> all = read_conversations(file);
  std::vector<conversation> mine;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (part.owns(i)) mine.push_back(std::move(all[i]));
  }
  return mine;
}

std::size_t turns_in(const std::vector<conversation>& conversations) {
  std::size_t turns = 0;
  for (const conversation& c : conversations) turns += c.messages.size();
  return turns;
}

void write_and_compare(replayer& r, const std::vector<conversation>& mine, const interrupt& stopped, bool& compared) {
  {
    progress_bar bar("replaying", turns_in(mine));
    r.write_all(bar);
  }
  if (stopped.happened() || !r.tally().failure.empty()) return;
  progress_bar bar("comparing", mine.size());
  r.compare_all(bar);
  compared = !stopped.happened() && r.tally().failure.empty();
}

exit_status conclude(const replayer& r, const interrupt& stopped, bool fresh) {
  const std::string again =
      fresh ? "the same command without --fresh goes on from here" : "the same command goes on from here";
  if (!r.tally().failure.empty()) {
    throw command_error(exit_status::failed, r.tally().failure + (r.tally().can_go_on ? "; " + again : ""));
  }
  if (stopped.happened()) {
    complain("interrupted: every turn counted above is stored; " + again);
    return stopped.status();
  }
  return r.tally().differences.empty() ? exit_status::done : exit_status::failed;
}

exit_status run(const settings& shared, const replay_options& o) {
  replay_plan plan = o.plan;
  if (!o.pause.empty()) plan.pause = parse_duration("--pause", o.pause);
  const shard part = parse_shard(o.shard);
  boost::asio::io_context context;
  const auto store = open_async(context.get_executor(), shared.store, shared, shared.store_named_by);
  const std::vector<conversation> mine = conversations_of(o.file, part);
  ack_file acks(o.acks);
  diagnostics diag;
  wait_for_end(context, diag, [&](auto handler) { store->async_ensure_schema({.diag = &diag}, std::move(handler)); });
  replayer r(context, *store, mine, plan, acks);
  const interrupt stopped(context, [&r] {
    complain("stopping after the turns in flight; ^C again ends at once");
    r.stop();
  });
  bool compared = false;
  write_and_compare(r, mine, stopped, compared);
  report(r, mine.size(), compared, o.json);
  return conclude(r, stopped, plan.fresh);
}

void add_options(CLI::App& command, replay_options& o) {
  const std::map<std::string, replay_mode> modes{{"save", replay_mode::save}, {"append", replay_mode::append}};
  command.add_option("FILE", o.file, R"(JSON lines {"session_id": ..., "messages": [...]}; - is stdin)")->required();
  command.add_option("--writers", o.plan.writers, "Sessions at once, 1 to 10,000 (8)")
      ->type_name("N")
      ->check(CLI::Range(1, 10'000).description(""));
  command.add_option("--mode", o.plan.mode, "save: each turn the whole session; append (default): only what it adds")
      ->type_name("save|append")
      ->transform(CLI::CheckedTransformer(modes).description(""));
  command.add_option("--shard", o.shard, "Only part i of n of the sessions, for n processes at once")->type_name("i/n");
  command.add_flag("--fresh", o.plan.fresh, "Remove these sessions first; else go on after what is stored");
  command.add_option("--pause", o.pause, "Wait about so long after each turn, as people do")
      ->type_name("TIME")
      ->check(duration_check("--pause"));
  command.add_option("--acks", o.acks, "Append a line, version and id, for each acknowledged turn")->type_name("FILE");
  command.add_flag("--json", o.json, "Print one object of turns, conflicts, differences, times");
}

}  // namespace

void add_replay(CLI::App& app, const settings& shared, action& chosen) {
  CLI::App* command = app.add_subcommand("replay", "Write conversations a message a turn, load them back, compare");
  const auto o = std::make_shared<replay_options>();
  add_options(*command, *o);
  command->callback([o, &shared, &chosen] { chosen = [o, &shared] { return run(shared, *o); }; });
}

}  // namespace atto::cli
