#include "command_error.hpp"
#include "commands.hpp"
#include "json_text.hpp"
#include "open.hpp"
#include "output.hpp"
#include "printable.hpp"
#include "snapshot_text.hpp"
#include "text_file.hpp"
#include "version_check.hpp"

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace atto::cli {

namespace {

struct put_options {
  std::string id;
  std::string file = "-";
  std::optional<std::int64_t> base;
  bool json = false;
};

/// The library says it in words of its own options.
void check_base(std::int64_t base, std::int64_t version) {
  if (version < 1 || version > base) return;
  throw command_error(exit_status::usage, fmt::format("usage: --base {}: the document's \"version\" must be above it, "
                                                      "and is {}; see atto put --help",
                                                      base, version));
}

exit_status run(const settings& shared, const put_options& o) {
  snapshot snap = parse_snapshot(read_text(o.file), o.file == "-" ? "stdin" : shown(o.file));
  save_options how;
  if (o.base) {
    check_base(*o.base, snap.version);
    how.guard = guard::exact;
    how.base = *o.base;
  }
  const std::int64_t version = open_blocking(shared).save(o.id, std::move(snap), how);
  if (o.json) {
    print_line(fmt::format(R"({{"session_id":{},"version":{}}})", json_quoted(o.id), version));
  } else {
    print_line(fmt::format("{}: version {} is stored", shown(o.id), version));
  }
  return exit_status::done;
}

}  // namespace

void add_put(CLI::App& app, const settings& shared, action& chosen) {
  CLI::App* command =
      app.add_subcommand("put",
                         "Save a whole session from JSON: {\"version\", \"state\", \"history\"}\n"
                         "An event, or a value in the state, may nest 998 levels here (atto copy: 1,000)");
  const auto o = std::make_shared<put_options>();
  command->add_option("ID", o->id, "The session's id")->required();
  command->add_option("FILE", o->file, "What `atto get` prints; - (or nothing) is stdin");
  command->add_option("--base", o->base, "Only when this version is stored now (0: none); else, an older one")
      ->type_name("N")
      ->check(version_check("--base", 0));
  command->add_flag("--json", o->json, "Print {\"session_id\", \"version\"}");
  command->callback([o, &shared, &chosen] { chosen = [o, &shared] { return run(shared, *o); }; });
}

}  // namespace atto::cli
