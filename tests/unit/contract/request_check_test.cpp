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

save_request saving(const snapshot& snap, guard g, std::int64_t base) {
  return {{}, "s", snap, g, base};
}

append_request appending(std::int64_t base, const turn& t) {
  return {{}, "s", base, t};
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
  EXPECT_FALSE(request_check::check(saving(version(1), guard::newer, 0), {}));
  EXPECT_FALSE(request_check::check(saving(version(max_version), guard::newer, 0), {}));
  for (const std::int64_t v : {std::int64_t{0}, std::int64_t{-1}, lowest}) {
    expect_invalid(request_check::check(saving(version(v), guard::newer, 0), {}));
  }
}

TEST(RequestCheck, NewerHasNoBase) {
  expect_invalid(request_check::check(saving(version(3), guard::newer, 1), {}));
  expect_invalid(request_check::check(saving(version(3), guard::newer, -1), {}));
}

TEST(RequestCheck, TheBaseOfExactIsBelowTheVersion) {
  EXPECT_FALSE(request_check::check(saving(version(3), guard::exact, 0), {}));
  EXPECT_FALSE(request_check::check(saving(version(3), guard::exact, 2), {}));
  EXPECT_FALSE(request_check::check(saving(version(max_version), guard::exact, max_version - 1), {}));
  for (const std::int64_t base : {std::int64_t{3}, std::int64_t{4}, max_version, std::int64_t{-1}, lowest}) {
    expect_invalid(request_check::check(saving(version(3), guard::exact, base), {}));
  }
}

TEST(RequestCheck, APartialSnapshotIsNotSaved) {
  snapshot partial = version(3);
  partial.events_before = 1;
  expect_invalid(request_check::check(saving(partial, guard::newer, 0), {}));
  partial.events_before = -1;
  expect_invalid(request_check::check(saving(partial, guard::newer, 0), {}));
}

TEST(RequestCheck, ASnapshotMayFillTheLimit) {
  const snapshot snap(1, {}, {document_of(100)});
  const std::size_t size = state().bytes() + 100;
  EXPECT_FALSE(request_check::check(saving(snap, guard::newer, 0), {.max_session_bytes = size}));
  const failure f = request_check::check(saving(snap, guard::newer, 0), {.max_session_bytes = size - 1});
  EXPECT_EQ(f.code, errc::too_large);
  EXPECT_EQ(f.diag.limit(), size - 1);
  EXPECT_EQ(f.diag.size(), size);
}

TEST(RequestCheck, AnAppendStandsOnAVersionBelowTheHighest) {
  EXPECT_FALSE(request_check::check(appending(0, {}), {}));
  EXPECT_FALSE(request_check::check(appending(max_version - 1, {}), {}));
  for (const std::int64_t base : {std::int64_t{-1}, lowest, max_version}) {
    expect_invalid(request_check::check(appending(base, {}), {}));
  }
}

TEST(RequestCheck, ATurnMayFillTheLimit) {
  const turn t({}, {document_of(100)});
  const std::size_t size = state().bytes() + 100;
  EXPECT_FALSE(request_check::check(appending(1, t), {.max_session_bytes = size}));
  EXPECT_EQ(request_check::check(appending(1, t), {.max_session_bytes = size - 1}).code, errc::too_large);
}

TEST(RequestCheck, ARemoveNamesAVersionOrNone) {
  EXPECT_FALSE(request_check::check(remove_request(), {}));
  EXPECT_FALSE(request_check::check(remove_request{{}, "s", 1}, {}));
  EXPECT_FALSE(request_check::check(remove_request{{}, "s", max_version}, {}));
  expect_invalid(request_check::check(remove_request{{}, "s", 0}, {}));
  expect_invalid(request_check::check(remove_request{{}, "s", -1}, {}));
}

TEST(RequestCheck, APageHoldsOneToTheHighestNumberOfSessions) {
  EXPECT_FALSE(request_check::check(list_request{{}, "", "", 1}, {}));
  EXPECT_FALSE(request_check::check(list_request{{}, "", "", list_options::max_limit}, {}));
  expect_invalid(request_check::check(list_request{{}, "", "", 0}, {}));
  expect_invalid(request_check::check(list_request{{}, "", "", list_options::max_limit + 1}, {}));
}

TEST(RequestCheck, APrefixAndAnAfterCouldBePartOfAnId) {
  const std::string longest(512, 'a'), nul("a\0", 2);
  const auto check = [](const std::string& prefix, const std::string& after) {
    return request_check::check(list_request{{}, prefix, after, 1}, {});
  };
  EXPECT_FALSE(check(longest, longest));
  EXPECT_EQ(check(longest + "a", "").code, errc::invalid_session_id);
  EXPECT_EQ(check("", longest + "a").code, errc::invalid_session_id);
  expect_bad_id(check(nul, ""), 1);
  expect_bad_id(check("", nul), 1);
  expect_bad_id(check("a\xFF", ""), 1);
  expect_bad_id(check("", "a\xFF"), 1);
}

TEST(RequestCheck, AConflictNamesBothVersions) {
  const failure f = request_check::concurrent_write(7, 6);
  EXPECT_EQ(f.code, errc::concurrent_write);
  EXPECT_EQ(f.diag.stored_version(), 7);
  EXPECT_EQ(f.diag.supplied_version(), 6);
  EXPECT_NE(f.diag.message().find('7'), std::string::npos);
}

TEST(RequestCheck, OfSeveralBrokenRulesTheFirstCounts) {
  const append_request both{{}, "", -1};
  expect_bad_id(request_check::first_broken(both, milliseconds(-1), {}), 0);
  const renew_request no_epoch{{}, "s", 0, milliseconds(-1)};
  EXPECT_EQ(request_check::first_broken(no_epoch, milliseconds(0), {}).diag.message(),
            request_check::epoch(0).diag.message());
  EXPECT_FALSE(request_check::first_broken(renew_request{{}, "s", 1, milliseconds(1)}, milliseconds(0), {}));
}

}  // namespace
}  // namespace atto
