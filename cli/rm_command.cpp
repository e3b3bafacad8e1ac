#include "command_error.hpp"
#include "commands.hpp"
#include "counted.hpp"
#include "duration.hpp"
#include "interrupt.hpp"
#include "open.hpp"
#include "output.hpp"
#include "printable.hpp"
#include "progress_bar.hpp"
#include "retention.hpp"
#include "version_check.hpp"

#include <fmt/format.h>
#include <CLI/CLI.hpp>
#include <boost/asio/io_context.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace atto::cli {

namespace {

struct rm_options {
  std::string id;
  std::optional<std::int64_t> base;
  std::string older_than;
  std::string prefix;
  bool dry_run = false;
};

exit_status remove_one(const settings& shared, const rm_options& o) {
  blocking_store store = open_blocking(shared);
  if (o.dry_run) {
    load_options how;
    how.last = 0;
    if (!store.load(o.id, how)) no_such_session(o.id);
    print_line(fmt::format("{} would be removed", shown(o.id)));
    return exit_status::done;
  }
  remove_options how;
  how.base = o.base;
  if (!store.remove(o.id, how)) no_such_session(o.id);
  print_line(fmt::format("{} is removed", shown(o.id)));
  return exit_status::done;
}

exit_status conclude(const retention_tally& t, const interrupt& stopped, bool dry_run) {
  print_line(dry_run
                 ? counted(t.removed, "session") + " would be removed"
                 : fmt::format("{} removed, {} kept that went on meanwhile", counted(t.removed, "session"), t.kept));
  flush_output();
  constexpr auto again = "; the same command goes on with the rest";
  if (!t.failure.empty()) throw command_error(exit_status::failed, t.failure + again);
  if (!stopped.happened()) return exit_status::done;
  complain(std::string("interrupted") + again);
  return stopped.status();
}

exit_status remove_old(const settings& shared, const rm_options& o) {
  retention_rule rule;
  rule.before = std::chrono::system_clock::now() - parse_duration("--older-than", o.older_than);
  rule.prefix = o.prefix;
  rule.dry_run = o.dry_run;
  boost::asio::io_context context;
  const auto store = open_async(context.get_executor(), shared.store, shared, shared.store_named_by);
  retention r(context, *store, rule);
  const interrupt stopped(context, [&r] { r.stop(); });
  {
    progress_bar bar("looking at sessions", 0);
    r.run(bar);
  }
  return conclude(r.tally(), stopped, o.dry_run);
}

exit_status run(const settings& shared, const rm_options& o) {
  if (o.older_than.empty()) return remove_one(shared, o);
  return remove_old(shared, o);
}

}  // namespace

void add_rm(CLI::App& app, const settings& shared, action& chosen) {
  CLI::App* command = app.add_subcommand("rm", "Remove one session, or all that were not written for a while");
  const auto o = std::make_shared<rm_options>();
  CLI::Option* id = command->add_option("ID", o->id, "The session's id");
  CLI::Option* older =
      command->add_option("--older-than", o->older_than, "Those last written longer ago: 30d, 12h, 45m");
  older->type_name("TIME")->check(duration_check("--older-than"))->excludes(id);
  command->add_option("--prefix", o->prefix, "Of those, only ids that begin so")->type_name("P")->needs(older);
  command->add_option("--base", o->base, "Only when this version is stored")
      ->type_name("N")
      ->check(version_check("--base", 1))
      ->needs(id);
  command->add_flag("--dry-run", o->dry_run, "Remove nothing; print which would go");
  command->callback([o, id, older, &shared, &chosen] {
    if (id->count() + older->count() == 0) throw CLI::RequiredError("ID or --older-than");
    chosen = [o, &shared] { return run(shared, *o); };
  });
}

}  // namespace atto::cli
