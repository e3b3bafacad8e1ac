#pragma once

#include <string>

namespace CLI {
class ParseError;
}

namespace atto::cli {

/// The page of `atto --help`: 24 lines of 80 characters.
[[nodiscard]] std::string help_page();

/// One line for a command line that cannot be understood. Values are left out: one of them may be a connection string.
[[nodiscard]] std::string usage_error(const CLI::ParseError& e);

}  // namespace atto::cli
