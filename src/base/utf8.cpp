#include "base/utf8.hpp"

#include <cstdint>
#include <cstring>

namespace atto::utf8 {

namespace {

constexpr std::uint64_t high_bits = 0x8080808080808080U;

unsigned byte(const char* p) noexcept {
  return static_cast<unsigned char>(*p);
}

bool is_continuation(const char* p) noexcept {
  return (byte(p) & 0xC0U) == 0x80U;
}

const char* skip_ascii(const char* p, const char* end) noexcept {
  for (; end - p >= 8; p += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, p, sizeof word);
    if ((word & high_bits) != 0) break;
  }
  while (p != end && byte(p) < 0x80U) ++p;
  return p;
}

/// The only character of well-formed text.
char32_t decode(std::string_view character) noexcept {
  const unsigned first = byte(character.data());
  if (character.size() == 1) return first;
  char32_t code = first & (0x7FU >> character.size());
  for (std::size_t i = 1; i < character.size(); ++i) code = code << 6U | (byte(character.data() + i) & 0x3FU);
  return code;
}

std::string encode(char32_t code) {
  const auto tail = [code](unsigned shift) { return static_cast<char>(0x80U | (code >> shift & 0x3FU)); };
  if (code < 0x80) return {static_cast<char>(code)};
  if (code < 0x800) return {static_cast<char>(0xC0U | code >> 6U), tail(0)};
  if (code < 0x10000) return {static_cast<char>(0xE0U | code >> 12U), tail(6), tail(0)};
  return {static_cast<char>(0xF0U | code >> 18U), tail(12), tail(6), tail(0)};
}

/// The next character; 0 after the last.
char32_t after(char32_t code) noexcept {
  if (code == 0x10FFFF) return 0;
  return code == 0xD7FF ? 0xE000 : code + 1;
}

/// The second byte's range depends on the first: no overlong forms, no surrogates, nothing above U+10FFFF.
bool second_is_valid(unsigned first, unsigned second) noexcept {
  switch (first) {
    case 0xE0U:
      return second >= 0xA0U && second <= 0xBFU;
    case 0xEDU:
      return second >= 0x80U && second <= 0x9FU;
    case 0xF0U:
      return second >= 0x90U && second <= 0xBFU;
    case 0xF4U:
      return second >= 0x80U && second <= 0x8FU;
    default:
      return second >= 0x80U && second <= 0xBFU;
  }
}

}  // namespace

std::size_t sequence_length(const char* p, const char* end) noexcept {
  const unsigned first = byte(p);
  const auto left = end - p;
  if (first < 0xC2U || left < 2 || !second_is_valid(first, byte(p + 1))) return 0;
  if (first < 0xE0U) return 2;
  if (left < 3 || !is_continuation(p + 2)) return 0;
  if (first < 0xF0U) return 3;
  if (first > 0xF4U || left < 4 || !is_continuation(p + 3)) return 0;
  return 4;
}

bool is_surrogate(const char* p, const char* end) noexcept {
  return end - p >= 3 && byte(p) == 0xEDU && byte(p + 1) >= 0xA0U && byte(p + 1) <= 0xBFU && is_continuation(p + 2);
}

std::optional<std::size_t> first_invalid(std::string_view text) noexcept {
  const char* const end = text.data() + text.size();
  const char* p = skip_ascii(text.data(), end);
  while (p != end) {
    const std::size_t length = sequence_length(p, end);
    if (length == 0) return static_cast<std::size_t>(p - text.data());
    p = skip_ascii(p + length, end);
  }
  return std::nullopt;
}

std::optional<std::size_t> first_invalid_wtf8(std::string_view text) noexcept {
  const char* const end = text.data() + text.size();
  const char* p = text.data();
  const char* after_high = nullptr;  // where a low surrogate would complete a pair
  while ((p = skip_ascii(p, end)) != end) {
    const bool surrogate = is_surrogate(p, end);
    const bool low = surrogate && byte(p + 1) >= 0xB0U;
    const std::size_t length = surrogate ? 3 : sequence_length(p, end);
    if (length == 0 || (low && p == after_high)) return static_cast<std::size_t>(p - text.data());
    p += length;
    if (surrogate && !low) after_high = p;
  }
  return std::nullopt;
}

std::string end_of_prefix(std::string_view prefix) {
  while (!prefix.empty()) {
    std::size_t start = prefix.size() - 1;
    while (is_continuation(prefix.data() + start)) --start;
    const char32_t next = after(decode(prefix.substr(start)));
    prefix = prefix.substr(0, start);
    if (next != 0) return std::string(prefix) + encode(next);
  }
  return {};
}

}  // namespace atto::utf8
