#include "text_file.hpp"

#include "command_error.hpp"
#include "printable.hpp"

#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

namespace atto::cli {

namespace {

struct close_file {
  void operator()(std::FILE* file) const noexcept {
    if (file != stdin) std::fclose(file);
  }
};

[[noreturn]] void cannot_read(const std::string& path) {
  const std::string reason = std::strerror(errno);
  throw command_error(exit_status::failed,
                      fmt::format("cannot_read: {}: {}; name a file that can be read, or - for stdin",
                                  path == "-" ? "stdin" : shown(path), reason));
}

}  // namespace

std::string read_text(const std::string& path) {
  const std::unique_ptr<std::FILE, close_file> file(path == "-" ? stdin : std::fopen(path.c_str(), "rb"));
  if (!file) cannot_read(path);
  std::string text;
  std::array<char, 65'536> chunk{};
  while (const std::size_t got = std::fread(chunk.data(), 1, chunk.size(), file.get())) {
    text.append(chunk.data(), got);
  }
  if (std::ferror(file.get()) != 0) cannot_read(path);
  return text;
}

void refuse_byte_order_mark(std::string_view text, std::string_view where) {
  if (!text.starts_with("\xEF\xBB\xBF")) return;
  throw command_error(
      exit_status::failed,
      fmt::format("invalid_document: {}, byte 0: remove the byte order mark; nothing was written", where));
}

}  // namespace atto::cli
