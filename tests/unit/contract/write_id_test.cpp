#include "contract/write_id.hpp"

#include <gtest/gtest.h>

#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace atto {
namespace {

std::vector<std::string> make_ids(int count) {
  std::vector<std::string> ids;
  for (int i = 0; i < count; ++i) ids.push_back(make_write_id());
  return ids;
}

TEST(WriteId, IsSixteenBytesThatNoOtherThreadGets) {
  std::vector<std::string> theirs;
  std::thread other([&] { theirs = make_ids(100); });
  const auto ours = make_ids(100);
  other.join();
  std::set<std::string> all(ours.begin(), ours.end());
  all.insert(theirs.begin(), theirs.end());
  EXPECT_EQ(all.size(), 200U);
  for (const std::string& id : all) EXPECT_EQ(id.size(), 16U);
}

/// The id that a child process gets first.
std::string id_of_a_child() {
  std::array<int, 2> ends{};
  if (::pipe(ends.data()) != 0) return {};
  const pid_t child = ::fork();
  if (child == 0) {
    const std::string id = make_write_id();
    ::_exit(::write(ends[1], id.data(), id.size()) == 16 ? 0 : 1);
  }
  std::array<char, 16> id{};
  const bool read = ::read(ends[0], id.data(), id.size()) == 16;
  ::close(ends[0]);
  ::close(ends[1]);
  ::waitpid(child, nullptr, 0);
  return read ? std::string(id.data(), id.size()) : std::string();
}

TEST(WriteId, OfAChildProcessIsNotTheNextOneOfItsParent) {
  const std::string first = make_write_id();
  const std::string childs = id_of_a_child();
  const auto ours = make_ids(20);
  EXPECT_EQ(childs.size(), 16U);
  EXPECT_EQ(std::set<std::string>(ours.begin(), ours.end()).count(childs), 0U);
}

}  // namespace
}  // namespace atto
