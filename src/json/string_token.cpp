#include "json/string_token.hpp"

#include "base/utf8.hpp"

#include <algorithm>
#include <cstring>

namespace atto::json_text {

namespace {

constexpr unsigned not_hex = 0x10000U;

unsigned hex_digit(char c) noexcept {
  if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a') + 10U;
  if (c >= 'A' && c <= 'F') return static_cast<unsigned>(c - 'A') + 10U;
  return not_hex;
}

void append_byte(std::string& out, unsigned byte) {
  out.push_back(static_cast<char>(static_cast<unsigned char>(byte)));
}

/// In UTF-8; a surrogate in its three-byte form.
void append_code_point(std::string& out, unsigned c) {
  if (c < 0x80U) return append_byte(out, c);
  if (c < 0x800U) {
    append_byte(out, 0xC0U | (c >> 6U));
  } else {
    if (c < 0x10000U) {
      append_byte(out, 0xE0U | (c >> 12U));
    } else {
      append_byte(out, 0xF0U | (c >> 18U));
      append_byte(out, 0x80U | ((c >> 12U) & 0x3FU));
    }
    append_byte(out, 0x80U | ((c >> 6U) & 0x3FU));
  }
  append_byte(out, 0x80U | (c & 0x3FU));
}

char short_escape(char letter) noexcept {
  switch (letter) {
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    default:
      return letter;  // a quote, a backslash or a slash stands for itself
  }
}

/// Appends what the `\u` escape at `p` stands for, with its second half when it is a pair; returns what follows.
const char* append_unicode_escape(std::string& out, const char* p, const char* end) {
  const unsigned unit = read_hex4(p + 2);
  p += 6;
  if (is_high_surrogate(unit) && end - p >= 6 && p[0] == '\\' && p[1] == 'u') {
    const unsigned low = read_hex4(p + 2);
    if (is_low_surrogate(low)) {
      append_code_point(out, 0x10000U + ((unit - 0xD800U) << 10U) + (low - 0xDC00U));
      return p + 6;
    }
  }
  append_code_point(out, unit);
  return p;
}

/// The letter of a control character's short escape, or 0.
char escape_letter(char c) noexcept {
  switch (c) {
    case '\b':
      return 'b';
    case '\f':
      return 'f';
    case '\n':
      return 'n';
    case '\r':
      return 'r';
    case '\t':
      return 't';
    case '"':
    case '\\':
      return c;
    default:
      return 0;
  }
}

bool needs_care(char c) noexcept {
  const auto byte = static_cast<unsigned char>(c);
  return byte < 0x20U || byte == '"' || byte == '\\' || byte == 0xEDU || byte == 0xEFU;
}

void append_escaped(std::string& out, unsigned unit) {
  out.append("\\u");
  append_hex4(out, unit);
}

/// Appends the character at `p` and returns what follows.
const char* append_character(std::string& out, const char* p, const char* end) {
  if (const char letter = escape_letter(*p); letter != 0) {
    out.push_back('\\');
    out.push_back(letter);
    return p + 1;
  }
  if (static_cast<unsigned char>(*p) < 0x20U) {
    append_escaped(out, static_cast<unsigned char>(*p));
    return p + 1;
  }
  if (utf8::is_surrogate(p, end)) {
    append_escaped(
        out, 0xD000U | ((static_cast<unsigned char>(p[1]) & 0x3FU) << 6U) | (static_cast<unsigned char>(p[2]) & 0x3FU));
    return p + 3;
  }
  out.push_back(*p);
  return p + 1;
}

std::size_t extra_count(std::string_view text) noexcept {
  std::size_t extra = 0;
  for (auto at = text.find(escape_lead); at != text.npos; at = text.find(escape_lead, at + escape_lead.size())) {
    extra += escape_lead_extra;
  }
  return extra;
}

}  // namespace

unsigned read_hex4(const char* digits) noexcept {
  unsigned value = 0;
  for (int i = 0; i < 4; ++i) {
    const unsigned digit = hex_digit(digits[i]);
    if (digit == not_hex) return not_hex;
    value = (value << 4U) | digit;
  }
  return value;
}

void append_hex4(std::string& out, unsigned unit) {
  constexpr std::string_view digits = "0123456789abcdef";
  for (unsigned shift = 16; shift != 0;) {
    shift -= 4;
    out.push_back(digits[(unit >> shift) & 0xFU]);
  }
}

std::string decode(std::string_view token) {
  std::string out;
  out.reserve(token.size());
  const char* p = token.data() + 1;
  const char* const end = token.data() + token.size() - 1;
  while (p != end) {
    const auto* stop = static_cast<const char*>(std::memchr(p, '\\', static_cast<std::size_t>(end - p)));
    if (stop == nullptr) stop = end;
    out.append(p, stop);
    p = stop;
    if (p == end) break;
    if (p[1] == 'u') {
      p = append_unicode_escape(out, p, end);
    } else {
      out.push_back(short_escape(p[1]));
      p += 2;
    }
  }
  return out;
}

void append_quoted(std::string& out, std::string_view characters) {
  out.push_back('"');
  const char* p = characters.data();
  const char* const end = p + characters.size();
  while (p != end) {
    const char* const stop = std::find_if(p, end, needs_care);
    out.append(p, stop);
    p = stop == end ? end : append_character(out, stop, end);
  }
  out.push_back('"');
}

std::size_t quoted_count(std::string_view characters) {
  if (std::none_of(characters.begin(), characters.end(), needs_care)) {
    return std::max(least_count, characters.size() + 2);
  }
  std::string token;
  append_quoted(token, characters);
  return token_count(token);
}

std::size_t token_count(std::string_view token) noexcept {
  return std::max(least_count, token.size() + extra_count(token));
}

}  // namespace atto::json_text
