#include "printable.hpp"

#include <fmt/format.h>

#include <cstddef>
#include <cstdint>
#include <iterator>

namespace atto::cli {

namespace {

struct character {
  std::uint32_t code;
  std::size_t bytes;  // 0 when the text does not begin with a character
};

bool is_continuation(char c) {
  return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;
}

/// How many bytes a character that begins with `lead` has, by its first byte alone; 0 when none begins so.
std::size_t expected_bytes(std::uint32_t lead) {
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead < 0xE0) return 2;
  if (lead >= 0xE0 && lead < 0xF0) return 3;
  if (lead >= 0xF0 && lead < 0xF5) return 4;
  return 0;
}

/// Accepts surrogates as well: WTF-8, as names in a state may hold them.
character first_character(std::string_view text) {
  const std::uint32_t lead = static_cast<unsigned char>(text.front());
  const std::size_t bytes = expected_bytes(lead);
  if (bytes == 0 || bytes > text.size()) return {lead, 0};
  if (bytes == 1) return {lead, 1};
  std::uint32_t code = lead & (0x7FU >> bytes);
  for (std::size_t i = 1; i < bytes; ++i) {
    if (!is_continuation(text[i])) return {lead, 0};
    code = (code << 6U) | (static_cast<unsigned char>(text[i]) & 0x3FU);
  }
  constexpr std::uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
  if (code < smallest[bytes] || code > 0x10FFFF) return {lead, 0};
  return {code, bytes};
}

bool in(std::uint32_t code, std::uint32_t first, std::uint32_t last) {
  return code >= first && code <= last;
}

bool is_harmless(std::uint32_t code) {
  if (code < 0x20 || in(code, 0x7F, 0x9F)) return false;                                // controls, C1 with CSI
  if (code == 0xAD || code == 0x61C || code == 0x180E || code == 0xFEFF) return false;  // invisible
  if (in(code, 0x200B, 0x200F) && code != 0x200C && code != 0x200D) return false;       // but joiners: emoji, scripts
  if (in(code, 0x2028, 0x202E) || in(code, 0x2060, 0x206F)) return false;               // separators, direction
  if (in(code, 0xD800, 0xDFFF) || in(code, 0xFFF9, 0xFFFB)) return false;               // surrogates, annotations
  return !in(code, 0xE0000, 0xE0FFF);                                                   // tags
}

void append_escaped(std::string& out, character c) {
  if (c.bytes == 0 || c.code < 0x80) {
    fmt::format_to(std::back_inserter(out), "\\x{:02x}", c.code);
  } else if (c.code < 0x10000) {
    fmt::format_to(std::back_inserter(out), "\\u{:04x}", c.code);
  } else {
    fmt::format_to(std::back_inserter(out), "\\u{{{:x}}}", c.code);
  }
}

/// `line_break` is what a line feed becomes; empty to have it escaped, and tabs with it.
std::string neutralised(std::string_view text, std::string_view line_break) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const character c = first_character(text);
    const std::size_t bytes = c.bytes == 0 ? 1 : c.bytes;
    if (c.code == '\n' && !line_break.empty()) {
      out += line_break;
    } else if ((c.code == '\t' && !line_break.empty()) || (c.bytes != 0 && is_harmless(c.code))) {
      out += text.substr(0, bytes);
    } else {
      append_escaped(out, c);
    }
    text.remove_prefix(bytes);
  }
  return out;
}

}  // namespace

std::string printable(std::string_view text) {
  return neutralised(text, {});
}

std::string printable_lines(std::string_view text, std::string_view indent) {
  return std::string(indent) + neutralised(text, "\n" + std::string(indent));
}

std::string shown(std::string_view name, std::size_t longest) {
  if (name.size() <= longest) return printable(name);
  std::size_t cut = longest;
  while (cut > 0 && is_continuation(name[cut])) --cut;
  return printable(name.substr(0, cut)) + "…";
}

}  // namespace atto::cli
