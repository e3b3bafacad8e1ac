// What is due by when: scripts for the decisions alone, without clock or executor.

#include "runtime/due.hpp"

#include <gmock/gmock.h>

#include <chrono>
#include <cstdint>
#include <memory>

namespace atto::detail {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

struct reminder {
  explicit reminder(std::uint64_t n) : number(n) {}

  std::uint64_t number;
  due_place<reminder> place;
};

class DueList : public testing::Test {
 protected:
  using list = due_list<reminder, &reminder::place>;

  std::shared_ptr<reminder> add(std::chrono::seconds when) {
    auto item = std::make_shared<reminder>(++numbers);
    due.set(item, start + when);
    return item;
  }

  const list::time_point start{1h};
  std::uint64_t numbers = 0;
  list due;
};

TEST_F(DueList, ReturnsWhatIsDueInTheOrderOfTimeAndThenOfNumber) {
  const auto third = add(2s), first = add(1s), second = add(1s);
  EXPECT_EQ(due.next(), start + 1s);
  EXPECT_THAT(due.take_due(start + 1s - 1ns), IsEmpty());
  EXPECT_THAT(due.take_due(start + 2s), ElementsAre(first, second, third));
  EXPECT_EQ(due.size(), 0U);
}

TEST_F(DueList, AnItemThatIsSetAgainIsDueAtTheNewTimeOnly) {
  const auto item = add(1s);
  due.set(item, start + 5s);
  EXPECT_EQ(due.next(), start + 5s);
  EXPECT_EQ(due.size(), 1U);
  due.set(item, start + 2s);
  EXPECT_THAT(due.take_due(start + 2s), ElementsAre(item));
}

TEST_F(DueList, AnItemThatWasTakenOrRemovedMayBeSetAgain) {
  const auto item = add(1s);
  EXPECT_THAT(due.take_due(start + 1s), ElementsAre(item));
  due.remove(*item);
  due.set(item, start + 3s);
  due.remove(*item);
  due.remove(*item);
  EXPECT_EQ(due.next(), list::time_point::max());
  due.set(item, start + 4s);
  EXPECT_EQ(due.next(), start + 4s);
}

}  // namespace
}  // namespace atto::detail
