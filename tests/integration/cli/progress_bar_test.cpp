#include "integration/cli/command.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <string>
#include <system_error>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

namespace atto::test {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

const std::string wipe = "\r\x1b[K";

/// A terminal that nobody looks at.
class terminal {
 public:
  terminal() : master_(::posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK)) {
    if (master_ < 0 || ::grantpt(master_) != 0 || ::unlockpt(master_) != 0) fail();
    std::array<char, 64> name{};
    if (::ptsname_r(master_, name.data(), name.size()) != 0) fail();
    path_ = name.data();
    // What a process has written may be lost once nobody has the terminal open.
    slave_ = ::open(path_.c_str(), O_RDWR | O_NOCTTY);
    if (slave_ < 0) fail();
  }
  terminal(const terminal&) = delete;
  terminal& operator=(const terminal&) = delete;
  ~terminal() {
    ::close(slave_);
    ::close(master_);
  }

  [[nodiscard]] const std::string& path() const noexcept { return path_; }

  /// All that was written to it until now.
  [[nodiscard]] std::string written() const {
    std::string all;
    std::array<char, 4096> part{};
    for (ssize_t n = 0; (n = ::read(master_, part.data(), part.size())) > 0;) {
      all.append(part.data(), static_cast<std::size_t>(n));
    }
    return all;
  }

 private:
  [[noreturn]] static void fail() { throw std::system_error(errno, std::generic_category(), "no terminal"); }

  int master_;
  int slave_ = -1;
  std::string path_;
};

std::string written_by(const std::vector<std::string>& arguments) {
  const terminal t;
  process command(arguments, "", "", t.path());
  static_cast<void>(command.wait());
  return t.written();
}

/// What is left to see of `text`.
std::string screen_after(std::string text) {
  for (std::size_t at = text.find(wipe); at != text.npos; at = text.find(wipe)) {
    const std::size_t line = text.rfind('\n', at) + 1;  // 0 in the first line
    text.erase(line, at + wipe.size() - line);
  }
  return text;
}

TEST(CliProgressBar, CountsOnATerminalAndLeavesNothingOnIt) {
  const sqlite_fixture from;
  const sqlite_fixture to;
  ASSERT_EQ(from.run({"replay", sample_file()}).status, 0);
  const std::string text = written_by({"copy", from.store(), to.store()});
  EXPECT_THAT(text, StartsWith(wipe + "copying 1"));
  EXPECT_THAT(text, EndsWith(wipe));
  EXPECT_THAT(screen_after(text), IsEmpty());
}

TEST(CliProgressBar, ShowsTheShareThatIsDoneWhereTheWholeIsKnown) {
  const sqlite_fixture store;
  const std::string text = written_by(on(store.store(), {"replay", sample_file()}));
  EXPECT_THAT(text, testing::MatchesRegex("(.|\n|\r)*\\[#*\\.*\\] [0-9]+/73 [0-9]+%(.|\n|\r)*"));
  EXPECT_THAT(screen_after(text), IsEmpty());
}

TEST(CliProgressBar, MakesWayForALineAboutASession) {
  const sqlite_fixture from;
  const sqlite_fixture to;
  ASSERT_EQ(from.run({"replay", sample_file()}).status, 0);
  ASSERT_EQ(from.run({"put", "rival"}, R"({"version":1,"state":{},"history":["here"]})").status, 0);
  ASSERT_EQ(to.run({"put", "rival"}, R"({"version":1,"state":{},"history":["there"]})").status, 0);
  const std::string text = written_by({"copy", from.store(), to.store()});
  EXPECT_THAT(text, HasSubstr("copying "));
  EXPECT_THAT(screen_after(text), StartsWith("atto: different: rival: "));
  EXPECT_EQ(count_lines(screen_after(text)), 1U) << text;
  EXPECT_THAT(screen_after(text), EndsWith("\n"));
}

TEST(CliProgressBar, WritesNothingIntoAFile) {
  const sqlite_fixture from;
  const sqlite_fixture to;
  ASSERT_EQ(from.run({"replay", sample_file()}).status, 0);
  EXPECT_THAT(run_atto({"copy", from.store(), to.store()}).err, IsEmpty());
}

}  // namespace
}  // namespace atto::test
