#pragma once

#include <string>

namespace atto::cli {

/// All bytes of a file; `-` is stdin.
/// Errors (thrown as command_error): failed, naming the file and the system's reason.
[[nodiscard]] std::string read_text(const std::string& path);

}  // namespace atto::cli
