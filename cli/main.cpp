#include "command_error.hpp"
#include "commands.hpp"
#include "duration.hpp"
#include "error_text.hpp"
#include "output.hpp"
#include "redact.hpp"
#include "settings.hpp"
#include "usage.hpp"

#include <atto/version.hpp>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstdlib>
#include <exception>
#include <new>
#include <string>
#include <vector>

namespace {

using namespace atto::cli;

void add_everything(CLI::App& app, settings& shared, action& chosen) {
  app.name("atto");
  app.set_version_flag("--version", "atto " ATTO_VERSION_STRING);
  app.add_option("--store", shared.store)->envname("ATTO_STORE");
  app.add_option("--timeout", shared.timeout)->check(duration_check("--timeout"));
  // Options of all commands may stand after the command as well.
  app.fallthrough();
  for (const auto add : {add_init, add_put, add_get, add_show, add_list, add_rm, add_copy, add_replay, add_bench}) {
    add(app, shared, chosen);
  }
  for (CLI::App* command : app.get_subcommands({})) {
    command->footer("\n--store STORE and --timeout TIME: see atto --help");
    command->get_formatter()->column_width(22);
  }
}

/// Help and version are "errors" to CLI11.
exit_status explain(const CLI::App& app, const CLI::ParseError& e) {
  const bool in_command = !app.get_subcommands().empty();
  if (dynamic_cast<const CLI::CallForHelp*>(&e) != nullptr) {
    print(in_command ? app.help() : help_page());
    return exit_status::done;
  }
  if (dynamic_cast<const CLI::CallForVersion*>(&e) != nullptr) {
    print_line("atto " ATTO_VERSION_STRING);
    return exit_status::done;
  }
  if (!in_command)
    throw command_error(exit_status::usage, fmt::format("usage: {}; see atto --help", usage_error(app, e)));
  const std::string name = app.get_subcommands().front()->get_name();
  throw command_error(exit_status::usage, fmt::format("usage: {}; see atto {} --help", usage_error(e), name));
}

/// CLI11 does not tell an option's own words from those of its environment variable.
bool names_store(const std::string& argument) {
  return argument == "--store" || argument.starts_with("--store=");
}

exit_status run(std::vector<std::string> arguments) {
  CLI::App app;
  settings shared;
  action chosen;
  const bool by_variable = std::getenv("ATTO_STORE") != nullptr && std::ranges::none_of(arguments, names_store);
  if (by_variable) shared.store_named_by = "ATTO_STORE";
  add_everything(app, shared, chosen);
  try {
    app.parse(std::move(arguments));
  } catch (const CLI::ParseError& e) {
    const exit_status status = explain(app, e);
    flush_output();
    return status;
  }
  if (!chosen) throw command_error(exit_status::usage, "usage: name a command, such as list; see atto --help");
  const exit_status status = chosen();
  flush_output();
  return status;
}

exit_status run_and_complain(const std::vector<std::string>& arguments, const redactor& secrets) {
  try {
    return run({arguments.rbegin(), arguments.rend()});  // CLI11 takes them from the back
  } catch (const command_error& e) {
    complain(secrets.clean(e.what()));
    return e.status();
  } catch (const atto::error_with_diagnostics& e) {
    complain(secrets.clean(error_text(e.code(), e.get_diagnostics())));
    return status_of(e.code());
  } catch (const std::bad_alloc&) {
    complain("out_of_memory: the session is too large for this machine's memory");
  } catch (const std::exception& e) {
    complain(secrets.clean(fmt::format("internal: {}", e.what())));
  }
  return exit_status::failed;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  redactor secrets;
  for (const std::string& argument : arguments) secrets.learn(argument);
  if (const char* store = std::getenv("ATTO_STORE"); store != nullptr) secrets.learn(store);
  hide_from_process_list(argc, argv);
  return static_cast<int>(run_and_complain(arguments, secrets));
}
