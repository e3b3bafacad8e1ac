#include "error_text.hpp"

#include "printable.hpp"

#include <fmt/format.h>

#include <string_view>

namespace atto::cli {

namespace {

std::string message_of(const error_code& ec, const diagnostics& diag) {
  constexpr std::string_view advice = "run `atto init` once";
  std::string text = diag.message();
  const bool advised = text.find("atto init") != std::string::npos;
  if (ec == errc::schema_missing && !advised) text.append(text.empty() ? "" : "; ").append(advice);
  return text;
}

std::string place_of(const diagnostics& diag, const std::string& where) {
  // Some messages name the byte themselves.
  if (!diag.offset() || diag.message().find("byte") != std::string::npos) return where;
  const std::string byte = fmt::format("byte {}", *diag.offset());
  return where.empty() ? byte : where + ", " + byte;
}

std::string database_words(const diagnostics& diag) {
  constexpr std::size_t longest = 400;  // libpq's words name the host, what failed, and what to do
  if (diag.code().empty() && diag.server_message().empty()) return {};
  if (diag.server_message().empty()) return fmt::format(" ({})", printable(diag.code()));
  if (diag.code().empty()) return fmt::format(" ({})", shown(diag.server_message(), longest));
  return fmt::format(" ({}: {})", printable(diag.code()), shown(diag.server_message(), longest));
}

}  // namespace

std::string error_text(const error_code& ec, const diagnostics& diag, const std::string& where) {
  std::string text = ec.message();
  const std::string place = place_of(diag, where);
  const std::string message = message_of(ec, diag);
  if (!place.empty()) text.append(": ").append(place);
  if (!message.empty()) text.append(": ").append(printable(message));
  return text + database_words(diag);
}

bool can_go_on(const error_code& ec) noexcept {
  return is_retryable(ec) || ec == errc::outcome_unknown;
}

exit_status status_of(const error_code& ec) noexcept {
  return ec == errc::concurrent_write ? exit_status::concurrent_write : exit_status::failed;
}

}  // namespace atto::cli
