#include <atto/error.hpp>

#include <gmock/gmock.h>

#include <string>
#include <vector>

namespace atto {
namespace {

const std::vector<errc>& all_errors() {
  static const std::vector<errc> all{errc::concurrent_write,
                                     errc::unavailable,
                                     errc::outcome_unknown,
                                     errc::timed_out,
                                     errc::operation_aborted,
                                     errc::invalid_argument,
                                     errc::invalid_session_id,
                                     errc::invalid_document,
                                     errc::too_large,
                                     errc::closed,
                                     errc::schema_missing,
                                     errc::schema_mismatch,
                                     errc::storage_failure,
                                     errc::replication_unproven,
                                     errc::session_backlog_full,
                                     errc::runtime_stopped,
                                     errc::would_deadlock,
                                     errc::handler_failed,
                                     errc::claim_lost,
                                     errc::owned_elsewhere};
  return all;
}

TEST(Error, ACodeIsNamedAsItsEnumerator) {
  EXPECT_EQ(name(errc::concurrent_write), "concurrent_write");
  EXPECT_EQ(name(errc::storage_failure), "storage_failure");
  for (const errc e : all_errors()) {
    EXPECT_EQ(error_code(e).message(), name(e));
    EXPECT_NE(name(e), "unknown atto error");
  }
}

TEST(Error, AnUnknownValueHasAMessage) {
  EXPECT_EQ(error_code(99, error_category()).message(), "unknown atto error");
}

TEST(Error, EveryCodeIsAFailure) {
  for (const errc e : all_errors()) EXPECT_TRUE(error_code(e).failed()) << name(e);
}

TEST(Error, TheCategoryIsOne) {
  EXPECT_STREQ(error_category().name(), "atto");
  EXPECT_EQ(&error_code(errc::closed).category(), &error_category());
}

TEST(Error, TimedOutAndAbortedEqualTheGenericConditions) {
  namespace generic = boost::system::errc;
  EXPECT_TRUE(error_code(errc::timed_out) == generic::timed_out);
  EXPECT_TRUE(error_code(errc::operation_aborted) == generic::operation_canceled);
  EXPECT_FALSE(error_code(errc::unavailable) == generic::timed_out);
  EXPECT_FALSE(error_code(errc::outcome_unknown) == generic::operation_canceled);
}

TEST(Error, OnlyUnavailableAndTimedOutAreRetryable) {
  for (const errc e : all_errors()) {
    EXPECT_EQ(is_retryable(e), e == errc::unavailable || e == errc::timed_out) << name(e);
  }
  EXPECT_FALSE(is_retryable(error_code()));
}

}  // namespace
}  // namespace atto
