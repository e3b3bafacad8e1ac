// Histories of a few operations, written by hand: what the checker must refuse, and what it must not.

#include "support/register_checker.hpp"
#include "tools/histories/random_history.hpp"

#include <gmock/gmock.h>

#include <utility>
#include <vector>

namespace atto::test {
namespace {

using ::testing::HasSubstr;
using kind = operation_kind;
using ending = operation_outcome;

/// When an operation was outstanding.
struct span {
  std::int64_t invoked;
  std::int64_t returned;
};

recorded_operation operation(kind k, span s) {
  recorded_operation o;
  o.kind = k;
  o.invoked = s.invoked;
  o.returned = s.returned;
  return o;
}

recorded_operation save(span s, write_name name, std::int64_t version, std::vector<write_name> before = {}) {
  auto o = operation(kind::save_newer, s);
  o.name = name;
  o.version = o.answer = version;
  o.events = std::move(before);
  o.events.push_back(name);
  return o;
}

recorded_operation save_on(span s, write_name name, std::int64_t base, std::int64_t version) {
  auto o = save(s, name, version);
  o.kind = kind::save_exact;
  o.base = base;
  return o;
}

recorded_operation append(span s, write_name name, std::int64_t base) {
  auto o = operation(kind::append, s);
  o.name = name;
  o.base = base;
  o.version = o.answer = base + 1;
  o.events = {name};
  return o;
}

recorded_operation load(span s, std::int64_t version, write_name name, std::vector<write_name> events) {
  auto o = operation(kind::load, s);
  o.version = version;
  o.name = name;
  o.events = std::move(events);
  return o;
}

recorded_operation load_absent(span s) {
  return load(s, 0, 0, {});
}

recorded_operation remove(span s, bool was_there = true) {
  auto o = operation(kind::remove, s);
  o.answer = was_there ? 1 : 0;
  return o;
}

recorded_operation refused(recorded_operation o, std::int64_t stored) {
  o.outcome = ending::refused;
  o.answer = stored;
  return o;
}

recorded_operation unknown(recorded_operation o) {
  o.outcome = ending::unknown;
  return o;
}

recorded_operation not_written(recorded_operation o) {
  o.outcome = ending::not_written;
  return o;
}

void expect_legal(const recorded_history& h) {
  const auto said = check(h);
  EXPECT_TRUE(said.legal) << said.why << "\n" << describe(h);
  EXPECT_TRUE(check(after_a_remove(h)).legal) << "when the order is searched for\n" << describe(h);
}

void expect_illegal(const recorded_history& h) {
  const auto said = check(h);
  EXPECT_FALSE(said.legal) << describe(h);
  EXPECT_NE(said.why, "");
  EXPECT_FALSE(check(after_a_remove(h)).legal) << "when the order is searched for\n" << describe(h);
}

TEST(KnownHistories, AnEmptyHistoryIsLegal) {
  expect_legal({});
}

TEST(KnownHistories, TwoWinnersOfOneVersionAreRefused) {
  expect_illegal({append({1, 2}, 1, 0), append({3, 6}, 2, 1), append({4, 5}, 3, 1)});
  expect_illegal({save({1, 4}, 1, 3), save({2, 3}, 2, 3)});
  expect_illegal({save({1, 2}, 1, 1), save_on({3, 6}, 2, 1, 2), append({4, 5}, 3, 1)});
}

TEST(KnownHistories, AStaleReadIsRefused) {
  expect_illegal({append({1, 2}, 1, 0), append({3, 4}, 2, 1), load({5, 6}, 1, 1, {1})});
}

TEST(KnownHistories, ReadsThatGoBackAreRefused) {
  expect_illegal({append({1, 2}, 1, 0), append({3, 20}, 2, 1), load({5, 6}, 2, 2, {1, 2}), load({7, 8}, 1, 1, {1})});
}

TEST(KnownHistories, ReadsBesideAWriteMaySeeItOrNot) {
  expect_legal({append({1, 2}, 1, 0), append({3, 20}, 2, 1), load({5, 6}, 1, 1, {1}), load({7, 8}, 2, 2, {1, 2})});
}

TEST(KnownHistories, ALostAcknowledgedWriteIsRefused) {
  expect_illegal({append({1, 2}, 1, 0), append({3, 4}, 2, 1), append({5, 6}, 3, 1)});
  expect_illegal({append({1, 2}, 1, 0), load_absent({3, 4})});
}

TEST(KnownHistories, AnAppendOverAGapIsRefused) {
  expect_illegal({append({1, 2}, 1, 0), append({3, 4}, 2, 2)});
}

TEST(KnownHistories, ASaveMaySkipVersions) {
  expect_legal({append({1, 2}, 1, 0), save({3, 4}, 2, 7, {1}), append({5, 6}, 3, 7), load({7, 8}, 8, 3, {1, 2, 3})});
}

TEST(KnownHistories, ASaveOfANewerVersionMayDropTurnsItNeverSaw) {
  expect_legal({save({1, 2}, 1, 1), save({3, 4}, 2, 3), save({5, 6}, 3, 4, {1}), load({7, 8}, 4, 3, {1, 3})});
}

TEST(KnownHistories, AnExactSaveOnAnotherVersionIsRefused) {
  expect_illegal({save({1, 2}, 1, 1), save({3, 4}, 2, 2), save_on({5, 6}, 3, 1, 4)});
}

TEST(KnownHistories, ATornLoadIsRefused) {
  expect_illegal({append({1, 2}, 1, 0), append({3, 4}, 2, 1), load({5, 6}, 2, 2, {1})});
  expect_illegal({append({1, 2}, 1, 0), append({3, 4}, 2, 1), load({5, 6}, 2, 1, {1, 2})});
  expect_illegal({append({1, 2}, 1, 0), save({3, 6}, 2, 2), load({4, 5}, 2, 2, {1, 2})});
  expect_illegal({append({1, 2}, 1, 0), save({3, 6}, 2, 2), append({7, 8}, 3, 2), load({9, 10}, 3, 3, {1, 3})});
}

TEST(KnownHistories, EventsOutOfOrderAreRefused) {
  expect_illegal({append({1, 2}, 1, 0), append({3, 4}, 2, 1), append({5, 6}, 3, 2), load({7, 8}, 3, 3, {2, 1, 3})});
}

TEST(KnownHistories, AnEventStoredTwiceIsRefused) {
  expect_illegal({append({1, 2}, 1, 0), append({3, 4}, 2, 1), load({5, 6}, 2, 2, {1, 2, 2})});
}

TEST(KnownHistories, AnEventOfAnotherSessionIsRefused) {
  expect_illegal({append({1, 2}, 1, 0), load({3, 4}, 1, 1, {99, 1})});
}

TEST(KnownHistories, AWriteThatWasRefusedAndIsSeenIsRefused) {
  expect_illegal({append({1, 2}, 1, 0), refused(append({3, 4}, 2, 0), 1), load({5, 6}, 1, 2, {2})});
}

TEST(KnownHistories, AWriteThatClaimedNothingWrittenAndIsSeenIsRefused) {
  expect_illegal({append({1, 2}, 1, 0), not_written(append({3, 4}, 2, 1)), load({5, 6}, 2, 2, {1, 2})});
  EXPECT_THAT(check({not_written(append({3, 4}, 2, 0)), load({5, 6}, 1, 2, {2})}).why, HasSubstr("is seen by load"));
}

TEST(KnownHistories, AWriteThatClaimedNothingWrittenAndIsNeededIsRefused) {
  expect_illegal({append({1, 2}, 1, 0), not_written(append({3, 4}, 2, 1)), append({5, 6}, 3, 2)});
  expect_illegal({append({1, 2}, 1, 0), not_written(append({3, 4}, 2, 1)), refused(append({5, 6}, 3, 1), 2)});
}

TEST(KnownHistories, AnUnknownWriteMayTakeEffectLongAfterItsReturnOrNever) {
  expect_legal({unknown(append({1, 2}, 1, 0)), load_absent({5, 6}), load({7, 8}, 1, 1, {1})});
  expect_legal({unknown(append({1, 2}, 1, 0)), load_absent({5, 6}), append({7, 8}, 2, 0)});
}

TEST(KnownHistories, AnUnknownWriteMayNotTakeEffectBeforeItsStart) {
  expect_illegal({load({1, 2}, 1, 1, {1}), unknown(append({3, 4}, 1, 0))});
}

TEST(KnownHistories, AnUnknownWriteMayNotBeSeenAndThenBeGone) {
  expect_illegal({unknown(append({1, 2}, 1, 0)), load({3, 4}, 1, 1, {1}), load_absent({5, 6})});
}

TEST(KnownHistories, OfTwoUnknownWritesOfOneVersionOnlyOneMayBeSeen) {
  expect_illegal(
      {unknown(append({1, 2}, 1, 0)), unknown(append({1, 2}, 2, 0)), load({3, 4}, 1, 1, {1}), load({3, 4}, 1, 2, {2})});
}

TEST(KnownHistories, AnUnknownWriteExplainsAVersionThatOnlyAConflictNamed) {
  expect_legal({unknown(append({1, 2}, 1, 0)), refused(append({3, 4}, 2, 0), 1)});
  expect_illegal({unknown(append({1, 2}, 1, 0)), refused(append({3, 4}, 2, 0), 2)});
}

TEST(KnownHistories, AnUnknownWriteThatCameTooLateDoesNotHideOneThatCameInTime) {
  expect_legal({unknown(append({8, 9}, 1, 0)), unknown(append({1, 2}, 2, 0)), append({5, 7}, 3, 1)});
}

TEST(KnownHistories, AConflictWithNobodyIsRefused) {
  expect_illegal({append({1, 2}, 1, 0), refused(append({3, 4}, 2, 1), 1)});
  expect_illegal({save({1, 2}, 1, 4), refused(save({3, 4}, 2, 5), 4)});
  expect_illegal({refused(append({3, 4}, 2, 0), 0)});
}

TEST(KnownHistories, AConflictWithALaterWriteIsRefused) {
  expect_illegal({append({1, 2}, 1, 0), refused(append({3, 4}, 2, 1), 2), append({5, 6}, 3, 1)});
}

TEST(KnownHistories, AConflictThatNamesNoStoredVersionIsRefused) {
  expect_illegal({append({1, 2}, 1, 0), refused(append({3, 4}, 2, 0), -1)});
}

TEST(KnownHistories, AConflictMayNameALaterVersionThanTheOneThatRefusedIt) {
  expect_legal({append({1, 2}, 1, 0), refused(append({3, 8}, 2, 0), 2), append({5, 6}, 3, 1)});
  // Its guard failed on version 1; when it looked, version 2 was there, on which it would have held.
  expect_legal({append({1, 2}, 1, 0), refused(append({3, 8}, 2, 2), 2), append({5, 6}, 3, 1)});
}

TEST(KnownHistories, AConflictMayNotNameAVersionThatWasGoneBefore) {
  expect_illegal({append({1, 2}, 1, 0), append({3, 4}, 2, 1), refused(append({5, 6}, 3, 0), 1)});
  // Version 2, on which its guard holds, was there all the time.
  expect_illegal({append({1, 2}, 1, 0), append({3, 4}, 2, 1), refused(append({5, 6}, 3, 2), 2)});
}

TEST(KnownHistories, AnAppendAcknowledgedWithAnotherVersionIsRefused) {
  auto wrong = append({3, 4}, 2, 1);
  wrong.answer = 3;
  expect_illegal({append({1, 2}, 1, 0), wrong});
}

TEST(KnownHistories, ASessionMayStartAgainAfterItsRemove) {
  expect_legal({append({1, 2}, 1, 0), append({3, 4}, 2, 1), remove({5, 6}), load_absent({7, 8}), append({9, 10}, 3, 0),
                load({11, 12}, 1, 3, {3})});
}

TEST(KnownHistories, AnEventThatOutlivesItsRemoveIsRefused) {
  expect_illegal({append({1, 2}, 1, 0), remove({3, 4}), append({5, 6}, 2, 0), load({7, 8}, 1, 2, {1, 2})});
}

TEST(KnownHistories, ASessionThatOutlivesItsRemoveIsRefused) {
  expect_illegal({append({1, 2}, 1, 0), remove({3, 4}), load({5, 6}, 1, 1, {1})});
  expect_illegal({append({1, 2}, 1, 0), remove({3, 4}, false)});
}

TEST(KnownHistories, TwoRemovesOfOneSessionAreRefused) {
  expect_illegal({append({1, 2}, 1, 0), remove({3, 6}), remove({4, 5})});
}

TEST(KnownHistories, AnUnknownRemoveMayTakeEffectLate) {
  expect_legal({append({1, 2}, 1, 0), unknown(remove({3, 4})), load({5, 6}, 1, 1, {1}), load_absent({7, 8})});
}

TEST(KnownHistories, TheExplanationNamesTheOperationsThatContradict) {
  const auto said = check({append({1, 2}, 1, 0), append({3, 4}, 2, 1), load({5, 6}, 1, 1, {1})});
  EXPECT_THAT(said.why, HasSubstr("append 2 on version 1 by caller 0 in [3, 4], done: version 2 had returned before "
                                  "load by caller 0 in [5, 6], read: version 1, state of 1, events of [1] started"));
}

}  // namespace
}  // namespace atto::test
