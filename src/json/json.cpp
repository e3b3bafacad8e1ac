#include <atto/json.hpp>

#include "base/utf8.hpp"
#include "json/equality.hpp"
#include "json/pointer.hpp"
#include "json/scan_failure.hpp"
#include "json/scanner.hpp"
#include "json/string_token.hpp"

#include <utility>

namespace atto {

namespace {

constexpr std::string_view null_text = "null";

}  // namespace

json::json() noexcept : text_(null_text), bytes_(json_text::least_count) {}

json::json(std::shared_ptr<const void> owner, std::string_view text, std::size_t bytes) noexcept
    : owner_(std::move(owner)), text_(text), bytes_(bytes) {}

json::json(std::string text) : json() {
  diagnostics diag;
  auto parsed = parse(std::move(text), &diag);
  if (!parsed) throw error_with_diagnostics(parsed.error(), std::move(diag));
  *this = *std::move(parsed);
}

json::json(json&& other) noexcept
    : owner_(std::move(other.owner_)),
      text_(std::exchange(other.text_, null_text)),
      bytes_(std::exchange(other.bytes_, json_text::least_count)) {}

json& json::operator=(json&& other) noexcept {
  json moved(std::move(other));
  owner_ = std::move(moved.owner_);
  text_ = moved.text_;
  bytes_ = moved.bytes_;
  return *this;
}

boost::system::result<json> json::parse(std::string text, diagnostics* diag) {
  if (diag != nullptr) *diag = diagnostics();
  const json_text::scan_result scanned = json_text::scan(text, {});
  if (scanned.what != json_text::fault::none) {
    failure f = json_text::to_failure(scanned, text);
    if (diag != nullptr) *diag = std::move(f.diag);
    return f.code;
  }
  const auto begin = static_cast<std::size_t>(scanned.value.data() - text.data());
  auto owner = std::make_shared<const std::string>(std::move(text));
  const std::string_view value = std::string_view(*owner).substr(begin, scanned.value.size());
  return json(std::move(owner), value, scanned.size);
}

json json::string(std::string_view utf8) {
  if (utf8.size() > max_size) json_text::too_large(utf8.size()).raise();
  if (const auto bad = utf8::first_invalid(utf8)) json_text::not_utf8(*bad).raise();
  std::string token;
  token.reserve(utf8.size() + 2);
  json_text::append_quoted(token, utf8);
  const std::size_t size = json_text::token_count(token);
  if (size > max_size) json_text::too_large(size).raise();
  auto owner = std::make_shared<const std::string>(std::move(token));
  const std::string_view text = *owner;
  return {std::move(owner), text, size};
}

bool json::equal(const json& a, const json& b) {
  return json_text::equal_values(a.text_, b.text_);
}

}  // namespace atto
