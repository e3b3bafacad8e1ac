#include "bench/documents.hpp"

#include "json_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

namespace atto::cli::bench {

namespace {

constexpr std::string_view sentence = "The quick brown fox jumps over the lazy dog. ";
/// With the rest of the event about 125 bytes.
constexpr std::size_t piece_bytes = 90;

json event_with(std::string_view text) {
  return json(fmt::format(R"({{"role":"user","content":{}}})", json_quoted(text)));
}

/// The beginning of `text`, at most piece_bytes, that ends between two characters.
std::size_t cut(std::string_view text) {
  std::size_t end = std::min(piece_bytes, text.size());
  while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  return end;
}

std::string all_that_is_said(const std::vector<conversation>& conversations) {
  std::string all;
  for (const conversation& c : conversations) {
    for (const json& message : c.messages) {
      if (!message.is_object()) continue;
      const state members = state::from_object(message);
      const json* content = members.find("content");
      if (content != nullptr && content->is_string()) all += unquoted(*content) + ' ';
    }
  }
  return all;
}

}  // namespace

json event_of(std::size_t bytes) {
  constexpr std::size_t around = 28;  // {"role":"user","content":""}
  std::string text;
  while (text.size() + around < bytes) text += sentence;
  text.resize(bytes > around ? bytes - around : 0);
  return event_with(text);
}

state state_of(std::size_t turns) {
  state s;
  s.set("turns", json(std::to_string(turns)));
  s.set("last_role", json(R"("user")"));
  return s;
}

std::vector<json> short_events(const std::vector<conversation>& conversations, std::size_t count) {
  std::string all = all_that_is_said(conversations);
  if (all.empty()) all = sentence;
  std::vector<json> events;
  events.reserve(count);
  for (std::string_view rest = all; events.size() < count;) {
    if (rest.empty()) rest = all;
    const std::size_t end = cut(rest);
    events.push_back(event_with(rest.substr(0, end)));
    rest.remove_prefix(end);
  }
  return events;
}

std::size_t text_bytes(const history& events) {
  std::size_t bytes = 2;
  for (const json& event : events) bytes += event.text().size() + 1;
  return bytes;
}

std::size_t text_bytes(const state& s) {
  // Not the size of s.stored(): making that text would be work of the benchmark's own in every operation.
  std::size_t bytes = 2;
  for (const auto& [name, value] : s) bytes += name.size() + value.text().size() + 4;
  return bytes;
}

}  // namespace atto::cli::bench
