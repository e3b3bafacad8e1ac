#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace atto::json_text {

/// The JSON pointer (RFC 6901) of the value that begins at `offset`. All that comes before it must be valid.
/// Unpaired surrogates in names become U+FFFD, so that the pointer is UTF-8.
[[nodiscard]] std::string pointer_to(std::string_view text, std::size_t offset);

}  // namespace atto::json_text
