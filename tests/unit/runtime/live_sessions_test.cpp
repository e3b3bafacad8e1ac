// Which sessions stay in memory: scripts for the decisions alone, without store, clock or executor.

#include "runtime/live_sessions.hpp"

#include <gmock/gmock.h>

namespace atto::test {
namespace {

using namespace std::chrono_literals;
using atto::detail::live_sessions;
using atto::detail::session_actor;
using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> names(const live_sessions::passivations& gone) {
  std::vector<std::string> all;
  for (const auto& session : gone) all.push_back(session.actor->id);
  return all;
}

class LiveSessions : public ::testing::Test {
 protected:
  static snapshot of_bytes(std::size_t bytes) {
    return {1, state(), history{json('"' + std::string(bytes - 2, 'x') + '"')}};
  }

  /// A turn begins; the session is hydrated when it is not live.
  session_actor& take(const std::string& id, std::size_t bytes = 100) {
    session_actor& a = *sessions.get(id);
    sessions.on_busy(a);
    if (!a.live) a.live = of_bytes(bytes);
    sessions.on_changed(a);
    return a;
  }
  /// It ends; what had to go.
  std::vector<std::string> leave(session_actor& a) { return names(sessions.on_idle(a, now)); }
  std::vector<std::string> use(const std::string& id, std::size_t bytes = 100) { return leave(take(id, bytes)); }

  live_sessions::time_point now{};
  live_sessions sessions{{.sessions = 2, .bytes = 1000, .idle = 10s}};
};

TEST_F(LiveSessions, TheLeastRecentlyUsedGoesWhenThereAreTooMany) {
  EXPECT_THAT(use("a"), IsEmpty());
  EXPECT_THAT(use("b"), IsEmpty());
  EXPECT_THAT(use("a"), IsEmpty());
  EXPECT_THAT(use("c"), ElementsAre("b"));
  EXPECT_EQ(sessions.count(), 2U);
  EXPECT_EQ(sessions.find("b"), nullptr);
  EXPECT_NE(sessions.find("a"), nullptr);
}

TEST_F(LiveSessions, TheLeastRecentlyUsedGoWhenTheyAreTooLargeAsManyAsMust) {
  use("a", 300);
  use("b", 300);
  EXPECT_THAT(use("c", 950), ElementsAre("a", "b"));
  EXPECT_EQ(sessions.count(), 1U);
}

TEST_F(LiveSessions, ASessionThatIsTooLargeAloneGoesWhenItsTurnHasEnded) {
  session_actor& a = take("a", 2000);
  EXPECT_EQ(sessions.count(), 1U);
  EXPECT_THAT(leave(a), ElementsAre("a"));
  EXPECT_EQ(sessions.bytes(), 0U);
}

TEST_F(LiveSessions, ASessionInATurnIsNeverEvicted) {
  session_actor& a = take("a", 900);
  session_actor& b = take("b", 900);
  EXPECT_THAT(use("c", 900), ElementsAre("c"));
  EXPECT_EQ(sessions.count(), 2U);
  EXPECT_THAT(leave(a), ElementsAre("a"));
  EXPECT_THAT(leave(b), IsEmpty());
}

TEST_F(LiveSessions, ASessionInATurnIsNotPassivatedHoweverLateItIs) {
  session_actor& a = take("a");
  now += 1h;
  EXPECT_THAT(names(sessions.passivate_idle(now)), IsEmpty());
  EXPECT_THAT(names(sessions.passivate_all_idle()), IsEmpty());
  EXPECT_EQ(sessions.next_expiry(), std::nullopt);
  leave(a);
  EXPECT_EQ(sessions.next_expiry(), now + 10s);
}

TEST_F(LiveSessions, AnIdleSessionGoesWhenItsTimeHasPassedAndNotBefore) {
  use("a");
  now += 4s;
  use("b");
  EXPECT_EQ(sessions.next_expiry(), now + 6s);
  now += 6s - 1ns;
  EXPECT_THAT(names(sessions.passivate_idle(now)), IsEmpty());
  now += 1ns;
  EXPECT_THAT(names(sessions.passivate_idle(now)), ElementsAre("a"));
  EXPECT_EQ(sessions.next_expiry(), now + 4s);
}

TEST_F(LiveSessions, ATurnMakesTheTimeBeginAnew) {
  use("a");
  now += 9s;
  use("a");
  now += 9s;
  EXPECT_THAT(names(sessions.passivate_idle(now)), IsEmpty());
}

TEST_F(LiveSessions, BytesAndCountFollowEveryChangeOfASnapshot) {
  session_actor& a = take("a", 100);
  EXPECT_EQ(sessions.bytes(), a.bytes());
  EXPECT_GE(a.bytes(), 100U);
  a.live = of_bytes(500);
  sessions.on_changed(a);
  EXPECT_EQ(sessions.bytes(), a.bytes());
  EXPECT_GE(a.bytes(), 500U);
  a.live.reset();
  sessions.on_changed(a);
  EXPECT_EQ(sessions.bytes(), 0U);
  EXPECT_EQ(sessions.count(), 0U);
}

TEST_F(LiveSessions, ASessionThatIsNotLiveIsForgottenWhenItHasNoTurnLeft) {
  session_actor& a = *sessions.get("a");
  sessions.on_busy(a);
  EXPECT_THAT(leave(a), IsEmpty());
  EXPECT_EQ(sessions.find("a"), nullptr);
}

TEST_F(LiveSessions, AllIdleSessionsGoInTheOrderOfTheirLastUse) {
  use("a");
  use("b");
  use("a");
  EXPECT_THAT(names(sessions.passivate_all_idle()), ElementsAre("b", "a"));
  EXPECT_EQ(sessions.count(), 0U);
}

}  // namespace
}  // namespace atto::test
