#pragma once

#include <cstring>
#include <string_view>

/// Steps through text that is known to be valid JSON. Pure.
namespace atto::json_text {

[[nodiscard]] constexpr bool is_space(char c) noexcept {
  return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

[[nodiscard]] constexpr bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}

/// What kind of value begins with `c`: '{', '[', '"', 't', 'f', 'n', and '0' for every number.
[[nodiscard]] constexpr char kind_of(char c) noexcept {
  return c == '-' || is_digit(c) ? '0' : c;
}

/// The string token that begins at `p`.
[[nodiscard]] inline std::string_view string_at(const char* p) noexcept {
  const char* q = p + 1;
  while (*q != '"') q += *q == '\\' ? 2 : 1;
  return {p, static_cast<std::size_t>(q + 1 - p)};
}

/// The number, true, false or null that begins at `p`.
[[nodiscard]] inline std::string_view scalar_at(const char* p, const char* end) noexcept {
  const char* q = p;
  while (q != end && !is_space(*q) && *q != ',' && *q != ']' && *q != '}') ++q;
  return {p, static_cast<std::size_t>(q - p)};
}

/// The string, number or literal that begins at `p`.
[[nodiscard]] inline std::string_view leaf_at(const char* p, const char* end) noexcept {
  return *p == '"' ? string_at(p) : scalar_at(p, end);
}

}  // namespace atto::json_text
