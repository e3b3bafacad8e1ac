#pragma once

#include "settings.hpp"

namespace CLI {
class App;
}

namespace atto::cli {

/// Each adds one command to `app`. When the command line chooses it, `chosen` is set; it runs later, with `shared` as
/// parsed. Both must outlive the parsing and the run.
void add_init(CLI::App& app, const settings& shared, action& chosen);
void add_put(CLI::App& app, const settings& shared, action& chosen);
void add_get(CLI::App& app, const settings& shared, action& chosen);
void add_show(CLI::App& app, const settings& shared, action& chosen);
void add_list(CLI::App& app, const settings& shared, action& chosen);
void add_rm(CLI::App& app, const settings& shared, action& chosen);
void add_copy(CLI::App& app, const settings& shared, action& chosen);
void add_replay(CLI::App& app, const settings& shared, action& chosen);
void add_bench(CLI::App& app, const settings& shared, action& chosen);

}  // namespace atto::cli
