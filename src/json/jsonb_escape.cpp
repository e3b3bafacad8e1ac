#include "json/jsonb_escape.hpp"

#include <atto/error.hpp>

#include "json/string_token.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace atto::jsonb_escape {

namespace {

using json_text::escape_lead;
using json_text::is_high_surrogate;
using json_text::is_low_surrogate;
using json_text::read_hex4;

constexpr std::size_t escape_size = 6;  // \uXXXX
constexpr unsigned lead_unit = 0xFDD0U;

void append_unit(std::string& out, unsigned unit) {
  out.append(escape_lead);
  json_text::append_hex4(out, unit);
}

/// True when a `\u` escape of a low surrogate stands at `at`.
bool low_surrogate_at(std::string_view text, std::size_t at) noexcept {
  return text.substr(at, 2) == "\\u" && is_low_surrogate(read_hex4(text.data() + at + 2));
}

/// Appends the escape at `at`, which begins with a backslash; returns how many bytes of `text` that were.
std::size_t append_escape(std::string& out, std::string_view text, std::size_t at) {
  if (text[at + 1] != 'u') {
    out.append(text, at, 2);
    return 2;
  }
  const unsigned unit = read_hex4(text.data() + at + 2);
  if (is_high_surrogate(unit) && low_surrogate_at(text, at + escape_size)) {
    out.append(text, at, 2 * escape_size);
    return 2 * escape_size;
  }
  if (unit == 0 || unit == lead_unit || is_high_surrogate(unit) || is_low_surrogate(unit)) {
    append_unit(out, unit);
  } else {
    out.append(text, at, escape_size);
  }
  return escape_size;
}

/// The next byte that may have to be escaped: U+FDD0, or a backslash. The caller keeps the two positions, so that each
/// is looked for once.
struct candidates {
  std::size_t backslash;
  std::size_t lead;

  void move_to(std::string_view text, std::size_t at) noexcept {
    if (backslash < at) backslash = text.find('\\', at);
    if (lead < at) lead = text.find(escape_lead, at);
  }
};

/// Appends what `unit`, read behind a lead, was before; false when append never writes it. U+FDD0 comes back as \ufdd0
/// even if it was its three bytes: that counts less, so that a session never grows by being stored.
bool append_undone(std::string& out, unsigned unit) {
  if (unit != 0 && unit != lead_unit && !is_high_surrogate(unit) && !is_low_surrogate(unit)) return false;
  out.append("\\u");
  json_text::append_hex4(out, unit);
  return true;
}

}  // namespace

void append(std::string& out, std::string_view document) {
  std::size_t done = 0;
  candidates next{document.find("\\u"), document.find(escape_lead)};
  // With no \u there is nothing to do at any other backslash; with one, all have to be stepped over: \\u is no escape.
  if (next.backslash != document.npos) next.backslash = document.find('\\');
  while (next.backslash != document.npos || next.lead != document.npos) {
    const std::size_t at = std::min(next.backslash, next.lead);
    out.append(document, done, at - done);
    if (at == next.lead) {
      append_unit(out, lead_unit);
      done = at + escape_lead.size();
    } else {
      done = at + append_escape(out, document, at);
    }
    next.move_to(document, done);
  }
  out.append(document, done);
}

bool needs_undo(std::string_view text) noexcept {
  return text.find(escape_lead) != text.npos;
}

boost::system::result<std::string> undo(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  std::size_t done = 0;
  for (std::size_t lead = text.find(escape_lead); lead != text.npos; lead = text.find(escape_lead, done)) {
    out.append(text, done, lead - done);
    const std::size_t digits = lead + escape_lead.size();
    if (text.size() - digits < 4 || !append_undone(out, read_hex4(text.data() + digits))) return errc::storage_failure;
    done = digits + 4;
  }
  out.append(text, done);
  return out;
}

}  // namespace atto::jsonb_escape
