// Which turns are late: scripts for the decisions alone, without clock or executor.

#include "runtime/turns_under_way.hpp"

#include <gmock/gmock.h>

#include <chrono>
#include <memory>

namespace atto::detail {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

class TurnsUnderWay : public testing::Test {
 protected:
  turn_ticket_ptr add(std::chrono::seconds deadline) {
    auto t = std::make_shared<turn_ticket>(start + deadline, false);
    turns.add(t);
    return t;
  }

  turns_under_way::time_point start{1h};
  turns_under_way turns;
};

TEST_F(TurnsUnderWay, AreLateFromTheirDeadlineOnInThatOrder) {
  const auto second = add(2s), first = add(1s), third = add(3s);
  EXPECT_EQ(turns.next_deadline(), start + 1s);
  EXPECT_THAT(turns.late(start + 1s - 1ns), IsEmpty());
  EXPECT_THAT(turns.late(start + 2s), ElementsAre(first, second));
  EXPECT_EQ(turns.next_deadline(), start + 3s);
  EXPECT_EQ(turns.count(), 3U);
}

TEST_F(TurnsUnderWay, OfOneDeadlineAreLateInTheOrderOfTheirArrival) {
  const auto first = add(1s), second = add(1s);
  EXPECT_THAT(turns.late(start + 1s), ElementsAre(first, second));
}

TEST_F(TurnsUnderWay, ThatAreBeingStoredAreNotLate) {
  const auto t = add(1s);
  t->at = turn_ticket::stage::storing;
  EXPECT_THAT(turns.late(start + 1s), IsEmpty());
  EXPECT_EQ(turns.next_deadline(), turns_under_way::time_point::max());
  EXPECT_EQ(turns.count(), 1U);
}

TEST_F(TurnsUnderWay, ThatLostTheirRaceWhileTheyWereBeingStoredAreLateThen) {
  const auto t = add(1s);
  t->at = turn_ticket::stage::storing;
  EXPECT_THAT(turns.late(start + 2s), IsEmpty());
  t->at = turn_ticket::stage::hydrating;
  turns.on_back(*t);
  EXPECT_THAT(turns.late(start + 2s), ElementsAre(t));
}

TEST_F(TurnsUnderWay, ThatEndedAreForgotten) {
  const auto gone = add(1s), left = add(2s);
  turns.remove(*gone);
  EXPECT_EQ(turns.next_deadline(), start + 2s);
  EXPECT_THAT(turns.late(start + 3s), ElementsAre(left));
  turns.remove(*left);
  EXPECT_EQ(turns.count(), 0U);
  EXPECT_EQ(turns.next_deadline(), turns_under_way::time_point::max());
}

}  // namespace
}  // namespace atto::detail
