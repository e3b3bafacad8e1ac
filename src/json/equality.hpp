#pragma once

#include <string_view>

namespace atto::json_text {

/// Whether two valid documents are equal as values: see json's operator==.
/// Complexity: O(n log n) in time, linear in memory.
[[nodiscard]] bool equal_values(std::string_view a, std::string_view b);

}  // namespace atto::json_text
