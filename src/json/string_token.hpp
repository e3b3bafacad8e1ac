#pragma once

#include <cstddef>
#include <string>
#include <string_view>

/// JSON strings with their quotes (tokens), and the characters they stand for. Pure.
///
/// Characters are held in WTF-8, which is UTF-8 that also has room for unpaired surrogates.
namespace atto::json_text {

/// What a value or a name counts at least towards json::bytes().
inline constexpr std::size_t least_count = 12;

/// U+FDD0: the lead of an escape in the jsonb dialect of stored_form.
inline constexpr std::string_view escape_lead = "\xEF\xB7\x90";
/// What U+FDD0 counts more than its own three bytes: in jsonb it takes seven.
inline constexpr std::size_t escape_lead_extra = 4;

/// The value of four hexadecimal digits, or a number above 0xFFFF when they are not.
[[nodiscard]] unsigned read_hex4(const char* digits) noexcept;
/// Appends the four lower-case digits of `unit`.
void append_hex4(std::string& out, unsigned unit);

[[nodiscard]] constexpr bool is_high_surrogate(unsigned unit) noexcept {
  return unit >= 0xD800U && unit <= 0xDBFFU;
}
[[nodiscard]] constexpr bool is_low_surrogate(unsigned unit) noexcept {
  return unit >= 0xDC00U && unit <= 0xDFFFU;
}

/// The characters of a valid token.
[[nodiscard]] std::string decode(std::string_view token);

/// Appends the token of `characters`, which must be valid WTF-8.
void append_quoted(std::string& out, std::string_view characters);

/// What the token of `characters` counts towards json::bytes().
[[nodiscard]] std::size_t quoted_count(std::string_view characters);

/// What a valid token counts towards json::bytes().
[[nodiscard]] std::size_t token_count(std::string_view token) noexcept;

}  // namespace atto::json_text
