#pragma once

#include <string>

namespace CLI {
class App;
class ParseError;
}  // namespace CLI

namespace atto::cli {

/// The page of `atto --help`: 24 lines of 80 characters.
[[nodiscard]] std::string help_page();

/// One line for a command line that cannot be understood. Values are left out: one of them may be a connection string.
[[nodiscard]] std::string usage_error(const CLI::ParseError& e);

/// The same for a command line that names none of the commands of `app`.
[[nodiscard]] std::string usage_error(const CLI::App& app, const CLI::ParseError& e);

}  // namespace atto::cli
