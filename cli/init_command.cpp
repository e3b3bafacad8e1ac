#include "commands.hpp"
#include "open.hpp"
#include "output.hpp"

#include <CLI/CLI.hpp>

namespace atto::cli {

void add_init(CLI::App& app, const settings& shared, action& chosen) {
  CLI::App* command = app.add_subcommand("init", "Make the store's tables where they are missing; safe to repeat");
  command->callback([&shared, &chosen] {
    chosen = [&shared] {
      open_blocking(shared).ensure_schema();
      print_line("The store is ready.");
      return exit_status::done;
    };
  });
}

}  // namespace atto::cli
