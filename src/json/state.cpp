#include <atto/failure.hpp>
#include <atto/state.hpp>

#include "base/utf8.hpp"
#include "json/json_access.hpp"
#include "json/object_members.hpp"
#include "json/string_token.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace atto {

namespace {

failure bad_name(std::size_t offset) {
  diagnostics diag;
  diag.message(fmt::format("the name of a value is not UTF-8 at byte {}; encode it", offset)).offset(offset);
  return {errc::invalid_document, std::move(diag)};
}

failure not_an_object() {
  diagnostics diag;
  diag.message("a state is read from a JSON object; this document is of another kind").offset(0).pointer("");
  return {errc::invalid_document, std::move(diag)};
}

bool is_temp(std::string_view name) noexcept {
  return name.starts_with(state::temp_prefix);
}

}  // namespace

state::state() = default;

state state::from_object(const json& object) {
  if (!object.is_object()) not_an_object().raise();
  state made;
  for (auto& [name, value] : json_text::members_of(detail::json_access::owner(object), object.text())) {
    made.values_.insert_or_assign(std::move(name), std::move(value));
  }
  return made;
}

void state::set(std::string name, json value) {
  if (const auto bad = utf8::first_invalid_wtf8(name)) bad_name(*bad).raise();
  values_.insert_or_assign(std::move(name), std::move(value));
}

const json* state::find(std::string_view name) const {
  const auto found = values_.find(name);
  return found == values_.end() ? nullptr : &found->second;
}

bool state::erase(std::string_view name) {
  const auto found = values_.find(name);
  if (found == values_.end()) return false;
  values_.erase(found);
  return true;
}

void state::clear() noexcept {
  values_.clear();
}

json state::stored() const {
  std::string text = "{";
  for (const auto& [name, value] : values_) {
    if (is_temp(name)) continue;
    if (text.size() > 1) text.push_back(',');
    json_text::append_quoted(text, name);
    text.push_back(':');
    text.append(value.text());
  }
  text.push_back('}');
  const auto owner = std::make_shared<const std::string>(std::move(text));
  return detail::json_access::slice(owner, *owner, bytes());
}

state state::without_temp() const {
  state kept;
  for (const auto& [name, value] : values_) {
    if (!is_temp(name)) kept.values_.emplace_hint(kept.values_.end(), name, value);
  }
  return kept;
}

std::size_t state::bytes() const {
  std::size_t sum = 1;  // a brace; each member adds its colon, and the comma or brace behind it
  for (const auto& [name, value] : values_) {
    if (!is_temp(name)) sum += json_text::quoted_count(name) + value.bytes() + 2;
  }
  return std::max(sum, json_text::least_count);
}

}  // namespace atto
