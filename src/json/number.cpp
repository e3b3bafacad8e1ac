#include "json/number.hpp"

#include <algorithm>

namespace atto::json_text {

namespace {

std::int64_t read_exponent(std::string_view text) noexcept {
  const bool negative = text.front() == '-';
  if (negative || text.front() == '+') text.remove_prefix(1);
  std::int64_t value = 0;
  for (const char c : text) value = std::min(value * 10 + (c - '0'), exponent_cap);
  return negative ? -value : value;
}

std::int64_t length(std::string_view text) noexcept {
  return static_cast<std::int64_t>(text.size());
}

/// The digits from the first that is not 0 to the last that is not 0; and the power of ten of the first.
class significant_digits {
 public:
  explicit significant_digits(const decimal& d) noexcept : whole_(d.whole), fraction_(d.fraction) {
    count_ = d.whole.size() + d.fraction.size();
    while (begin_ < count_ && (*this)[begin_] == '0') ++begin_;
    while (count_ > begin_ && (*this)[count_ - 1] == '0') --count_;
    power_ = length(whole_) - 1 - static_cast<std::int64_t>(begin_) + d.exponent;
  }

  [[nodiscard]] std::int64_t power() const noexcept { return power_; }

  [[nodiscard]] bool operator==(const significant_digits& other) const noexcept {
    if (power_ != other.power_ || count_ - begin_ != other.count_ - other.begin_) return false;
    for (std::size_t i = 0; i < count_ - begin_; ++i) {
      if ((*this)[begin_ + i] != other[other.begin_ + i]) return false;
    }
    return true;
  }

 private:
  char operator[](std::size_t i) const noexcept { return i < whole_.size() ? whole_[i] : fraction_[i - whole_.size()]; }

  std::string_view whole_;
  std::string_view fraction_;
  std::size_t begin_ = 0;
  std::size_t count_ = 0;
  std::int64_t power_ = 0;
};

}  // namespace

decimal split(std::string_view number) noexcept {
  decimal d;
  d.negative = number.front() == '-';
  if (d.negative) number.remove_prefix(1);
  if (const auto e = number.find_first_of("eE"); e != number.npos) {
    d.exponent = read_exponent(number.substr(e + 1));
    number = number.substr(0, e);
  }
  const auto point = number.find('.');
  d.whole = number.substr(0, point);
  if (point != number.npos) d.fraction = number.substr(point + 1);
  return d;
}

bool is_zero(const decimal& d) noexcept {
  return d.whole.find_first_not_of('0') == d.whole.npos && d.fraction.find_first_not_of('0') == d.fraction.npos;
}

std::size_t plain_length(const decimal& d) noexcept {
  const std::int64_t fraction = std::max<std::int64_t>(0, length(d.fraction) - d.exponent);
  const std::int64_t whole = is_zero(d) ? 1 : std::max<std::int64_t>(1, significant_digits(d).power() + 1);
  const std::int64_t point = fraction > 0 ? 1 : 0;
  return static_cast<std::size_t>((d.negative ? 1 : 0) + whole + point + fraction);
}

bool equal(const decimal& a, const decimal& b) noexcept {
  if (is_zero(a) || is_zero(b)) return is_zero(a) && is_zero(b);
  return a.negative == b.negative && significant_digits(a) == significant_digits(b);
}

}  // namespace atto::json_text
