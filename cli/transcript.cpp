#include "transcript.hpp"

#include "counted.hpp"
#include "json_text.hpp"
#include "output.hpp"
#include "printable.hpp"

#include <fmt/format.h>

#include <cstdint>
#include <optional>
#include <string_view>

namespace atto::cli {

namespace {

constexpr std::string_view indent = "    ";

void print_indented(std::string_view text) {
  print_line(printable_lines(text, indent));
}

/// The characters of the member `name` when it is a string.
std::optional<std::string> text_member(const state& members, std::string_view name) {
  const json* value = members.find(name);
  if (value == nullptr || !value->is_string()) return std::nullopt;
  return unquoted(*value);
}

/// What follows a role: who, and which call it answers.
std::string attribution(const state& message) {
  std::string text;
  if (const auto name = text_member(message, "name")) text.append(" ").append(printable(*name));
  if (const auto call = text_member(message, "tool_call_id")) text.append(" (").append(printable(*call)).append(")");
  return text;
}

/// One part of a content that is an array: its text when it has one, else its JSON.
void print_part(const json& part) {
  if (part.is_object()) {
    if (const auto text = text_member(state::from_object(part), "text")) return print_indented(*text);
  }
  print_indented(compact(part));
}

void print_content(const json& content) {
  if (content.is_null()) return;
  if (content.is_string()) return print_indented(unquoted(content));
  if (!content.is_array()) return print_indented(compact(content));
  for (const json& part : history::from_array(content)) print_part(part);
}

void print_function(const state& function, const state& call) {
  std::string text = "calls " + text_member(function, "name").value_or("?");
  if (const json* arguments = function.find("arguments")) {
    text += " " + (arguments->is_string() ? unquoted(*arguments) : compact(*arguments));
  }
  if (const auto id = text_member(call, "id")) text += " (" + *id + ")";
  print_indented(text);
}

void print_call(const json& call) {
  if (!call.is_object()) return print_indented("calls " + compact(call));
  const state members = state::from_object(call);
  const json* function = members.find("function");
  if (function == nullptr || !function->is_object()) return print_indented("calls " + compact(call));
  print_function(state::from_object(*function), members);
}

void print_message(std::int64_t number, const std::string& role, const state& message) {
  print_line(fmt::format("{} {}{}", number, printable(role), attribution(message)));
  if (const json* content = message.find("content")) print_content(*content);
  if (const json* calls = message.find("tool_calls"); calls != nullptr && calls->is_array()) {
    for (const json& call : history::from_array(*calls)) print_call(call);
  }
}

void print_event(std::int64_t number, const json& event) {
  if (event.is_object()) {
    const state message = state::from_object(event);
    if (const auto role = text_member(message, "role")) return print_message(number, *role, message);
  }
  print_line(fmt::format("{} event", number));
  print_indented(compact(event));
}

}  // namespace

void print_transcript(const std::string& id, const snapshot& snap) {
  print_line(fmt::format("{}  version {}, {}", printable(id), snap.version, counted(snap.total_events(), "event")));
  if (!snap.state.empty()) print_line("state " + printable(compact(snap.state.stored())));
  if (snap.partial()) print_line("(not shown: " + counted(snap.events_before, "older event") + ")");
  std::int64_t number = snap.events_before;
  for (const json& event : snap.history) {
    print_line("");
    print_event(++number, event);
  }
}

}  // namespace atto::cli
