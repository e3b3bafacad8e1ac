#include "json_text.hpp"

#include <atto/state.hpp>

#include <charconv>
#include <system_error>

namespace atto::cli {

std::string unquoted(const json& string) {
  // A state decodes its members' names, escapes and all: no second decoder is needed here.
  std::string object = "{";
  object.append(string.text()).append(":0}");
  const state names = state::from_object(json(std::move(object)));
  return names.begin()->first;
}

std::string json_quoted(std::string_view utf8) {
  return std::string(json::string(utf8).text());
}

std::string compact(const json& document) {
  std::string out;
  bool in_string = false;
  bool escaped = false;
  for (const char c : document.text()) {
    const bool blank = c == ' ' || c == '\t' || c == '\n' || c == '\r';
    if (in_string || !blank) out += c;
    if (c == '"' && !escaped) in_string = !in_string;
    escaped = in_string && c == '\\' && !escaped;
  }
  return out;
}

std::optional<std::int64_t> whole_number(const json& document) {
  const std::string_view text = document.text();
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace atto::cli
