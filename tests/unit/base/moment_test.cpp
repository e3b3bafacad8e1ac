#include "base/moment.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace atto {
namespace {

using std::chrono::sys_days;
using std::chrono::system_clock;
using std::chrono::year;

constexpr sys_days year_2000 = year(2000) / 1 / 1;

TEST(Moment, CountsMicrosecondsFromItsEpoch) {
  EXPECT_EQ(moment(1'000'000), sys_days(year(1970) / 1 / 1) + std::chrono::seconds(1));
  EXPECT_EQ(moment(-1, year_2000), year_2000 - std::chrono::microseconds(1));
}

TEST(Moment, TakesTheNearestThatTheClockCanTell) {
  for (const auto epoch : {sys_days(), year_2000}) {
    const auto last = moment(std::numeric_limits<std::int64_t>::max(), epoch);
    const auto first = moment(std::numeric_limits<std::int64_t>::min(), epoch);
    EXPECT_LT(system_clock::time_point::max() - last, std::chrono::microseconds(1));
    EXPECT_LT(first - system_clock::time_point::min(), std::chrono::microseconds(1));
  }
}

}  // namespace
}  // namespace atto
