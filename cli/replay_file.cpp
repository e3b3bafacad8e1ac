#include "replay_file.hpp"

#include "command_error.hpp"
#include "error_text.hpp"
#include "json_text.hpp"
#include "printable.hpp"
#include "text_file.hpp"

#include <fmt/format.h>

#include <map>
#include <string_view>
#include <utility>

namespace atto::cli {

namespace {

json role_of(const json& message) {
  if (!message.is_object()) return {};
  const state members = state::from_object(message);
  const json* role = members.find("role");
  return role == nullptr ? json() : *role;
}

[[noreturn]] void refuse(std::string_view name, const std::string& where, std::string_view what) {
  throw command_error(exit_status::failed, fmt::format("{}: {}: {}; nothing was written", name, where, what));
}

/// Unpaired surrogates, which JSON can spell and UTF-8 cannot: ED A0..BF.
bool has_surrogate(std::string_view id) {
  for (std::size_t at = id.find('\xED'); at != std::string_view::npos; at = id.find('\xED', at + 1)) {
    if (at + 1 < id.size() && static_cast<unsigned char>(id[at + 1]) >= 0xA0) return true;
  }
  return false;
}

std::string session_id_of(const state& members, const std::string& where) {
  constexpr std::size_t longest = 512;
  const json* value = members.find("session_id");
  if (value == nullptr || !value->is_string()) refuse("invalid_document", where, "\"session_id\" must be a string");
  std::string id = unquoted(*value);
  if (id.empty() || id.size() > longest || id.find('\0') != std::string::npos || has_surrogate(id)) {
    refuse("invalid_session_id", where, "a session id is 1 to 512 bytes of UTF-8 without U+0000");
  }
  return id;
}

conversation parse_line(std::string_view line, std::size_t number, const std::string& where) {
  refuse_byte_order_mark(line, where);
  diagnostics diag;
  const auto document = json::parse(std::string(line), &diag);
  if (!document) {
    throw command_error(exit_status::failed, error_text(document.error(), diag, where) + "; nothing was written");
  }
  if (!document->is_object()) refuse("invalid_document", where, "a line is an object of session_id and messages");
  const state members = state::from_object(*document);
  const json* messages = members.find("messages");
  std::string id = session_id_of(members, where);
  if (messages == nullptr || !messages->is_array()) {
    refuse("invalid_document", where, "\"messages\" must be an array");
  }
  return {std::move(id), history::from_array(*messages), number};
}

bool is_blank(std::string_view line) {
  return line.find_first_not_of(" \t\r") == std::string_view::npos;
}

}  // namespace

conversation::conversation(std::string id, history msgs, std::size_t line)
    : session_id(std::move(id)), messages(std::move(msgs)), line_number(line) {
  roles.reserve(messages.size());
  for (const json& message : messages) roles.push_back(role_of(message));
}

state conversation::state_after(std::size_t turns) const {
  state s;
  s.set("turns", json(std::to_string(turns)));
  s.set("last_role", turns == 0 ? json() : roles[turns - 1]);
  return s;
}

std::vector<conversation> read_conversations(const std::string& path) {
  const std::string text = read_text(path);
  const std::string name = path == "-" ? "stdin" : shown(path);
  std::vector<conversation> all;
  std::map<std::string, std::size_t, std::less<>> lines;
  std::size_t number = 0;
  for (std::string_view rest = text; !rest.empty();) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(line.size() == rest.size() ? line.size() : line.size() + 1);
    ++number;
    if (is_blank(line)) continue;
    const std::string where = fmt::format("{}, line {}", name, number);
    all.push_back(parse_line(line, number, where));
    const auto [seen, is_new] = lines.emplace(all.back().session_id, number);
    if (!is_new) refuse("invalid_document", where, fmt::format("the session_id of line {} again", seen->second));
  }
  return all;
}

}  // namespace atto::cli
