#pragma once

#include <atto/message_id.hpp>
#include <atto/testing/contract_fixture.hpp>

#include <chrono>

/// Rules: a store says what it cannot do, and refuses that alone.
namespace atto::testing {

/// Checks that the call is refused as unsupported, or, when the store can do it, is not.
template <class T>
void expect_unsupported_unless(bool able, const outcome<T>& o) {
  if (able) {
    EXPECT_NE(o.code, errc::unsupported) << o.diag.message();
  } else {
    EXPECT_EQ(o.code, errc::unsupported) << o.diag.message();
    EXPECT_NE(o.diag.message(), "");
  }
}

TEST_P(StoreContract, SaysWhatItSupports) {
  EXPECT_EQ(handle().supported().claims, GetParam().has_claims);
  EXPECT_EQ(handle().supported().message_ids, GetParam().has_message_ids);
}

TEST_P(StoreContract, ClaimsAreUnsupportedByAStoreWithoutThemAndByNoOther) {
  const bool able = GetParam().has_claims;
  db().save("s", numbered_snapshot(1));
  expect_unsupported_unless(able, attempt([&] { return db().append("s", 1, {}, {.epoch = 1}); }));
  expect_unsupported_unless(able, attempt([&] { return db().save("s", numbered_snapshot(2), {.epoch = 1}); }));
  expect_unsupported_unless(able, attempt([&] { return db().remove("s", {.epoch = 1}); }));
  expect_unsupported_unless(able, attempt([&] { db().renew("s", 1, std::chrono::seconds(1)); }));
  expect_unsupported_unless(able, attempt([&] { return db().release("s", 1); }));
  expect_unsupported_unless(able, attempt([&] { return db().sweep(); }));
  expect_unsupported_unless(able, attempt([&] { return db().claim("s", "a"); }));
  expect_stored("s", numbered_snapshot(1));
}

TEST_P(StoreContract, MessageIdsAreUnsupportedByAStoreWithoutThemAndByNoOther) {
  const bool able = GetParam().has_message_ids;
  const message_id m("m");
  expect_unsupported_unless(able, attempt([&] { return db().find_turn("s", m); }));
  expect_unsupported_unless(able, attempt([&] { return db().append("s", 0, {}, {.message_id = m}); }));
  expect_unsupported_unless(able, attempt([&] { return db().save("s", numbered_snapshot(2), {.message_id = m}); }));
  if (!able) expect_absent("s");
}

}  // namespace atto::testing
