#pragma once

#include <string>
#include <string_view>

namespace atto::cli {

/// Writes to stdout. Errors (thrown as command_error): failed, when stdout takes no more (a full disk).
void print(std::string_view text);

/// print, and a line feed.
void print_line(std::string_view text);

/// Hands what was printed to the system. Errors: as print.
void flush_output();

/// One line on stderr, led by `atto: `.
void complain(std::string_view text);

}  // namespace atto::cli
