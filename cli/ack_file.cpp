#include "ack_file.hpp"

#include "command_error.hpp"
#include "json_text.hpp"
#include "printable.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>

namespace atto::cli {

namespace {

[[noreturn]] void refuse(const std::string& name) {
  const std::string reason = std::strerror(errno);
  throw command_error(exit_status::failed, fmt::format("cannot_write: {}: {}; name another --acks file", name, reason));
}

}  // namespace

ack_file::ack_file(const std::string& path) {
  if (path.empty()) return;
  file_.reset(std::fopen(path.c_str(), "ab"));
  if (!file_) refuse(shown(path));
}

void ack_file::add(std::int64_t version, const std::string& session_id) {
  if (!file_) return;
  const std::string line = fmt::format("{}\t{}\n", version, json_quoted(session_id));
  const bool written = std::fwrite(line.data(), 1, line.size(), file_.get()) == line.size();
  if (!written || std::fflush(file_.get()) != 0) refuse("the acknowledgements");
}

}  // namespace atto::cli
