#include "contract/request_check.hpp"

#include <gmock/gmock.h>

#include <chrono>
#include <cstdint>
#include <limits>
#include <string>

namespace atto {
namespace {

using std::chrono::milliseconds;
constexpr std::int64_t lowest = std::numeric_limits<std::int64_t>::min();

void expect_invalid(const failure& f) {
  EXPECT_EQ(f.code, errc::invalid_argument);
  EXPECT_NE(f.diag.message(), "");
}

void expect_bad_id(const failure& f, std::size_t offset) {
  EXPECT_EQ(f.code, errc::invalid_session_id);
  EXPECT_EQ(f.diag.offset(), offset);
}

snapshot version(std::int64_t v) {
  return {v, {}, {}};
}

json document_of(std::size_t size) {
  return json::string(std::string(size - 2, 'x'));
}

TEST(RequestCheck, LimitsReachFromOneByteToTheCeiling) {
  EXPECT_FALSE(request_check::limits({}));
  EXPECT_FALSE(request_check::limits({.max_session_bytes = 1, .timeout = milliseconds(1)}));
  EXPECT_FALSE(request_check::limits({.max_session_bytes = store_limits::max_session_bytes_ceiling}));
  expect_invalid(request_check::limits({.max_session_bytes = 0}));
  expect_invalid(request_check::limits({.max_session_bytes = store_limits::max_session_bytes_ceiling + 1}));
  expect_invalid(request_check::limits({.timeout = milliseconds(0)}));
  expect_invalid(request_check::limits({.timeout = milliseconds(-1)}));
}

TEST(RequestCheck, ATimeoutIsNotNegative) {
  EXPECT_FALSE(request_check::timeout(milliseconds(0)));
  EXPECT_FALSE(request_check::timeout(milliseconds(1)));
  EXPECT_FALSE(request_check::timeout(milliseconds::max()));
  expect_invalid(request_check::timeout(milliseconds(-1)));
  expect_invalid(request_check::timeout(milliseconds::min()));
}

TEST(RequestCheck, AnIdIsOneTo512Bytes) {
  EXPECT_FALSE(request_check::session_id("a"));
  EXPECT_FALSE(request_check::session_id(std::string(512, 'a')));
  expect_bad_id(request_check::session_id(""), 0);
  const failure f = request_check::session_id(std::string(513, 'a'));
  expect_bad_id(f, 512);
  EXPECT_EQ(f.diag.limit(), 512U);
  EXPECT_EQ(f.diag.size(), 513U);
}

TEST(RequestCheck, AnIdHoldsNoNul) {
  expect_bad_id(request_check::session_id(std::string_view("\0", 1)), 0);
  expect_bad_id(request_check::session_id(std::string_view("ab\0cd", 5)), 2);
  EXPECT_FALSE(request_check::session_id("ab\x01\x7F"));
}

TEST(RequestCheck, AnIdIsUtf8) {
  EXPECT_FALSE(request_check::session_id("\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80\xF4\x8F\xBF\xBF"));
  expect_bad_id(request_check::session_id("\x80"), 0);
  expect_bad_id(request_check::session_id("abc\xFF"), 3);
  expect_bad_id(request_check::session_id("a\xC0\xAF"), 1);
  expect_bad_id(request_check::session_id("a\xED\xA0\x80"), 1);
  expect_bad_id(request_check::session_id("a\xF4\x90\x80\x80"), 1);
}

TEST(RequestCheck, AnIdCutWithinACharacterIsRefused) {
  for (const char* id : {"ab\xC3", "ab\xE2\x82", "ab\xF0\x9F\x98"}) {
    EXPECT_EQ(request_check::session_id(id).code, errc::invalid_session_id);
  }
}

TEST(RequestCheck, TheMessageNeverQuotesTheId) {
  const std::string secret = "secret-of-the-caller";
  EXPECT_EQ(request_check::session_id(secret + "\xFF").diag.message().find(secret), std::string::npos);
}

TEST(RequestCheck, AVersionIsAtLeastOne) {
  EXPECT_FALSE(request_check::save(version(1), guard::newer, 0, {}));
  EXPECT_FALSE(request_check::save(version(max_version), guard::newer, 0, {}));
  for (const std::int64_t v : {std::int64_t{0}, std::int64_t{-1}, lowest}) {
    expect_invalid(request_check::save(version(v), guard::newer, 0, {}));
  }
}

TEST(RequestCheck, NewerHasNoBase) {
  expect_invalid(request_check::save(version(3), guard::newer, 1, {}));
  expect_invalid(request_check::save(version(3), guard::newer, -1, {}));
}

TEST(RequestCheck, TheBaseOfExactIsBelowTheVersion) {
  EXPECT_FALSE(request_check::save(version(3), guard::exact, 0, {}));
  EXPECT_FALSE(request_check::save(version(3), guard::exact, 2, {}));
  EXPECT_FALSE(request_check::save(version(max_version), guard::exact, max_version - 1, {}));
  for (const std::int64_t base : {std::int64_t{3}, std::int64_t{4}, max_version, std::int64_t{-1}, lowest}) {
    expect_invalid(request_check::save(version(3), guard::exact, base, {}));
  }
}

TEST(RequestCheck, APartialSnapshotIsNotSaved) {
  snapshot partial = version(3);
  partial.events_before = 1;
  expect_invalid(request_check::save(partial, guard::newer, 0, {}));
  partial.events_before = -1;
  expect_invalid(request_check::save(partial, guard::newer, 0, {}));
}

TEST(RequestCheck, ASnapshotMayFillTheLimit) {
  const snapshot snap(1, {}, {document_of(100)});
  const std::size_t size = state().bytes() + 100;
  EXPECT_FALSE(request_check::save(snap, guard::newer, 0, {.max_session_bytes = size}));
  const failure f = request_check::save(snap, guard::newer, 0, {.max_session_bytes = size - 1});
  EXPECT_EQ(f.code, errc::too_large);
  EXPECT_EQ(f.diag.limit(), size - 1);
  EXPECT_EQ(f.diag.size(), size);
}

TEST(RequestCheck, AnAppendStandsOnAVersionBelowTheHighest) {
  EXPECT_FALSE(request_check::append(0, {}, {}));
  EXPECT_FALSE(request_check::append(max_version - 1, {}, {}));
  for (const std::int64_t base : {std::int64_t{-1}, lowest, max_version}) {
    expect_invalid(request_check::append(base, {}, {}));
  }
}

TEST(RequestCheck, ATurnMayFillTheLimit) {
  const turn t({}, {document_of(100)});
  const std::size_t size = state().bytes() + 100;
  EXPECT_FALSE(request_check::append(1, t, {.max_session_bytes = size}));
  EXPECT_EQ(request_check::append(1, t, {.max_session_bytes = size - 1}).code, errc::too_large);
}

TEST(RequestCheck, ARemoveNamesAVersionOrNone) {
  EXPECT_FALSE(request_check::remove({}));
  EXPECT_FALSE(request_check::remove({.base = 1}));
  EXPECT_FALSE(request_check::remove({.base = max_version}));
  expect_invalid(request_check::remove({.base = 0}));
  expect_invalid(request_check::remove({.base = -1}));
}

TEST(RequestCheck, APageHoldsOneToTheHighestNumberOfSessions) {
  EXPECT_FALSE(request_check::list("", "", {.limit = 1}));
  EXPECT_FALSE(request_check::list("", "", {.limit = list_options::max_limit}));
  expect_invalid(request_check::list("", "", {.limit = 0}));
  expect_invalid(request_check::list("", "", {.limit = list_options::max_limit + 1}));
}

TEST(RequestCheck, APrefixAndAnAfterCouldBePartOfAnId) {
  const std::string longest(512, 'a');
  EXPECT_FALSE(request_check::list(longest, longest, {}));
  EXPECT_EQ(request_check::list(longest + "a", "", {}).code, errc::invalid_session_id);
  EXPECT_EQ(request_check::list("", longest + "a", {}).code, errc::invalid_session_id);
  expect_bad_id(request_check::list(std::string_view("a\0", 2), "", {}), 1);
  expect_bad_id(request_check::list("", std::string_view("a\0", 2), {}), 1);
  expect_bad_id(request_check::list("a\xFF", "", {}), 1);
  expect_bad_id(request_check::list("", "a\xFF", {}), 1);
}

TEST(RequestCheck, AConflictNamesBothVersions) {
  const failure f = request_check::concurrent_write(7, 6);
  EXPECT_EQ(f.code, errc::concurrent_write);
  EXPECT_EQ(f.diag.stored_version(), 7);
  EXPECT_EQ(f.diag.supplied_version(), 6);
  EXPECT_NE(f.diag.message().find('7'), std::string::npos);
}

}  // namespace
}  // namespace atto
