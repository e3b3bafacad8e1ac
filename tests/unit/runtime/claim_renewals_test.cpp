#include "runtime/claim_renewals.hpp"

#include <gmock/gmock.h>

namespace atto::test {
namespace {

using namespace std::chrono_literals;
using atto::detail::claim_renewals;
using atto::detail::turn_ticket_ptr;
using testing::ElementsAre;
using testing::IsEmpty;

class ClaimRenewals : public ::testing::Test {
 protected:
  turn_ticket_ptr turn() {
    auto t = std::make_shared<detail::turn_ticket>(start + 1h, false);
    t->number = ++turns;
    return t;
  }

  std::uint64_t turns = 0;
  const claim_renewals::time_point start{};
  claim_renewals renewals{30s};
};

TEST_F(ClaimRenewals, ATurnIsDueAThirdOfTheTtlAfterItStartedAndAfterEachRenewal) {
  const auto t = turn();
  renewals.on_started(t, start, start + 30s);
  EXPECT_THAT(renewals.take_due(start + 9s), IsEmpty());
  EXPECT_THAT(renewals.take_due(start + 10s), ElementsAre(t));
  EXPECT_THAT(renewals.take_due(start + 1h), IsEmpty());
  renewals.on_renewed(t, start + 10s);
  EXPECT_EQ(renewals.next(), start + 20s);
}

TEST_F(ClaimRenewals, ATurnWhoseClaimIsNearlyOverIsDueBeforeItIs) {
  const auto t = turn();
  renewals.on_started(t, start, start + 4s);
  EXPECT_EQ(renewals.next(), start + 2s);
}

TEST_F(ClaimRenewals, AShortTtlIsNotRenewedWithoutAPause) {
  claim_renewals hasty(1ms);
  const auto t = turn();
  hasty.on_renewed(t, start);
  EXPECT_EQ(hasty.next(), start + 1ms);
}

TEST_F(ClaimRenewals, ATurnThatEndedIsNeverDue) {
  const auto first = turn(), second = turn();
  renewals.on_started(first, start, start + 30s);
  renewals.on_started(second, start, start + 30s);
  renewals.remove(*first);
  EXPECT_THAT(renewals.take_due(start + 1h), ElementsAre(second));
  EXPECT_EQ(renewals.next(), claim_renewals::time_point::max());
}

}  // namespace
}  // namespace atto::test
