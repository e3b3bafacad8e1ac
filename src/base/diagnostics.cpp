#include <atto/diagnostics.hpp>

#include <utility>

namespace atto {

diagnostics::diagnostics() noexcept = default;
diagnostics::diagnostics(const diagnostics& other)
    : fields_(other.fields_ == nullptr ? nullptr : std::make_unique<fields>(*other.fields_)) {}
diagnostics& diagnostics::operator=(const diagnostics& other) {
  if (this != &other) *this = diagnostics(other);
  return *this;
}
diagnostics::diagnostics(diagnostics&& other) noexcept = default;
diagnostics& diagnostics::operator=(diagnostics&& other) noexcept = default;
diagnostics::~diagnostics() = default;

const diagnostics::fields& diagnostics::read() const noexcept {
  static const fields none;
  return fields_ == nullptr ? none : *fields_;
}

diagnostics::fields& diagnostics::write() {
  if (fields_ == nullptr) fields_ = std::make_unique<fields>();
  return *fields_;
}

diagnostics& diagnostics::message(std::string text) {
  write().message = std::move(text);
  return *this;
}

diagnostics& diagnostics::server_message(std::string text) {
  write().server_message = std::move(text);
  return *this;
}

diagnostics& diagnostics::code(std::string text) {
  write().code = std::move(text);
  return *this;
}

diagnostics& diagnostics::versions(std::int64_t stored, std::int64_t supplied) {
  write().stored_version = stored;
  write().supplied_version = supplied;
  return *this;
}

diagnostics& diagnostics::offset(std::size_t byte) {
  write().offset = byte;
  return *this;
}

diagnostics& diagnostics::pointer(std::string rfc6901) {
  write().pointer = std::move(rfc6901);
  return *this;
}

diagnostics& diagnostics::limit(std::size_t limit, std::size_t size) {
  write().limit = limit;
  write().size = size;
  return *this;
}

diagnostics& diagnostics::owner_address(std::string text) {
  write().owner_address = std::move(text);
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

const char* error_with_diagnostics::what() const noexcept {
  return what_.c_str();
}

}  // namespace atto
