#include "json/compact.hpp"

#include "json/number.hpp"
#include "json/tokens.hpp"

#include <cstddef>

namespace atto::json_text {

namespace {

/// PostgreSQL takes exponents below 2^30, which has ten digits.
constexpr std::size_t huge_exponent_digits = 10;

}  // namespace

bool may_hold_huge_exponent(std::string_view document) noexcept {
  // A run of ten digits covers one of every ten bytes, so only those are looked at.
  for (std::size_t i = huge_exponent_digits - 1; i < document.size(); i += huge_exponent_digits) {
    if (!is_digit(document[i])) continue;
    std::size_t first = i;
    while (first > 0 && is_digit(document[first - 1])) --first;
    while (i + 1 < document.size() && is_digit(document[i + 1])) ++i;
    if (i + 1 - first < huge_exponent_digits || first == 0) continue;
    const char before = document[first - 1];
    if (before == 'e' || before == 'E' || before == '+' || before == '-') return true;
  }
  return false;
}

void append_compact(std::string& out, std::string_view document) {
  const char* p = document.data();
  const char* const end = p + document.size();
  while (p != end) {
    const char kind = kind_of(*p);
    if (kind == '"') {
      const std::string_view token = string_at(p);
      out.append(token);
      p += token.size();
    } else if (kind == '0') {
      const std::string_view token = scalar_at(p, end);
      const decimal d = split(token);
      out.append(d.exponent > 0 && is_zero(d) ? std::string_view("0") : token);
      p += token.size();
    } else {
      if (!is_space(kind)) out.push_back(kind);
      ++p;
    }
  }
}

}  // namespace atto::json_text
