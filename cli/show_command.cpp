#include "commands.hpp"
#include "open.hpp"
#include "output.hpp"
#include "snapshot_text.hpp"
#include "transcript.hpp"

#include <CLI/CLI.hpp>

#include <cstddef>
#include <memory>
#include <optional>
#include <string>

namespace atto::cli {

namespace {

struct show_options {
  std::string id;
  std::size_t last = load_options::all;
  bool json = false;
};

exit_status run(const settings& shared, const show_options& o) {
  load_options how;
  how.last = o.last;
  const std::optional<snapshot> snap = open_blocking(shared).load(o.id, how);
  if (!snap) no_such_session(o.id);
  if (o.json) {
    print_line(to_text(*snap));
  } else {
    print_transcript(o.id, *snap);
  }
  return exit_status::done;
}

}  // namespace

void add_show(CLI::App& app, const settings& shared, action& chosen) {
  CLI::App* command = app.add_subcommand("show", "Print a session as a transcript, for people");
  const auto o = std::make_shared<show_options>();
  command->add_option("ID", o->id, "The session's id")->required();
  command->add_option("--last", o->last, "Only the newest N events")
      ->type_name("N")
      ->check(CLI::NonNegativeNumber.description(""));
  command->add_flag("--json", o->json, "Print what `atto get` prints");
  command->callback([o, &shared, &chosen] { chosen = [o, &shared] { return run(shared, *o); }; });
}

}  // namespace atto::cli
