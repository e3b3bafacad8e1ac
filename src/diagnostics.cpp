#include <atto/diagnostics.hpp>

#include <utility>

namespace atto {

diagnostics::diagnostics() = default;

diagnostics& diagnostics::message(std::string text) {
  message_ = std::move(text);
  return *this;
}

diagnostics& diagnostics::server_message(std::string text) {
  server_message_ = std::move(text);
  return *this;
}

diagnostics& diagnostics::code(std::string text) {
  code_ = std::move(text);
  return *this;
}

diagnostics& diagnostics::versions(std::int64_t stored, std::int64_t supplied) noexcept {
  stored_version_ = stored;
  supplied_version_ = supplied;
  return *this;
}

diagnostics& diagnostics::offset(std::size_t byte) noexcept {
  offset_ = byte;
  return *this;
}

diagnostics& diagnostics::pointer(std::string rfc6901) {
  pointer_ = std::move(rfc6901);
  return *this;
}

diagnostics& diagnostics::limit(std::size_t limit, std::size_t size) noexcept {
  limit_ = limit;
  size_ = size;
  return *this;
}

namespace {

std::string describe(const error_code& ec, const diagnostics& diag) {
  std::string text = ec.message();
  if (!diag.message().empty()) text.append(": ").append(diag.message());
  return text;
}

}  // namespace

error_with_diagnostics::error_with_diagnostics(error_code ec, diagnostics diag)
    : system_error(ec), diag_(std::move(diag)), what_(describe(ec, diag_)) {}

}  // namespace atto
