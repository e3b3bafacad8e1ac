// What the read-back counts as lost, and which writes in doubt it can tell the fate of.

#include "driver/audit.hpp"
#include "driver/session_line.hpp"

#include <gtest/gtest.h>

namespace atto::test {
namespace {

recorded_operation write(operation_kind what, write_name name, std::int64_t base, operation_outcome outcome) {
  recorded_operation o;
  o.kind = what;
  o.name = name;
  o.base = base;
  o.version = base + 1;
  o.outcome = outcome;
  o.answer = outcome == operation_outcome::done ? o.version : 0;
  o.events = {name};
  return o;
}

recorded_operation append(write_name name, std::int64_t base, operation_outcome outcome = operation_outcome::done) {
  return write(operation_kind::append, name, base, outcome);
}

recorded_operation load(std::int64_t version, std::vector<write_name> events) {
  recorded_operation o;
  o.version = version;
  o.name = events.empty() ? 0 : events.back();
  o.events = std::move(events);
  return o;
}

const auto traced = session_id("r1", session_kind::traced, 0);
const auto mixed = session_id("r1", session_kind::mixed, 0);
const auto removed = session_id("r1", session_kind::removed, 0);

TEST(ChaosAudit, FindsNothingLostWhereEverythingIsThere) {
  const auto lost = losses_of({{traced, {append(1, 0), append(2, 1)}}}, {{traced, {load(2, {1, 2})}}});
  EXPECT_EQ(lost.all(), 0u);
  EXPECT_EQ(lost.first, "");
}

TEST(ChaosAudit, CountsAcknowledgedAppendsThatLaterOnesReplaced) {
  const histories_by_id all{{traced, {append(1, 0), append(2, 1), append(3, 2), append(7, 1), append(8, 2)}}};
  const auto lost = losses_of(all, {{traced, {load(3, {1, 7, 8})}}});
  EXPECT_EQ(lost.appends, 2u);
  EXPECT_NE(lost.first.find("append 2"), std::string::npos) << lost.first;
}

TEST(ChaosAudit, CountsAcknowledgedVersionsAboveTheStoredOne) {
  const histories_by_id all{{mixed, {append(1, 0), append(2, 1), append(3, 2)}}};
  EXPECT_EQ(losses_of(all, {{mixed, {load(1, {1})}}}).versions, 2u);
  EXPECT_EQ(losses_of(all, {{mixed, {load(0, {})}}}).versions, 3u);
}

TEST(ChaosAudit, CountsOnlyWhatWasAcknowledged) {
  const histories_by_id all{{traced, {append(1, 0, operation_outcome::unknown)}},
                            {mixed, {append(2, 0, operation_outcome::refused)}}};
  EXPECT_EQ(losses_of(all, {{traced, {load(0, {})}}, {mixed, {load(0, {})}}}).all(), 0u);
}

TEST(ChaosAudit, LeavesSessionsThatAreRemovedToTheChecker) {
  EXPECT_EQ(losses_of({{removed, {append(1, 0)}}}, {{removed, {load(0, {})}}}).all(), 0u);
}

TEST(ChaosAudit, TellsTheFateOfAWriteInDoubtByWhatOthersSaw) {
  const auto in_doubt = append(5, 2, operation_outcome::unknown);
  EXPECT_EQ(resolved({in_doubt}), 0u);
  EXPECT_EQ(resolved({in_doubt, load(2, {1, 2})}), 0u);
  EXPECT_EQ(resolved({in_doubt, load(3, {1, 2, 5})}), 1u);
  EXPECT_EQ(resolved({in_doubt, append(6, 2)}), 1u);
}

}  // namespace
}  // namespace atto::test
