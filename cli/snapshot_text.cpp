#include "snapshot_text.hpp"

#include "command_error.hpp"
#include "error_text.hpp"
#include "json_text.hpp"
#include "printable.hpp"
#include "text_file.hpp"

#include <fmt/format.h>

#include <string_view>
#include <utility>

namespace atto::cli {

namespace {

[[noreturn]] void refuse(const std::string& where, std::string_view what) {
  throw command_error(exit_status::failed, fmt::format("invalid_document: {}: {}", where, what));
}

json parse_document(std::string text, const std::string& where) {
  refuse_byte_order_mark(text, where);
  diagnostics diag;
  auto document = json::parse(std::move(text), &diag);
  if (!document) throw command_error(status_of(document.error()), error_text(document.error(), diag, where));
  return std::move(*document);
}

std::int64_t count_of(const json& value, std::string_view name, const std::string& where) {
  const auto count = whole_number(value);
  if (!count) refuse(where, fmt::format("\"{}\" must be a whole number that fits 64 bits", name));
  return *count;
}

void check_members(const state& members, const std::string& where) {
  for (const auto& [name, value] : members) {
    if (name != "version" && name != "state" && name != "history" && name != "events_before") {
      refuse(where, fmt::format("unknown member \"{}\"; a snapshot has version, state and history", shown(name)));
    }
  }
  for (const std::string_view name : {"version", "state", "history"}) {
    if (!members.contains(name)) refuse(where, fmt::format("\"{}\" is missing; `atto get` prints the form", name));
  }
  if (!members.find("state")->is_object()) refuse(where, "\"state\" must be an object");
  if (!members.find("history")->is_array()) refuse(where, "\"history\" must be an array of events");
}

}  // namespace

std::string to_text(const snapshot& snap) {
  std::string text = fmt::format("{{\"version\":{},", snap.version);
  if (snap.partial()) text.append(fmt::format("\"events_before\":{},", snap.events_before));
  text.append("\"state\":").append(snap.state.stored().text()).append(",\"history\":[");
  bool first = true;
  for (const json& event : snap.history) {
    if (!first) text += ',';
    first = false;
    text.append(event.text());
  }
  return text.append("]}");
}

snapshot parse_snapshot(std::string text, const std::string& where) {
  const json document = parse_document(std::move(text), where);
  if (!document.is_object()) refuse(where, "a snapshot is a JSON object of version, state and history");
  const state members = state::from_object(document);
  check_members(members, where);
  snapshot snap(count_of(*members.find("version"), "version", where), state::from_object(*members.find("state")),
                history::from_array(*members.find("history")));
  if (const json* before = members.find("events_before"))
    snap.events_before = count_of(*before, "events_before", where);
  return snap;
}

}  // namespace atto::cli
