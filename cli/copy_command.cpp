#include "command_error.hpp"
#include "commands.hpp"
#include "copier.hpp"
#include "interrupt.hpp"
#include "open.hpp"
#include "output.hpp"
#include "progress_bar.hpp"

#include <fmt/format.h>
#include <CLI/CLI.hpp>
#include <boost/asio/io_context.hpp>

#include <memory>
#include <string>

namespace atto::cli {

namespace {

struct copy_options {
  std::string from;
  std::string to;
  bool json = false;
};

void report(const copy_tally& t, bool as_json) {
  constexpr auto object = R"({{"copied":{},"skipped":{},"different":{},"failed":{}}})";
  constexpr auto line = "{} copied, {} skipped (equal or newer there), {} different at the same version, {} failed";
  print_line(as_json ? fmt::format(object, t.copied, t.skipped, t.different, t.failed)
                     : fmt::format(line, t.copied, t.skipped, t.different, t.failed));
  flush_output();
}

exit_status conclude(const copy_tally& t, const interrupt& stopped) {
  constexpr auto again = "; the same command goes on from here";
  if (!t.failure.empty()) throw command_error(exit_status::failed, t.failure + (t.can_go_on ? again : ""));
  if (stopped.happened()) {
    complain(std::string("interrupted") + again);
    return stopped.status();
  }
  return t.failed + t.different == 0 ? exit_status::done : exit_status::failed;
}

exit_status run(const settings& shared, const copy_options& o) {
  boost::asio::io_context context;
  const auto from = open_async(context.get_executor(), o.from, shared, "FROM");
  const auto to = open_async(context.get_executor(), o.to, shared, "TO");
  copier c(context, *from, *to);
  const interrupt stopped(context, [&c] { c.stop(); });
  {
    progress_bar bar("copying", 0);
    c.run(bar);
  }
  report(c.tally(), o.json);
  return conclude(c.tally(), stopped);
}

}  // namespace

void add_copy(CLI::App& app, const settings& shared, action& chosen) {
  CLI::App* command =
      app.add_subcommand("copy", "Copy all sessions between two stores, versions kept; can be repeated");
  const auto o = std::make_shared<copy_options>();
  command->add_option("FROM", o->from, "A store, written as for --store")->required();
  command
      ->add_option("TO", o->to,
                   "Another one; its tables are made where they are missing.\nWhat is equal or newer there is skipped; "
                   "what differs at\nthe same version is reported and left alone (exit 1)")
      ->required();
  command->add_flag("--json", o->json, "Print {\"copied\", \"skipped\", \"different\", \"failed\"}");
  command->callback([o, &shared, &chosen] { chosen = [o, &shared] { return run(shared, *o); }; });
}

}  // namespace atto::cli
