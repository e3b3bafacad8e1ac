#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

/// Numbers as text: their exact decimal value, without ever writing it out. Pure.
namespace atto::json_text {

/// A number's parts. Its value is digits × 10^exponent; the digits are `whole` followed by `fraction`.
struct decimal {
  bool negative = false;
  std::string_view whole;
  std::string_view fraction;
  /// Of the number's own spelling ("1.5e3" has 3). Exponents past ±exponent_cap are held as ±exponent_cap: no text is
  /// long enough to make up for one.
  std::int64_t exponent = 0;
};

inline constexpr std::int64_t exponent_cap = 100'000'000'000'000'000;

/// Splits a valid number.
[[nodiscard]] decimal split(std::string_view number) noexcept;

/// True when every digit is 0.
[[nodiscard]] bool is_zero(const decimal& d) noexcept;

/// How many characters the number has when it is written without an exponent and keeps the digits of its fraction, as
/// jsonb writes it: "1e2" has 3, "1.50" has 4, "1e-2" has 4, "0e9" has 1.
[[nodiscard]] std::size_t plain_length(const decimal& d) noexcept;

/// Equal in value; -0 equals 0.
[[nodiscard]] bool equal(const decimal& a, const decimal& b) noexcept;

}  // namespace atto::json_text
