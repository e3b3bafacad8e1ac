#include "output.hpp"

#include "command_error.hpp"

#include <cstdio>

namespace atto::cli {

namespace {

[[noreturn]] void refuse() {
  throw command_error(exit_status::failed, "output_failed: stdout takes no more; free space on its disk and try again");
}

}  // namespace

void print(std::string_view text) {
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size()) refuse();
}

void print_line(std::string_view text) {
  print(text);
  print("\n");
}

void flush_output() {
  if (std::fflush(stdout) != 0) refuse();
}

void complain(std::string_view text) {
  const std::string line = "atto: " + std::string(text) + "\n";
  // Nobody is left to tell when stderr fails.
  static_cast<void>(std::fwrite(line.data(), 1, line.size(), stderr));
}

}  // namespace atto::cli
