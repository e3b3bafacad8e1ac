#include <atto/failure.hpp>
#include <atto/state.hpp>

#include "base/utf8.hpp"
#include "json/json_access.hpp"
#include "json/object_members.hpp"
#include "json/string_token.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <memory>
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

/// What a member that a store keeps adds to state::bytes(): its colon, and the comma or brace behind it, too.
std::size_t member_bytes(std::string_view name, const json& value) {
  return json_text::quoted_count(name) + value.bytes() + 2;
}

}  // namespace

/// The values that copies of a state share, with what they count, and how many states share them. Only a state that is
/// the one user may change them.
struct state::shared_values {
  shared_values() = default;
  shared_values(const shared_values& other)
      : all(other.all), temp_values(other.temp_values), stored_bytes(other.stored_bytes) {}
  shared_values& operator=(const shared_values&) = delete;
  ~shared_values() = default;

  /// Acquire: what other users read of the values happened before they let go, and so before the change that follows.
  /// No other user can appear meanwhile, for only the one user could be copied. (std::shared_ptr::use_count is
  /// relaxed.)
  [[nodiscard]] bool has_one_user() const noexcept { return users.load(std::memory_order_acquire) == 1; }

  void set(std::string&& name, json&& value);
  void erase(std::string_view name);

  values all;
  std::size_t temp_values = 0;   // how many of them no store keeps
  std::size_t stored_bytes = 0;  // the sum of member_bytes() of the others
  std::atomic<std::size_t> users = 1;
};

void state::shared_values::set(std::string&& name, json&& value) {
  const bool temp = is_temp(name);
  const auto at = all.lower_bound(name);
  if (at != all.end() && at->first == name) {
    if (!temp) stored_bytes = stored_bytes - at->second.bytes() + value.bytes();
    at->second = std::move(value);
    return;
  }
  const std::size_t added = temp ? 0 : member_bytes(name, value);
  all.emplace_hint(at, std::move(name), std::move(value));
  stored_bytes += added;
  if (temp) ++temp_values;
}

void state::shared_values::erase(std::string_view name) {
  const auto at = all.find(name);
  if (is_temp(name)) {
    --temp_values;
  } else {
    stored_bytes -= member_bytes(name, at->second);
  }
  all.erase(at);
}

void state::share() const noexcept {
  shared_->users.fetch_add(1, std::memory_order_relaxed);
}

void state::release() const noexcept {
  if (shared_->users.fetch_sub(1, std::memory_order_acq_rel) == 1) delete shared_;
}

state state::separate() const {
  return state(shared_ == nullptr ? new shared_values : new shared_values(*shared_));
}

state state::from_object(const json& object) {
  if (!object.is_object()) not_an_object().raise();
  auto members = json_text::members_of(detail::json_access::owner(object), object.text());
  if (members.empty()) return {};
  state made(new shared_values);
  for (auto& [name, value] : members) made.shared_->set(std::move(name), std::move(value));
  return made;
}

void state::set(std::string name, json value) {
  if (const auto bad = utf8::first_invalid_wtf8(name)) bad_name(*bad).raise();
  if (shared_ != nullptr && shared_->has_one_user()) return shared_->set(std::move(name), std::move(value));
  state changed = separate();
  changed.shared_->set(std::move(name), std::move(value));
  std::swap(shared_, changed.shared_);
}

const json* state::find(std::string_view name) const {
  if (shared_ == nullptr) return nullptr;
  const auto found = shared_->all.find(name);
  return found == shared_->all.end() ? nullptr : &found->second;
}

bool state::erase(std::string_view name) {
  if (!contains(name)) return false;
  if (size() == 1) {
    clear();
  } else if (shared_->has_one_user()) {
    shared_->erase(name);
  } else {
    state changed = separate();
    changed.shared_->erase(name);
    std::swap(shared_, changed.shared_);
  }
  return true;
}

void state::clear() noexcept {
  *this = state();
}

std::size_t state::size() const noexcept {
  return shared_ == nullptr ? 0 : shared_->all.size();
}

state::const_iterator state::begin() const noexcept {
  return shared_ == nullptr ? const_iterator() : shared_->all.begin();
}

state::const_iterator state::end() const noexcept {
  return shared_ == nullptr ? const_iterator() : shared_->all.end();
}

json state::stored() const {
  std::string text;
  text.reserve(bytes());
  text.push_back('{');
  for (const auto& [name, value] : *this) {
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
  if (shared_ == nullptr || shared_->temp_values == 0) return *this;
  if (shared_->temp_values == size()) return {};
  state kept(new shared_values);
  values& all = kept.shared_->all;
  for (const auto& [name, value] : *this) {
    if (!is_temp(name)) all.emplace_hint(all.end(), name, value);
  }
  kept.shared_->stored_bytes = shared_->stored_bytes;
  return kept;
}

std::size_t state::bytes() const noexcept {
  const std::size_t members = shared_ == nullptr ? 0 : shared_->stored_bytes;
  return std::max(1 + members, json_text::least_count);  // a brace, and what the members add
}

bool state::equal(const state& a, const state& b) {
  if (a.shared_ == b.shared_) return true;
  return !a.empty() && !b.empty() && a.shared_->all == b.shared_->all;
}

}  // namespace atto
