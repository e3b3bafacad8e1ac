#include "random_document.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace atto::test {

namespace {

std::size_t draw(std::mt19937& random, std::size_t below) {
  return std::uniform_int_distribution<std::size_t>(0, below - 1)(random);
}

bool flip(std::mt19937& random) {
  return draw(random, 2) == 0;
}

bool is_high(unsigned unit) {
  return unit >= 0xD800U && unit < 0xDC00U;
}

bool is_low(unsigned unit) {
  return unit >= 0xDC00U && unit < 0xE000U;
}

/// Units that meet a special case somewhere: U+FDD0 and the digits that follow it in its escape among them.
document::characters random_characters(std::mt19937& random) {
  static constexpr std::array<unsigned, 24> units = {
      'a', 'z',  '0',  '0',  'd',    '8',     'f',     'u',     '\\',    '"',     '/',     0,
      1,   '\n', 0x7F, 0xE9, 0x20AC, 0xD83DU, 0xDE00U, 0xD800U, 0xDFFFU, 0xFDD0U, 0xFFFFU, 0xFEFFU};
  document::characters out(draw(random, 9));
  for (unsigned& unit : out) unit = units[draw(random, units.size())];
  return out;
}

void append_number(document& d, std::mt19937& random) {
  d.what = document::kind::number;
  d.negative = flip(random);
  if (draw(random, 6) == 0) return;
  d.exponent = static_cast<int>(draw(random, 40)) - 20;
  for (std::size_t i = draw(random, 25); i > 0; --i) d.digits.push_back(static_cast<char>('0' + draw(random, 10)));
  d.digits.insert(d.digits.begin(), static_cast<char>('1' + draw(random, 9)));
  d.digits.push_back(static_cast<char>('1' + draw(random, 9)));
}

void append_space(std::string& out, std::mt19937& random) {
  if (draw(random, 4) == 0) out.append(draw(random, 3), " \t\n\r"[draw(random, 4)]);
}

void append_hex(std::string& out, unsigned unit, std::mt19937& random) {
  const std::string_view digits = flip(random) ? "0123456789abcdef" : "0123456789ABCDEF";
  out.append("\\u");
  for (int shift = 12; shift >= 0; shift -= 4) out.push_back(digits[(unit >> shift) & 0xFU]);
}

void append_raw(std::string& out, unsigned code) {
  const auto push = [&](unsigned byte) { out.push_back(static_cast<char>(byte)); };
  if (code < 0x80U) return push(code);
  if (code < 0x800U) {
    push(0xC0U | (code >> 6U));
  } else if (code < 0x10000U) {
    push(0xE0U | (code >> 12U));
    push(0x80U | ((code >> 6U) & 0x3FU));
  } else {
    push(0xF0U | (code >> 18U));
    push(0x80U | ((code >> 12U) & 0x3FU));
    push(0x80U | ((code >> 6U) & 0x3FU));
  }
  push(0x80U | (code & 0x3FU));
}

void append_characters(std::string& out, const document::characters& text, std::mt19937& random) {
  out.push_back('"');
  for (std::size_t i = 0; i < text.size(); ++i) {
    const unsigned unit = text[i];
    const bool pair = is_high(unit) && i + 1 < text.size() && is_low(text[i + 1]);
    if (pair && flip(random)) {
      append_raw(out, 0x10000U + ((unit - 0xD800U) << 10U) + (text[++i] - 0xDC00U));
    } else if (pair) {
      append_hex(out, unit, random);
      append_hex(out, text[++i], random);
    } else if (unit < 0x20U || is_high(unit) || is_low(unit) || draw(random, 4) == 0) {
      append_hex(out, unit, random);
    } else {
      if (unit == '"' || unit == '\\' || (unit == '/' && flip(random))) out.push_back('\\');
      append_raw(out, unit);
    }
  }
  out.push_back('"');
}

/// Draws where the point is, how many zeros surround the digits, and an exponent that makes up for both.
void append_digits(std::string& out, const document& d, std::mt19937& random) {
  const bool zero = d.digits.empty();
  const std::size_t trailing = draw(random, 3);
  const std::string digits = (zero ? "0" : d.digits) + std::string(trailing, '0');
  const std::size_t whole = zero ? 1 : draw(random, digits.size() + 1);
  const std::size_t leading = whole == 0 ? draw(random, 3) : 0;
  if (d.negative) out.push_back('-');
  out.append(whole == 0 ? "0" : digits.substr(0, whole));
  if (whole < digits.size()) out.append(".").append(leading, '0').append(digits, whole);
  int exponent = zero ? static_cast<int>(draw(random, 9)) : d.exponent;
  exponent += static_cast<int>(digits.size() + leading - whole) - static_cast<int>(trailing);
  if (exponent == 0 && flip(random)) return;
  out.push_back(flip(random) ? 'e' : 'E');
  if (exponent < 0) out.push_back('-');
  if (exponent >= 0 && flip(random)) out.push_back('+');
  out.append(draw(random, 3), '0').append(std::to_string(exponent < 0 ? -exponent : exponent));
}

void append_value(std::string& out, const document& d, std::mt19937& random);

void append_array(std::string& out, const document& d, std::mt19937& random) {
  out.push_back('[');
  for (const document& element : d.elements) {
    if (&element != &d.elements.front()) out.push_back(',');
    append_value(out, element, random);
  }
  append_space(out, random);
  out.push_back(']');
}

void append_object(std::string& out, const document& d, std::mt19937& random) {
  auto members = d.members;
  std::shuffle(members.begin(), members.end(), random);
  if (!members.empty() && draw(random, 4) == 0) {
    members.emplace_back(members[draw(random, members.size())].first, document());
    std::rotate(members.begin(), members.end() - 1, members.end());
  }
  out.push_back('{');
  bool first = true;
  for (const auto& [name, value] : members) {
    if (!first) out.push_back(',');
    first = false;
    append_space(out, random);
    append_characters(out, name, random);
    append_space(out, random);
    out.push_back(':');
    append_value(out, value, random);
  }
  append_space(out, random);
  out.push_back('}');
}

void append_value(std::string& out, const document& d, std::mt19937& random) {
  append_space(out, random);
  switch (d.what) {
    case document::kind::null:
      out.append("null");
      break;
    case document::kind::yes:
      out.append("true");
      break;
    case document::kind::no:
      out.append("false");
      break;
    case document::kind::number:
      append_digits(out, d, random);
      break;
    case document::kind::string:
      append_characters(out, d.text, random);
      break;
    case document::kind::array:
      append_array(out, d, random);
      break;
    case document::kind::object:
      append_object(out, d, random);
      break;
  }
  append_space(out, random);
}

}  // namespace

document random_document(std::mt19937& random, std::size_t levels) {
  document d;
  switch (draw(random, levels == 0 ? 5 : 9)) {
    case 0:
      d.what = std::array{document::kind::null, document::kind::yes, document::kind::no}[draw(random, 3)];
      break;
    case 1:
    case 2:
      append_number(d, random);
      break;
    case 3:
    case 4:
      d.what = document::kind::string;
      d.text = random_characters(random);
      break;
    case 5:
    case 6:
      d.what = document::kind::array;
      for (std::size_t i = draw(random, 6); i > 0; --i) d.elements.push_back(random_document(random, levels - 1));
      break;
    default:
      d.what = document::kind::object;
      for (std::size_t i = draw(random, 6); i > 0; --i) {
        auto name = random_characters(random);
        const auto same = [&](const auto& member) { return member.first == name; };
        if (std::none_of(d.members.begin(), d.members.end(), same)) {
          d.members.emplace_back(std::move(name), random_document(random, levels - 1));
        }
      }
      break;
  }
  return d;
}

std::string spell(const document& d, std::mt19937& random) {
  std::string out;
  append_value(out, d, random);
  return out;
}

void change(document& d, std::mt19937& random) {
  switch (d.what) {
    case document::kind::null:
      d.what = document::kind::no;
      break;
    case document::kind::yes:
    case document::kind::no:
      d.what = document::kind::null;
      break;
    case document::kind::number:
      if (d.digits.empty()) {
        d.digits = "1";
      } else if (flip(random)) {
        d.exponent += 1;
      } else {
        d.negative = !d.negative;
      }
      break;
    case document::kind::string:
      d.text.push_back(0xFDD0U);
      break;
    case document::kind::array:
      if (d.elements.empty()) {
        d.elements.push_back({});
      } else {
        change(d.elements[draw(random, d.elements.size())], random);
      }
      break;
    case document::kind::object:
      if (d.members.empty()) {
        d.members.emplace_back(document::characters(), document());
      } else if (auto& member = d.members[draw(random, d.members.size())]; flip(random)) {
        change(member.second, random);
      } else {
        member.first.insert(member.first.end(), 20, 'x');  // longer than any that is drawn
      }
      break;
  }
}

}  // namespace atto::test
