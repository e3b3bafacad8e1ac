// What a client that is killed leaves behind, cut off at any byte.

#include "driver/journal.hpp"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <sstream>
#include <string>

namespace atto::test {
namespace {

class ChaosJournal : public ::testing::Test {
 protected:
  ChaosJournal() : file_(::memfd_create("journal", 0)), journal_(file_) {}
  ~ChaosJournal() override { ::close(file_); }

  std::string text() const {
    std::string all(static_cast<std::size_t>(::lseek(file_, 0, SEEK_END)), '\0');
    EXPECT_EQ(::pread(file_, all.data(), all.size(), 0), static_cast<ssize_t>(all.size()));
    return all;
  }

  int file_;
  journal journal_;
};

recorded_operation append(std::size_t caller, write_name name, std::vector<write_name> events) {
  recorded_operation o;
  o.kind = operation_kind::append;
  o.caller = caller;
  o.name = name;
  o.version = 1;
  o.invoked = 10 * name;
  o.events = std::move(events);
  return o;
}

histories_by_id read(const std::string& text) {
  std::istringstream in(text);
  return read_journal(in);
}

TEST_F(ChaosJournal, TellsAnOperationAsItEnded) {
  auto o = append(3, 7, {7, 7});
  journal_.started("a/mixed/1", o);
  o.outcome = operation_outcome::refused;
  o.answer = -1;
  o.returned = 99;
  journal_.ended("a/mixed/1", o);
  const auto told = read(text()).at("a/mixed/1");
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(describe(told[0]), describe(o));
  EXPECT_EQ(told[0].events, o.events);
}

TEST_F(ChaosJournal, HoldsWhatDidNotEndToBeInDoubt) {
  journal_.started("a", append(1, 7, {7}));
  journal_.started("a", append(2, 8, {8}));
  journal_.ended("a", append(2, 8, {8}));
  const auto told = read(text()).at("a");
  ASSERT_EQ(told.size(), 2u);
  EXPECT_EQ(told[0].outcome, operation_outcome::done);
  EXPECT_EQ(told[1].outcome, operation_outcome::unknown);
  EXPECT_EQ(told[1].name, 7);
}

TEST_F(ChaosJournal, TakesNoLineThatIsNotWhole) {
  journal_.started("a", append(1, 7, {7}));
  const auto start = text().size();
  journal_.ended("a", append(1, 7, {7}));
  const auto whole = text();
  for (auto length = start; length + 1 < whole.size(); ++length) {
    const auto told = read(whole.substr(0, length)).at("a");
    ASSERT_EQ(told.size(), 1u) << length;
    EXPECT_EQ(told[0].outcome, operation_outcome::unknown) << length;
  }
  EXPECT_EQ(read(whole).at("a")[0].outcome, operation_outcome::done);
  for (std::size_t length = 0; length + 1 < start; ++length) EXPECT_TRUE(read(whole.substr(0, length)).empty());
}

}  // namespace
}  // namespace atto::test
