#include "json/stored_form.hpp"

#include <atto/error.hpp>

#include "json/compact.hpp"
#include "json/json_access.hpp"
#include "json/jsonb_escape.hpp"
#include "json/scanner.hpp"
#include "json/string_token.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace atto::stored_form {

namespace {

using boost::system::result;
using json_text::part;

void append_in_dialect(std::string& out, std::string_view text, dialect d) {
  if (d == dialect::jsonb) {
    jsonb_escape::append(out, text);
  } else {
    out.append(text);
  }
}

/// A text that is longer than it counts holds white space, without bound; what a store is sent must have one.
void append_document(std::string& out, const json& document, dialect d) {
  const std::string_view text = document.text();
  if (text.size() > document.bytes() || (d == dialect::jsonb && json_text::may_hold_huge_exponent(text))) {
    std::string compact;
    json_text::append_compact(compact, text);
    append_in_dialect(out, compact, d);
  } else {
    append_in_dialect(out, text, d);
  }
}

/// A reply that was read: the values down to some level, and what keeps them alive.
struct reply {
  shared_text whole;
  std::vector<part> parts;

  [[nodiscard]] json value(const part& p) const { return detail::json_access::slice(whole.owner, p.text, p.size); }
};

/// A driver's reply takes kilobytes however little it says, and a session that stays live keeps what it was read from.
constexpr std::size_t worth_sharing = 4096;

/// `kind` is the bracket the reply begins with. Nothing when the text is not one we could have written.
std::optional<reply> read(shared_text text, dialect d, char kind, std::size_t levels) {
  if (d == dialect::jsonb && jsonb_escape::needs_undo(text.text)) {
    auto undone = jsonb_escape::undo(text.text);
    if (!undone) return std::nullopt;
    text = *std::move(undone);
  } else if (text.text.size() < worth_sharing) {
    text = std::string(text.text);
  }
  reply r{std::move(text), {}};
  const json_text::scan_limits limits{json::max_depth + levels, json_text::scan_limits::unlimited};
  const auto scanned = json_text::scan_parts(r.whole.text, limits, levels, r.parts);
  if (scanned.what != json_text::fault::none || scanned.value.front() != kind) return std::nullopt;
  return r;
}

}  // namespace

std::string encode(const state& s, dialect d, std::string_view prefix) {
  std::string out;
  out.reserve(prefix.size() + s.bytes());
  out.append(prefix).push_back('{');
  std::string quoted;
  bool first = true;
  for (const auto& [name, value] : s) {
    if (name.starts_with(state::temp_prefix)) continue;
    if (!std::exchange(first, false)) out.push_back(',');
    quoted.clear();
    json_text::append_quoted(quoted, name);
    append_in_dialect(out, quoted, d);
    out.push_back(':');
    append_document(out, value, d);
  }
  out.push_back('}');
  return out;
}

std::string encode(const history& events, dialect d, std::string_view prefix) {
  std::string out;
  out.reserve(prefix.size() + events.bytes() + events.size() + 2);
  out.append(prefix).push_back('[');
  for (const json& event : events) {
    if (&event != &*events.begin()) out.push_back(',');
    append_document(out, event, d);
  }
  out.push_back(']');
  return out;
}

result<state> decode_state(shared_text text, dialect d) {
  const auto r = read(std::move(text), d, '{', 1);
  if (!r) return errc::storage_failure;
  state s;
  for (const part& p : r->parts) {
    std::string name = json_text::decode(p.name);
    if (!name.starts_with(state::temp_prefix)) s.set(std::move(name), r->value(p));
  }
  return s;
}

result<history> decode_events(shared_text text, dialect d) {
  const auto r = read(std::move(text), d, '[', 1);
  if (!r) return errc::storage_failure;
  std::vector<json> events;
  events.reserve(r->parts.size());
  for (const part& p : r->parts) events.push_back(r->value(p));
  return history(std::move(events));
}

result<history> decode_turns(shared_text text, dialect d) {
  const auto r = read(std::move(text), d, '[', 2);
  if (!r) return errc::storage_failure;
  std::vector<json> events;
  events.reserve(r->parts.size());
  for (const part& p : r->parts) {
    if (p.level == 2) {
      events.push_back(r->value(p));
    } else if (p.text.front() != '[') {
      return errc::storage_failure;
    }
  }
  return history(std::move(events));
}

}  // namespace atto::stored_form
