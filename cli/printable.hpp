#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace atto::cli {

/// `text` made safe for a terminal: control characters, invisible direction marks and bytes that are not UTF-8 are
/// shown as \xNN or \uNNNN, so that what a session holds can neither move the cursor nor hide or reorder what is shown.
[[nodiscard]] std::string printable(std::string_view text);

/// The same, but line feeds and tabs stay, and each line is led by `indent`, so that no line of `text` can pass for one
/// of ours.
[[nodiscard]] std::string printable_lines(std::string_view text, std::string_view indent);

/// An id or a file's name for a message: printable, and cut when it has more than `longest` bytes.
[[nodiscard]] std::string shown(std::string_view name, std::size_t longest = 200);

}  // namespace atto::cli
