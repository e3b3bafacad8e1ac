#pragma once

#include <atto/testing/contract_fixture.hpp>

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

/// Rules: no session passes the size limit of its store, and what is refused changes nothing.
namespace atto::testing {

inline constexpr std::size_t small_limit = 1'000;

/// A document that counts `size` bytes.
[[nodiscard]] inline json document_of(std::size_t size) {
  return json::string(std::string(size - 2, 'x'));
}

template <class T>
void expect_too_large(const outcome<T>& o, std::size_t size) {
  EXPECT_EQ(o.code, errc::too_large) << o.diag.message();
  EXPECT_EQ(o.diag.limit(), small_limit);
  EXPECT_EQ(o.diag.size(), size);
  EXPECT_NE(o.diag.message(), "");
}

TEST_P(StoreContract, ASaveUpToTheLimitIsTakenAndNoMore) {
  use_limits({.max_session_bytes = small_limit});
  const state s = state_of("value", "1");
  const snapshot full(1, s, {document_of(small_limit - s.bytes())});
  EXPECT_EQ(db().save("full", full), 1);
  expect_stored("full", full);
  const snapshot over(2, s, {document_of(small_limit - s.bytes() + 1)});
  expect_too_large(attempt([&] { return db().save("full", over); }), small_limit + 1);
  expect_too_large(attempt([&] { return db().save("new", over); }), small_limit + 1);
  expect_stored("full", full);
  expect_absent("new");
}

TEST_P(StoreContract, AnAppendCountsWhatIsStoredAlready) {
  use_limits({.max_session_bytes = small_limit});
  const state s = state_of("value", "1");
  const std::size_t room = small_limit - s.bytes();
  db().append("s", 0, {s, {document_of(300)}});
  db().append("s", 1, {s, {document_of(300), document_of(100)}});
  expect_too_large(attempt([&] { return db().append("s", 2, {s, {document_of(room - 700 + 1)}}); }), small_limit + 1);
  expect_stored("s", {2, s, {document_of(300), document_of(300), document_of(100)}});
  EXPECT_EQ(db().append("s", 2, {s, {document_of(room - 700)}}), 3);
  const snapshot full(3, s, {document_of(300), document_of(300), document_of(100), document_of(room - 700)});
  expect_stored("s", full);
  expect_too_large(attempt([&] { return db().append("s", 3, {s, {json("1")}}); }), small_limit + json("1").bytes());
  EXPECT_EQ(db().append("s", 3, {s, {}}), 4);
}

TEST_P(StoreContract, AnAppendAfterASaveCountsTheSave) {
  use_limits({.max_session_bytes = small_limit});
  db().save("s", {1, {}, {document_of(900)}});
  const std::size_t empty = state().bytes();
  expect_too_large(attempt([&] { return db().append("s", 1, {{}, {document_of(101 - empty)}}); }), small_limit + 1);
  EXPECT_EQ(db().append("s", 1, {{}, {document_of(100 - empty)}}), 2);
  db().save("s", {3, {}, {document_of(20)}});  // makes room again
  EXPECT_EQ(db().append("s", 3, {{}, {document_of(980 - empty)}}), 4);
  expect_stored("s", {4, {}, {document_of(20), document_of(980 - empty)}});
}

TEST_P(StoreContract, AnAppendCountsTheNewStateInPlaceOfTheOld) {
  use_limits({.max_session_bytes = small_limit});
  const state large = state_of("value", document_of(600).text());
  const state small = state_of("value", document_of(100).text());
  db().append("s", 0, {large, {document_of(100)}});
  const std::size_t over = large.bytes() + 100 + 300;
  expect_too_large(attempt([&] { return db().append("s", 1, {large, {document_of(300)}}); }), over);
  EXPECT_EQ(db().append("s", 1, {small, {document_of(300)}}), 2);
  expect_too_large(attempt([&] { return db().append("s", 2, {large, {}}); }), over);
  expect_stored("s", {2, small, {document_of(100), document_of(300)}});
}

TEST_P(StoreContract, ATurnOverTheLimitByItselfIsRefused) {
  use_limits({.max_session_bytes = small_limit});
  const std::size_t empty = state().bytes();
  expect_too_large(attempt([&] {
                     return db().append("s", 0, {{}, {document_of(small_limit + 1 - empty)}});
                   }),
                   small_limit + 1);
  expect_absent("s");
}

TEST_P(StoreContract, AWrongBaseIsToldBeforeTheSize) {
  use_limits({.max_session_bytes = small_limit});
  db().save("s", {5, {}, {document_of(900)}});
  expect_conflict(attempt([&] { return db().append("s", 4, {{}, {document_of(500)}}); }), 5, 4);
}

TEST_P(StoreContract, NumbersCountInPlainDecimalForm) {
  use_limits({.max_session_bytes = small_limit});
  EXPECT_EQ(db().save("s", {1, {}, {json("1e900")}}), 1);
  EXPECT_EQ(attempt([&] { return db().save("s", {2, {}, {json("1e998"), json("1")}}); }).code, errc::too_large);
  EXPECT_EQ(attempt([&] { return db().append("s", 1, {{}, {json("1e200")}}); }).code, errc::too_large);
  EXPECT_EQ(attempt([&] { return db().append("s", 1, {{}, {json("1e-200")}}); }).code, errc::too_large);
  expect_stored("s", {1, {}, {json("1e900")}});
}

TEST_P(StoreContract, TempValuesDoNotCount) {
  use_limits({.max_session_bytes = small_limit});
  state s = state_of("temp:value", document_of(5'000).text());
  EXPECT_EQ(db().save("s", {1, s, {document_of(100)}}), 1);
  EXPECT_EQ(db().append("s", 1, {s, {document_of(100)}}), 2);
  expect_stored("s", {2, {}, {document_of(100), document_of(100)}});
}

TEST_P(StoreContract, AStoreTellsItsLimits) {
  use_limits({.max_session_bytes = small_limit, .timeout = std::chrono::milliseconds(1'234)});
  EXPECT_EQ(handle().limits().max_session_bytes, small_limit);
  EXPECT_EQ(handle().limits().timeout, std::chrono::milliseconds(1'234));
}

TEST_P(StoreContract, LimitsOutOfTheirRangeAreRefused) {
  const std::vector<store_limits> bad = {{.max_session_bytes = 0},
                                         {.max_session_bytes = store_limits::max_session_bytes_ceiling + 1},
                                         {.timeout = std::chrono::milliseconds(0)},
                                         {.timeout = std::chrono::milliseconds(-1)}};
  for (const auto& limits : bad) {
    use_limits(limits);
    EXPECT_EQ(attempt([&] { return open(); }).code, errc::invalid_argument);
  }
}

TEST_P(StoreContract, ANegativeTimeoutIsRefusedByEveryOperation) {
  const std::chrono::milliseconds negative(-1);
  EXPECT_EQ(attempt([&] { db().ensure_schema({.timeout = negative}); }).code, errc::invalid_argument);
  EXPECT_EQ(attempt([&] { return db().load("s", {.timeout = negative}); }).code, errc::invalid_argument);
  EXPECT_EQ(attempt([&] { return db().save("s", numbered_snapshot(1), {.timeout = negative}); }).code,
            errc::invalid_argument);
  EXPECT_EQ(attempt([&] { return db().append("s", 0, {}, {.timeout = negative}); }).code, errc::invalid_argument);
  EXPECT_EQ(attempt([&] { return db().remove("s", {.timeout = negative}); }).code, errc::invalid_argument);
  EXPECT_EQ(attempt([&] { return db().claim("s", "a", {.timeout = negative}); }).code, errc::invalid_argument);
  EXPECT_EQ(attempt([&] { db().renew("s", 1, {}, {.timeout = negative}); }).code, errc::invalid_argument);
  EXPECT_EQ(attempt([&] { return db().release("s", 1, {.timeout = negative}); }).code, errc::invalid_argument);
  EXPECT_EQ(attempt([&] { return db().find_turn("s", message_id("m"), {.timeout = negative}); }).code,
            errc::invalid_argument);
  EXPECT_EQ(attempt([&] { return db().sweep({.timeout = negative}); }).code, errc::invalid_argument);
  EXPECT_EQ(attempt([&] { return db().list({.timeout = negative}); }).code, errc::invalid_argument);
  EXPECT_EQ(attempt([&] { db().close({.timeout = negative}); }).code, errc::invalid_argument);
  expect_absent("s");
}

}  // namespace atto::testing
