#pragma once

#include <string>
#include <string_view>

namespace atto::cli {

/// All bytes of a file; `-` is stdin.
/// Errors (thrown as command_error): failed, naming the file and the system's reason.
[[nodiscard]] std::string read_text(const std::string& path);

/// Some editors put the bytes EF BB BF before a text; JSON has no place for them.
/// Errors (thrown as command_error): failed, naming `where`, when `text` begins with them.
void refuse_byte_order_mark(std::string_view text, std::string_view where);

}  // namespace atto::cli
