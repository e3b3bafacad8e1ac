#include "fuzz/targets.hpp"

#include "command_error.hpp"
#include "replay_file.hpp"

#include <fmt/format.h>

#include <sys/mman.h>
#include <unistd.h>

#include <set>
#include <string>
#include <system_error>
#include <vector>

namespace atto::fuzz {

namespace {

/// A file that lies in memory only, and has a path.
class memory_file {
 public:
  explicit memory_file(std::string_view bytes) : fd_(::memfd_create("replay", MFD_CLOEXEC)) {
    if (fd_ < 0 || ::write(fd_, bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size())) {
      throw std::system_error(errno, std::generic_category(), "memfd_create");
    }
  }
  memory_file(const memory_file&) = delete;
  memory_file& operator=(const memory_file&) = delete;
  ~memory_file() { ::close(fd_); }

  [[nodiscard]] std::string path() const { return fmt::format("/proc/self/fd/{}", fd_); }

 private:
  int fd_;
};

std::vector<cli::conversation> read(std::string_view text) {
  return cli::read_conversations(memory_file(text).path());
}

void check(const cli::conversation& c) {
  require(!c.session_id.empty() && c.session_id.size() <= 512, "an id that no store takes");
  require(c.session_id.find('\0') == std::string::npos, "an id with U+0000");
  require(c.roles.size() == c.messages.size(), "messages without a role");
  for (std::size_t turns = 0; turns <= c.messages.size(); ++turns) {
    require(c.state_after(turns).size() == 2, "a state of other values");
  }
}

std::string written(const cli::conversation& c) {
  std::string line = fmt::format(R"({{"session_id":{},"messages":[)", json::string(c.session_id).text());
  for (const json& message : c.messages) {
    if (&message != &*c.messages.begin()) line += ',';
    line += message.text();
  }
  return line + "]}\n";
}

/// One line, so that what was read cannot forge another one.
void check_refusal(const cli::command_error& e) {
  const std::string_view text = e.what();
  require(!text.empty(), "a refusal without words");
  for (const char c : text) require(static_cast<unsigned char>(c) >= 0x20U, "a control character in a refusal");
}

}  // namespace

/// The file of `atto replay`: refused in one line, or read so that what is written of it reads the same.
void replay_lines(std::string_view input) {
  std::vector<cli::conversation> all;
  try {
    all = read(input);
  } catch (const cli::command_error& e) {
    return check_refusal(e);
  }
  std::string text;
  std::set<std::string> ids;
  for (const cli::conversation& c : all) {
    check(c);
    require(ids.insert(c.session_id).second, "one session on two lines");
    text += written(c);
  }
  const auto again = read(text);
  require(again.size() == all.size(), "lines get lost");
  for (std::size_t i = 0; i < all.size(); ++i) {
    require(again[i].session_id == all[i].session_id && again[i].messages == all[i].messages, "a line reads otherwise");
  }
}

}  // namespace atto::fuzz
