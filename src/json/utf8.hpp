#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace atto::utf8 {

/// Offset of the first byte that is not part of well-formed UTF-8 (Unicode 15, table 3-7), or nothing.
[[nodiscard]] std::optional<std::size_t> first_invalid(std::string_view text) noexcept;

}  // namespace atto::utf8
