// A round of the chaos driver, on the store in memory: told what to do as the harness tells it.

#include "driver/commands.hpp"

#include <gtest/gtest.h>

namespace atto::test {
namespace {

class ChaosRound : public ::testing::Test {
 protected:
  stores opened_{{.where = {"memory:", "memory:"}}};
  commands told_{opened_, {}, 1, 4};
};

TEST_F(ChaosRound, CountsAndChecksWhatItsCallersDid) {
  (void)told_.obey("begin");
  (void)told_.obey("wait 400");
  (void)told_.obey("fault");
  EXPECT_TRUE(told_.obey("over 10").contains("recovered_ms"));
  const auto report = told_.obey("end 10");
  EXPECT_GT(report.at("acknowledged").to_number<std::size_t>(), 0u);
  EXPECT_GT(report.at("conflicts").to_number<std::size_t>(), 0u);
  EXPECT_EQ(report.at("violation").as_string(), "");
  EXPECT_EQ(report.at("lost_appends").to_number<std::size_t>(), 0u);
}

TEST_F(ChaosRound, EndsWhileItsLoadRests) {
  (void)told_.obey("begin");
  (void)told_.obey("wait 50");
  (void)told_.obey("still");
  EXPECT_EQ(told_.obey("end 10").at("violations").to_number<std::size_t>(), 0u);
}

TEST_F(ChaosRound, SaysWhatItCannotDo) {
  EXPECT_THROW((void)told_.obey("end 10"), std::runtime_error);
  EXPECT_THROW((void)told_.obey("nonsense"), std::runtime_error);
  EXPECT_THROW((void)told_.obey("proxy reset"), std::runtime_error);
}

TEST(ChaosReport, TakesAnAcknowledgedWriteThatIsGoneForALossAndAViolation) {
  recorded_operation o;
  o.kind = operation_kind::append;
  o.name = 1;
  o.version = o.answer = 1;
  o.returned = 1;
  o.events = {1};
  recorded_operation nothing;
  nothing.invoked = nothing.returned = 2;
  const auto id = session_id("r1", session_kind::traced, 0);
  const auto r = report_of({{id, {o}}}, {{id, {nothing}}}, {}, std::chrono::seconds(1));
  EXPECT_EQ(r.lost.appends, 1u);
  EXPECT_EQ(r.violations, 1u);
}

}  // namespace
}  // namespace atto::test
