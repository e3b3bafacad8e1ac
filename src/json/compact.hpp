#pragma once

#include <string>
#include <string_view>

/// What some valid documents need before a database takes them. Pure.
namespace atto::json_text {

/// True when `document` may hold a number whose exponent has so many digits that PostgreSQL refuses it unread. Only a
/// zero can have a large one, as in 0e9999999999: others pass the limit on numbers. Quick, and wrong on the side of
/// true.
[[nodiscard]] bool may_hold_huge_exponent(std::string_view document) noexcept;

/// Appends `document` without white space, and with 0 for numbers such as 0e9999999999.
void append_compact(std::string& out, std::string_view document);

}  // namespace atto::json_text
