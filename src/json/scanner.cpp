#include "json/scanner.hpp"

#include "base/utf8.hpp"
#include "json/number.hpp"
#include "json/string_token.hpp"
#include "json/tokens.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <bitset>
#include <cstdint>
#include <cstring>

namespace atto::json_text {

namespace {

constexpr std::uint64_t each_byte = 0x0101010101010101U;
constexpr std::uint64_t high_bits = each_byte * 0x80U;

/// Marks, in its high bit, each byte of `word` that is a quote, a backslash, a control character or not ASCII. A byte
/// above a marked one may be marked wrongly; the lowest mark is right.
constexpr std::uint64_t special_bytes(std::uint64_t word) noexcept {
  const std::uint64_t quote = word ^ (each_byte * '"');
  const std::uint64_t backslash = word ^ (each_byte * '\\');
  const std::uint64_t found = ((quote - each_byte) & ~quote) | ((backslash - each_byte) & ~backslash) |
                              ((word - each_byte * 0x20U) & ~word) | word;
  return found & high_bits;
}

bool is_special(char c) noexcept {
  const auto byte = static_cast<unsigned char>(c);
  return byte < 0x20U || byte >= 0x80U || c == '"' || c == '\\';
}

/// The first byte at or after `p` that a string cannot simply hold, or `end`.
const char* skip_plain(const char* p, const char* end) noexcept {
  if constexpr (std::endian::native == std::endian::little) {
    for (; end - p >= 8; p += 8) {
      std::uint64_t word = 0;
      std::memcpy(&word, p, sizeof word);
      if (const std::uint64_t found = special_bytes(word); found != 0) return p + std::countr_zero(found) / 8;
    }
  }
  while (p != end && !is_special(*p)) ++p;
  return p;
}

class scanner {
 public:
  scanner(std::string_view text, const scan_limits& limits, std::size_t levels, std::vector<part>* parts) noexcept
      : begin_(text.data()),
        p_(begin_),
        end_(begin_ + text.size()),
        limits_(limits),
        levels_(parts == nullptr ? 0 : levels),
        parts_(parts) {}

  scan_result run() {
    document();
    result_.size = count_;
    return result_;
  }

 private:
  /// Where a value began, for those that are asked for.
  struct mark {
    const char* begin = nullptr;
    std::size_t count = 0;
    std::string_view name{};
  };

  bool fail(fault what, const char* at, std::size_t found = 0) noexcept {
    result_.what = what;
    result_.offset = static_cast<std::size_t>(at - begin_);
    result_.found = found;
    return false;
  }

  /// The byte at p_ is not what had to come; or there is none.
  bool unexpected(fault what) noexcept { return fail(p_ == end_ ? fault::ends_early : what, p_); }

  bool count(std::size_t bytes) noexcept {
    count_ += bytes;
    return count_ <= limits_.size || fail(fault::too_large, p_, count_);
  }

  void space() noexcept {
    while (p_ != end_ && is_space(*p_)) ++p_;
  }

  bool at(char c) const noexcept { return p_ != end_ && *p_ == c; }

  void document() {
    space();
    const char* const value_begin = p_;
    do {
      if (!value()) return;
    } while (more_);
    result_.value = {value_begin, static_cast<std::size_t>(p_ - value_begin)};
    space();
    if (p_ != end_) fail(fault::after_document, p_);
  }

  /// Reads a scalar, or enters an array or object; then leaves those that end here. Afterwards p_ is at the next
  /// value, or behind the document.
  bool value() {
    begin_value();
    if (p_ == end_) return fail(fault::ends_early, p_);
    switch (*p_) {
      case '{':
        return enter(true) && (at('}') ? leave_empty() : name());
      case '[':
        return enter(false) && (!at(']') || leave_empty());
      case '"':
        return string() && next();
      case 't':
        return literal("true") && next();
      case 'f':
        return literal("false") && next();
      case 'n':
        return literal("null") && next();
      default:
        return number() && next();
    }
  }

  bool enter(bool object) noexcept {
    if (depth_ == limits_.depth) return fail(fault::too_deep, p_, depth_ + 1);
    object_.set(depth_, object);
    ++depth_;
    more_ = true;
    ++p_;
    space();
    return count(2);
  }

  bool leave_empty() {
    ++p_;
    --depth_;
    return count(least_count - 2) && next();
  }

  /// After a value: the comma before the next one, or the ends of the arrays and objects it is the last of.
  bool next() {
    for (;;) {
      end_value();
      if (depth_ == 0) {
        more_ = false;
        return true;
      }
      space();
      const bool object = object_[depth_ - 1];
      if (at(',')) return comma(object);
      if (!at(object ? '}' : ']')) return unexpected(fault::expected_comma);
      ++p_;
      --depth_;
    }
  }

  bool comma(bool object) noexcept {
    ++p_;
    space();
    return count(1) && (!object || name());
  }

  bool name() noexcept {
    if (!at('"')) return unexpected(fault::expected_name);
    const char* const name_begin = p_;
    if (!string()) return false;
    name_ = {name_begin, static_cast<std::size_t>(p_ - name_begin)};
    space();
    if (!at(':')) return unexpected(fault::expected_colon);
    ++p_;
    space();
    return count(1);
  }

  void begin_value() noexcept {
    if (depth_ <= levels_) marks_[depth_] = {p_, count_, name_};
  }

  void end_value() {
    if (depth_ == 0 || depth_ > levels_) return;
    const mark& m = marks_[depth_];
    const std::string_view value_name = object_[depth_ - 1] ? m.name : std::string_view();
    parts_->push_back({depth_, value_name, {m.begin, static_cast<std::size_t>(p_ - m.begin)}, count_ - m.count});
  }

  bool literal(std::string_view word) noexcept {
    const char* const stop = p_ + std::min(word.size(), static_cast<std::size_t>(end_ - p_));
    const auto [bad, rest] = std::mismatch(p_, stop, word.begin());
    p_ = bad;
    return rest == word.end() ? count(least_count) : unexpected(fault::bad_literal);
  }

  bool digits(fault otherwise) noexcept {
    if (p_ == end_ || !is_digit(*p_)) return unexpected(otherwise);
    while (p_ != end_ && is_digit(*p_)) ++p_;
    return true;
  }

  bool exponent() noexcept {
    ++p_;
    if (at('+') || at('-')) ++p_;
    return digits(fault::bad_number);
  }

  bool number() noexcept {
    const char* const number_begin = p_;
    if (*p_ == '-') ++p_;
    if (at('0')) {
      ++p_;
    } else if (!digits(p_ == number_begin ? fault::expected_value : fault::bad_number)) {
      return false;
    }
    if (at('.') && (++p_, !digits(fault::bad_number))) return false;
    const bool scaled = at('e') || at('E');
    if (scaled && !exponent()) return false;
    const auto length = static_cast<std::size_t>(p_ - number_begin);
    if (!scaled && length <= least_count) return count(least_count);
    return long_number({number_begin, length});
  }

  /// The longer of the two spellings counts, so that neither a text we send nor one that comes back outgrows the count.
  bool long_number(std::string_view text) noexcept {
    const std::size_t plain = plain_length(split(text));
    if (plain > json::max_number_length) return fail(fault::number_too_long, text.data(), plain);
    return count(std::max({least_count, text.size(), plain}));
  }

  bool string() noexcept {
    const char* const string_begin = p_++;
    std::size_t extra = 0;
    while ((p_ = skip_plain(p_, end_)) != end_) {
      const auto c = static_cast<unsigned char>(*p_);
      if (c == '"') {
        ++p_;
        return count(std::max(least_count, static_cast<std::size_t>(p_ - string_begin) + extra));
      }
      if (c < 0x20U) return fail(fault::control_character, p_);
      if (!(c == '\\' ? escape() : multi_byte(extra))) return false;
    }
    return fail(fault::ends_early, p_);
  }

  bool escape() noexcept {
    ++p_;
    if (p_ == end_) return fail(fault::ends_early, p_);
    switch (*p_++) {
      case '"':
      case '\\':
      case '/':
      case 'b':
      case 'f':
      case 'n':
      case 'r':
      case 't':
        return true;
      case 'u':
        return hex4();
      default:
        return fail(fault::bad_escape, p_ - 1);
    }
  }

  bool hex4() noexcept {
    if (end_ - p_ >= 4 && read_hex4(p_) <= 0xFFFFU) {
      p_ += 4;
      return true;
    }
    while (p_ != end_ && (is_digit(*p_) || (*p_ >= 'a' && *p_ <= 'f') || (*p_ >= 'A' && *p_ <= 'F'))) ++p_;
    return unexpected(fault::bad_escape);
  }

  /// Reads characters that are not ASCII, as many as follow each other.
  bool multi_byte(std::size_t& extra) noexcept {
    do {
      const std::size_t length = utf8::sequence_length(p_, end_);
      if (length == 0) return fail(fault::not_utf8, p_);
      if (length == 3 && std::string_view(p_, 3) == escape_lead) extra += escape_lead_extra;
      p_ += length;
    } while (p_ != end_ && static_cast<unsigned char>(*p_) >= 0x80U);
    return true;
  }

  const char* begin_;
  const char* p_;
  const char* end_;
  scan_limits limits_;
  std::size_t levels_;
  std::vector<part>* parts_;
  std::size_t count_ = 0;
  std::size_t depth_ = 0;
  bool more_ = false;  // p_ is at a value that has to come
  std::bitset<scan_limits::deepest> object_;
  std::string_view name_;
  std::array<mark, 3> marks_{};
  scan_result result_;
};

}  // namespace

scan_result scan(std::string_view text, const scan_limits& limits) noexcept {
  return scanner(text, limits, 0, nullptr).run();
}

scan_result scan_parts(std::string_view text, const scan_limits& limits, std::size_t levels, std::vector<part>& parts) {
  return scanner(text, limits, levels, &parts).run();
}

}  // namespace atto::json_text
