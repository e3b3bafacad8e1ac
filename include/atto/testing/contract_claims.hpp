#pragma once

#include <atto/message_id.hpp>
#include <atto/testing/contract_fixture.hpp>
#include <atto/testing/contract_races.hpp>

#include <boost/asio/use_future.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// Rules: one owner at a time holds a session, and whoever has lost it writes no more.
namespace atto::testing {

/// Longer than any test.
inline constexpr std::chrono::milliseconds alive = std::chrono::hours(1);
/// A claim of this length has expired as soon as it is made.
inline constexpr std::chrono::milliseconds expired{0};

/// Checks that another owner holds the session, and what it gave as its address.
template <class T>
void expect_owned_elsewhere(const outcome<T>& o, std::string_view address) {
  EXPECT_EQ(o.code, errc::owned_elsewhere) << o.diag.message();
  EXPECT_EQ(o.diag.owner_address(), address);
  EXPECT_NE(o.diag.message(), "");
}

template <class T>
void expect_claim_lost(const outcome<T>& o) {
  EXPECT_EQ(o.code, errc::claim_lost) << o.diag.message();
  EXPECT_NE(o.diag.message(), "");
}

/// No write under `epoch` is let through, whatever its version.
inline void expect_epoch_refused(blocking_store store, std::string_view id, std::int64_t epoch, std::int64_t version) {
  const save_options exact{.guard = guard::exact, .base = version, .epoch = epoch};
  expect_claim_lost(attempt([&] { return store.append(id, version, {}, {.epoch = epoch}); }));
  expect_claim_lost(attempt([&] { return store.save(id, numbered_snapshot(version + 1), {.epoch = epoch}); }));
  expect_claim_lost(attempt([&] { return store.save(id, numbered_snapshot(version + 1), exact); }));
  expect_claim_lost(attempt([&] { return store.remove(id, {.epoch = epoch}); }));
  expect_claim_lost(attempt([&] { store.renew(id, epoch, alive); }));
  EXPECT_FALSE(store.release(id, epoch));
}

TEST_P(StoreClaimsContract, AClaimGivesTheSessionAsALoadWould) {
  db().append("s", 0, numbered_turn(0, 0, 3));
  db().append("s", 1, numbered_turn(1, 3, 2));
  const claimed_session whole = db(1).claim("s", "a");
  EXPECT_GE(whole.epoch, 1);
  EXPECT_EQ(whole.snap, db().load("s"));
  const claimed_session end = db(1).claim("s", "a", {.last = 3});
  EXPECT_EQ(end.snap, db().load("s", {.last = 3}));
  EXPECT_EQ(end.snap->events_before, 2);
  expect_stored("s", numbered_snapshot(2, 5));
}

TEST_P(StoreClaimsContract, AClaimedSessionThatWasNeverWrittenIsAbsent) {
  const claimed_session claimed = db().claim("s", "a", {.address = "here", .ttl = alive});
  EXPECT_FALSE(claimed.snap.has_value());
  expect_absent("s");
  EXPECT_FALSE(db().load("s", {.last = 1}).has_value());
  EXPECT_TRUE(db().list().empty());
  EXPECT_FALSE(db().remove("s"));
  EXPECT_FALSE(db().remove("s", {.base = 3}));
  EXPECT_FALSE(db().remove("s", {.epoch = claimed.epoch}));
  expect_conflict(attempt([&] { return db().append("s", 3, numbered_turn(3, 0)); }), 0, 3);
  const save_options on_three{.guard = guard::exact, .base = 3};
  expect_conflict(attempt([&] { return db().save("s", numbered_snapshot(4), on_three); }), 0, 3);
  EXPECT_FALSE(db(1).claim("s", "a", {.last = 1}).snap.has_value());
}

TEST_P(StoreClaimsContract, AnotherOwnerIsToldWhereASessionIsHeld) {
  db().save("written", numbered_snapshot(3));
  for (const char* id : {"written", "absent"}) {
    db(0).claim(id, "a", {.address = "node-a:7000", .ttl = alive});
    expect_owned_elsewhere(attempt([&] { return db(1).claim(id, "b", {.ttl = alive}); }), "node-a:7000");
    db(0).claim(id, "a", {.ttl = alive});
    expect_owned_elsewhere(attempt([&] { return db(1).claim(id, "b", {.ttl = alive}); }), "");
  }
}

TEST_P(StoreClaimsContract, ItsOwnerMayClaimASessionAgainWhichEndsTheClaimBefore) {
  db().save("s", numbered_snapshot(3));
  const std::int64_t first = db().claim("s", "a", {.ttl = alive}).epoch;
  const std::int64_t second = db(1).claim("s", "a", {.ttl = alive}).epoch;
  EXPECT_GT(second, first);
  expect_epoch_refused(db(), "s", first, 3);
  EXPECT_EQ(db().append("s", 3, {}, {.epoch = second}), 4);
}

TEST_P(StoreClaimsContract, AnExpiredClaimIsTakenOverAndItsOwnerWritesNoMore) {
  db().save("s", numbered_snapshot(3));
  const std::int64_t zombie = db(0).claim("s", "a", {.ttl = expired}).epoch;
  const claimed_session taken = db(1).claim("s", "b", {.address = "there", .ttl = alive});
  EXPECT_GT(taken.epoch, zombie);
  EXPECT_EQ(taken.snap, numbered_snapshot(3));
  expect_epoch_refused(db(0), "s", zombie, 3);
  expect_stored("s", numbered_snapshot(3));
  expect_owned_elsewhere(attempt([&] { return db(0).claim("s", "a"); }), "there");
  EXPECT_EQ(db(1).append("s", 3, numbered_turn(3, 1), {.epoch = taken.epoch}), 4);
}

TEST_P(StoreClaimsContract, AnExpiredClaimOfAnAbsentSessionIsTakenOver) {
  const std::int64_t zombie = db(0).claim("s", "a", {.ttl = expired}).epoch;
  const claimed_session taken = db(1).claim("s", "b", {.ttl = alive});
  EXPECT_GT(taken.epoch, zombie);
  EXPECT_FALSE(taken.snap.has_value());
  expect_epoch_refused(db(0), "s", zombie, 0);
  expect_absent("s");
  EXPECT_EQ(db(1).append("s", 0, numbered_turn(0, 0), {.epoch = taken.epoch}), 1);
}

TEST_P(StoreClaimsContract, AnExpiredClaimThatNobodyTookStillWrites) {
  const std::int64_t epoch = db().claim("s", "a", {.ttl = expired}).epoch;
  EXPECT_EQ(db().append("s", 0, numbered_turn(0, 0), {.epoch = epoch, .ttl = expired}), 1);
  EXPECT_EQ(db().save("s", numbered_snapshot(2, 2), {.epoch = epoch}), 2);
  db().renew("s", epoch, alive);
  expect_owned_elsewhere(attempt([&] { return db(1).claim("s", "b"); }), "");
}

TEST_P(StoreClaimsContract, AnAppendRenewsTheClaimItIsMadeUnder) {
  const std::int64_t epoch = db().claim("s", "a", {.address = "here", .ttl = expired}).epoch;
  db().append("s", 0, numbered_turn(0, 0), {.epoch = epoch, .ttl = alive});
  expect_owned_elsewhere(attempt([&] { return db(1).claim("s", "b"); }), "here");
  db().append("s", 1, numbered_turn(1, 1), {.epoch = epoch, .ttl = expired});
  const claimed_session taken = db(1).claim("s", "b", {.ttl = expired});
  EXPECT_EQ(taken.snap, numbered_snapshot(2, 2));
  db().append("s", 2, numbered_turn(2, 2));  // without a claim it renews none
  EXPECT_GT(db().claim("s", "a").epoch, taken.epoch);
}

TEST_P(StoreClaimsContract, ARenewedClaimLivesAndItsTimeCanEndAtOnce) {
  const std::int64_t epoch = db().claim("s", "a", {.address = "here", .ttl = expired}).epoch;
  db().renew("s", epoch, alive);
  expect_owned_elsewhere(attempt([&] { return db(1).claim("s", "b"); }), "here");
  db().renew("s", epoch, expired);
  EXPECT_GT(db(1).claim("s", "b", {.ttl = alive}).epoch, epoch);
  expect_claim_lost(attempt([&] { db().renew("s", epoch, alive); }));
  expect_claim_lost(attempt([&] { db().renew("nobody's", epoch, alive); }));
}

TEST_P(StoreClaimsContract, AReleasedClaimIsFreeAtOnceAndNothingIsWrittenUnderIt) {
  for (const std::int64_t version : {std::int64_t{0}, std::int64_t{3}}) {
    const std::string id = "s" + std::to_string(version);
    if (version > 0) db().save(id, numbered_snapshot(version));
    const std::int64_t epoch = db().claim(id, "a", {.ttl = alive}).epoch;
    EXPECT_FALSE(db().release(id, epoch + 1));
    expect_owned_elsewhere(attempt([&] { return db(1).claim(id, "b"); }), "");
    EXPECT_TRUE(db().release(id, epoch));
    expect_epoch_refused(db(), id, epoch, version);
    EXPECT_GT(db(1).claim(id, "b", {.ttl = alive}).epoch, epoch);
    EXPECT_FALSE(db().release(id, epoch));
    expect_owned_elsewhere(attempt([&] { return db().claim(id, "a"); }), "");
  }
  EXPECT_FALSE(db().release("nobody's", 1));
}

TEST_P(StoreClaimsContract, AFirstWriteOfAnyKindCanBeMadeUnderAClaim) {
  const std::int64_t a = db().claim("append", "a").epoch;
  EXPECT_EQ(db().append("append", 0, numbered_turn(0, 0, 2), {.epoch = a}), 1);
  expect_stored("append", numbered_snapshot(1, 2));
  const std::int64_t n = db().claim("newer", "a").epoch;
  EXPECT_EQ(db().save("newer", numbered_snapshot(5, 2), {.epoch = n}), 5);
  expect_stored("newer", numbered_snapshot(5, 2));
  const std::int64_t e = db().claim("exact", "a").epoch;
  EXPECT_EQ(db().save("exact", numbered_snapshot(5, 2), {.guard = guard::exact, .epoch = e}), 5);
  expect_stored("exact", numbered_snapshot(5, 2));
  EXPECT_EQ(db().list().size(), 3U);
  const std::vector<std::pair<std::string, std::int64_t>> held = {{"append", a}, {"newer", n}, {"exact", e}};
  for (const auto& [id, epoch] : held) {
    const std::int64_t version = db().load(id)->version;
    EXPECT_EQ(db().append(id, version, numbered_turn(version, 2), {.epoch = epoch}), version + 1);
    expect_stored(id, numbered_snapshot(version + 1, 3));
  }
}

TEST_P(StoreClaimsContract, AWriterWithoutAClaimIsLetThroughByItsGuardAlone) {
  for (const char* id : {"append", "newer", "exact"}) db().claim(id, "a", {.address = "here", .ttl = alive});
  EXPECT_EQ(db(1).append("append", 0, numbered_turn(0, 0, 2)), 1);
  EXPECT_EQ(db(1).save("newer", numbered_snapshot(1, 2)), 1);
  EXPECT_EQ(db(1).save("exact", numbered_snapshot(1, 2), {.guard = guard::exact}), 1);
  for (const char* id : {"append", "newer", "exact"}) {
    expect_stored(id, numbered_snapshot(1, 2));
    EXPECT_EQ(db(1).append(id, 1, numbered_turn(1, 2)), 2);
    expect_owned_elsewhere(attempt([&] { return db(1).claim(id, "b"); }), "here");
    const claimed_session again = db().claim(id, "a");
    EXPECT_EQ(again.snap, numbered_snapshot(2, 3));
    expect_conflict(attempt([&] { return db(1).append(id, 1, {}); }), 2, 1);
    EXPECT_TRUE(db(1).remove(id, {.base = 2}));
  }
}

TEST_P(StoreClaimsContract, UnderAClaimTheGuardsHoldAllTheSame) {
  db().save("s", numbered_snapshot(4));
  const std::int64_t epoch = db().claim("s", "a").epoch;
  const save_options exact{.guard = guard::exact, .base = 3, .epoch = epoch};
  expect_conflict(attempt([&] { return db().append("s", 3, {}, {.epoch = epoch}); }), 4, 3);
  expect_conflict(attempt([&] { return db().append("s", 0, {}, {.epoch = epoch}); }), 4, 0);
  expect_conflict(attempt([&] { return db().save("s", numbered_snapshot(4), {.epoch = epoch}); }), 4, 4);
  expect_conflict(attempt([&] { return db().save("s", numbered_snapshot(9), exact); }), 4, 3);
  expect_conflict(attempt([&] { return db().remove("s", {.base = 3, .epoch = epoch}); }), 4, 3);
  expect_stored("s", numbered_snapshot(4));
  EXPECT_TRUE(db().remove("s", {.base = 4, .epoch = epoch}));
  expect_absent("s");
}

TEST_P(StoreClaimsContract, UnderAClaimTheSizeLimitHoldsAllTheSame) {
  use_limits({.max_session_bytes = 1'000});
  const json large = json::string(std::string(600, 'x'));
  const std::int64_t epoch = db().claim("s", "a").epoch;
  db().append("s", 0, {{}, {large}}, {.epoch = epoch});
  EXPECT_EQ(attempt([&] { return db().append("s", 1, {{}, {large}}, {.epoch = epoch}); }).code, errc::too_large);
  EXPECT_EQ(db().append("s", 1, {{}, {json("1")}}, {.epoch = epoch}), 2);
}

TEST_P(StoreClaimsContract, AnEpochNeverComesAgainWhateverBecameOfTheSession) {
  std::int64_t last = 0;
  const auto claim = [&] {
    const std::int64_t epoch = db().claim("s", "a", {.ttl = expired}).epoch;
    EXPECT_GT(epoch, std::exchange(last, epoch));
    return epoch;
  };
  const std::int64_t first = claim();
  db().append("s", 0, {}, {.epoch = first, .ttl = expired});
  EXPECT_TRUE(db().remove("s", {.epoch = first}));
  expect_epoch_refused(db(), "s", first, 0);
  claim();
  EXPECT_EQ(db().sweep(), 1);
  const std::int64_t swept = claim();
  EXPECT_GT(swept, first);
  db().save("s", numbered_snapshot(7));
  EXPECT_TRUE(db().remove("s"));
  claim();
  expect_epoch_refused(db(), "s", first, 0);
  expect_epoch_refused(db(), "s", swept, 0);
}

TEST_P(StoreClaimsContract, ARemoveEndsTheClaimWithTheSession) {
  db().save("s", numbered_snapshot(3));
  const std::int64_t epoch = db(0).claim("s", "a", {.ttl = alive}).epoch;
  EXPECT_TRUE(db(1).remove("s"));
  expect_epoch_refused(db(0), "s", epoch, 0);
  EXPECT_GT(db(1).claim("s", "b").epoch, epoch);
}

TEST_P(StoreClaimsContract, ATurnOfAMessageIsStoredUnderAClaimAsWell) {
  if (!GetParam().has_message_ids) return;  // then a write with one is refused: see contract_features.hpp
  const auto named = [](const char* text) { return message_id(text); };
  const std::int64_t a = db().claim("append", "a").epoch;
  db().append("append", 0, numbered_turn(0, 0), {.epoch = a, .message_id = named("0")});
  db().append("append", 1, numbered_turn(1, 1), {.epoch = a, .message_id = named("1")});
  EXPECT_EQ(db().find_turn("append", named("0")), turn_record(1, numbered_events(0, 1)));
  EXPECT_EQ(db().find_turn("append", named("1")), turn_record(2, numbered_events(1, 1)));
  const std::int64_t s = db().claim("save", "a").epoch;
  db().save("save", numbered_snapshot(1, 2), {.epoch = s, .message_id = named("0"), .turn_events = 1});
  const save_options exact{.guard = guard::exact, .base = 1, .epoch = s, .message_id = named("1"), .turn_events = 2};
  db().save("save", numbered_snapshot(7, 4), exact);
  EXPECT_EQ(db().find_turn("save", named("0")), turn_record(1, numbered_events(1, 1)));
  EXPECT_EQ(db().find_turn("save", named("1")), turn_record(7, numbered_events(2, 2)));
  expect_stored("save", numbered_snapshot(7, 4));
  expect_claim_lost(attempt([&] { return db().append("save", 7, {}, {.epoch = s + 1, .message_id = named("2")}); }));
  EXPECT_FALSE(db().find_turn("save", named("2")).has_value());
}

TEST_P(StoreClaimsContract, ASessionIsCreatedByItsFirstWriteNotByItsClaim) {
  for (int i = 0; i < 3; ++i) db().claim("s" + std::to_string(i), "a");
  db().append("s0", 0, {}, {.epoch = db().claim("s0", "a").epoch});
  db().save("s1", numbered_snapshot(1), {.epoch = db().claim("s1", "a").epoch});
  db().save("s2", numbered_snapshot(1));
  const auto page = db().list();
  ASSERT_EQ(page.size(), 3U);
  for (const auto& info : page) EXPECT_EQ(info.created, info.updated) << info.id;
}

TEST_P(StoreClaimsContract, ASweepFreesDeadClaimsOfAbsentSessionsAndNothingElse) {
  const std::int64_t live = db().claim("live", "a", {.ttl = alive}).epoch;
  db().claim("dead", "a", {.ttl = expired});
  db().release("released", db().claim("released", "a", {.ttl = alive}).epoch);
  db().save("written", numbered_snapshot(3));
  const std::int64_t written = db().claim("written", "a", {.ttl = expired}).epoch;
  EXPECT_EQ(db(1).sweep(), 2);
  EXPECT_EQ(db(1).sweep(), 0);
  EXPECT_EQ(db().append("live", 0, numbered_turn(0, 0), {.epoch = live}), 1);
  EXPECT_EQ(db().append("written", 3, numbered_turn(3, 1), {.epoch = written}), 4);
}

TEST_P(StoreClaimsContract, ArgumentsOfClaimsThatAreOutOfTheirRangeAreRefused) {
  const auto expect_invalid = [](const auto& o) {
    EXPECT_EQ(o.code, errc::invalid_argument);
    EXPECT_NE(o.diag.message(), "");
  };
  const std::string longest(512, 'x');
  const auto claim = [&](const std::string& owner, const claim_options& o) {
    return attempt([&] { return db().claim("s", owner, o); });
  };
  EXPECT_FALSE(claim(longest, {.address = longest, .ttl = std::chrono::hours(24)}).code);
  EXPECT_FALSE(claim(longest, {.ttl = expired}).code);
  for (const std::string& bad : {longest + "x", std::string("a\0b", 3), std::string("\xFF")}) {
    expect_invalid(claim(bad, {}));
    expect_invalid(claim("a", {.address = bad}));
  }
  expect_invalid(claim("", {}));
  for (const auto ttl : {std::chrono::milliseconds(-1), std::chrono::milliseconds(std::chrono::hours(24)) + alive}) {
    expect_invalid(claim("a", {.ttl = ttl}));
    expect_invalid(attempt([&] { db().renew("s", 1, ttl); }));
    expect_invalid(attempt([&] { return db().append("s", 0, {}, {.epoch = 1, .ttl = ttl}); }));
  }
  for (const std::int64_t epoch : {std::int64_t{0}, std::int64_t{-1}}) {
    expect_invalid(attempt([&] { db().renew("s", epoch, alive); }));
    expect_invalid(attempt([&] { return db().release("s", epoch); }));
    expect_invalid(attempt([&] { return db().append("s", 0, {}, {.epoch = epoch}); }));
    expect_invalid(attempt([&] { return db().save("s", numbered_snapshot(1), {.epoch = epoch}); }));
    expect_invalid(attempt([&] { return db().remove("s", {.epoch = epoch}); }));
  }
  EXPECT_EQ(attempt([&] { return db().claim("", "a"); }).code, errc::invalid_session_id);
  EXPECT_EQ(attempt([&] { db().renew("", 1, alive); }).code, errc::invalid_session_id);
  EXPECT_EQ(attempt([&] { return db().release("", 1); }).code, errc::invalid_session_id);
  expect_absent("s");
}

TEST_P(StoreClaimsContract, ADeferredClaimTakesItsArgumentsAtTheCall) {
  std::string id = "s", owner = "a", address = "here";
  auto claim = handle().async_claim(id, owner, {.address = address, .ttl = alive});
  id = owner = address = "else";
  EXPECT_GE(std::move(claim)(boost::asio::use_future).get().epoch, 1);
  expect_owned_elsewhere(attempt([&] { return db().claim("s", "b"); }), "here");
  EXPECT_GE(db().claim("s", "a").epoch, 1);
}

TEST_P(StoreClaimsContract, OfRacingOwnersExactlyOneIsGivenTheSession) {
  for (std::size_t i = 0; i < handle_count(); ++i) handle(i);
  for (int round = 0; round < 4; ++round) {
    const std::string id = "s" + std::to_string(round);
    if (round % 2 == 0) db().save(id, numbered_snapshot(3));
    std::atomic<int> given{0};
    run_threads(race_writers, [&](std::size_t i) {
      const std::string owner = "owner " + std::to_string(i);
      const auto o = attempt([&] {
        return blocking_store(handle(i % handle_count())).claim(id, owner, {.address = "there", .ttl = alive});
      });
      if (!o.code) ++given;
      if (o.code) expect_owned_elsewhere(o, "there");
    });
    EXPECT_EQ(given, 1) << id;
  }
}

/// An owner's turns: takes the session over, whoever has it, and appends what comes next.
inline void take_turns(blocking_store& store, const std::string& owner, int turns) {
  for (int i = 0; i < turns; ++i) {
    const claimed_session held = store.claim("s", owner, {.ttl = expired});
    const std::int64_t base = held.snap ? held.snap->version : 0;
    if (held.snap) {
      EXPECT_EQ(*held.snap, numbered_snapshot(base, base)) << "a torn snapshot";
    }
    const auto o = attempt(
        [&] { return store.append("s", base, numbered_turn(base, base), {.epoch = held.epoch, .ttl = expired}); });
    EXPECT_TRUE(!o.code || o.code == errc::claim_lost || o.code == errc::concurrent_write) << o.diag.message();
  }
}

TEST_P(StoreClaimsContract, AClaimThatRacesAppendsGivesASnapshotOfOneMoment) {
  for (std::size_t i = 0; i < handle_count(); ++i) handle(i);
  std::atomic<bool> writing{true};
  constexpr std::size_t claimers = 4;
  std::atomic<std::size_t> left{claimers};
  run_threads(claimers + 1, [&](std::size_t i) {
    blocking_store store(handle(i % handle_count()));
    if (i < claimers) {
      take_turns(store, "owner " + std::to_string(i), 25);
      if (--left == 0) writing = false;
      return;
    }
    while (writing) {  // a writer without a claim, so that claims wait for appends
      const auto seen = store.load("s", {.last = 0});
      const std::int64_t base = seen ? seen->version : 0;
      const auto o = attempt([&] { return store.append("s", base, numbered_turn(base, base)); });
      EXPECT_TRUE(!o.code || o.code == errc::concurrent_write) << o.diag.message();
    }
  });
  const auto last = db().load("s");
  ASSERT_TRUE(last.has_value());
  EXPECT_EQ(*last, numbered_snapshot(last->version, last->version));
}

}  // namespace atto::testing
