#include "commands.hpp"
#include "open.hpp"
#include "output.hpp"
#include "snapshot_text.hpp"

#include <CLI/CLI.hpp>

#include <cstddef>
#include <memory>
#include <optional>
#include <string>

namespace atto::cli {

namespace {

struct get_options {
  std::string id;
  std::size_t last = load_options::all;
  bool json = false;
};

exit_status run(const settings& shared, const get_options& o) {
  load_options how;
  how.last = o.last;
  const std::optional<snapshot> snap = open_blocking(shared).load(o.id, how);
  if (!snap) no_such_session(o.id);
  print_line(to_text(*snap));
  return exit_status::done;
}

}  // namespace

void add_get(CLI::App& app, const settings& shared, action& chosen) {
  CLI::App* command = app.add_subcommand("get", "Print a session as one JSON object, every digit as it was stored");
  const auto o = std::make_shared<get_options>();
  command->add_option("ID", o->id, "The session's id")->required();
  command->add_option("--last", o->last, "Only the newest N events; \"events_before\" counts the others")
      ->type_name("N")
      ->check(CLI::NonNegativeNumber.description(""));
  command->add_flag("--json", o->json, "Accepted as everywhere; it is always JSON");
  command->callback([o, &shared, &chosen] { chosen = [o, &shared] { return run(shared, *o); }; });
}

}  // namespace atto::cli
