#include <atto/error.hpp>

#include <gmock/gmock.h>

#include <string>
#include <vector>

namespace atto {
namespace {

/// All that have a name: the values begin with 1 and have no gap.
std::vector<errc> all_errors() {
  std::vector<errc> all;
  for (int value = 1; name(static_cast<errc>(value)) != "unknown atto error"; ++value) {
    all.push_back(static_cast<errc>(value));
  }
  return all;
}

/// The table of docs/errors.md. It has no default: an errc without a row does not compile.
next_step documented_advice(errc e) {
  switch (e) {
    case errc::concurrent_write:
      return next_step::reload;
    case errc::unavailable:
      return next_step::retry;
    case errc::outcome_unknown:
      return next_step::reload;
    case errc::replication_unproven:
      return next_step::none;
    case errc::timed_out:
      return next_step::retry;
    case errc::operation_aborted:
      return next_step::none;
    case errc::invalid_argument:
      return next_step::fix_call;
    case errc::invalid_session_id:
      return next_step::fix_call;
    case errc::invalid_document:
      return next_step::fix_call;
    case errc::too_large:
      return next_step::fix_call;
    case errc::closed:
      return next_step::ask_elsewhere;
    case errc::schema_missing:
      return next_step::call_operator;
    case errc::schema_mismatch:
      return next_step::call_operator;
    case errc::storage_failure:
      return next_step::call_operator;
    case errc::session_backlog_full:
      return next_step::none;
    case errc::runtime_stopped:
      return next_step::ask_elsewhere;
    case errc::would_deadlock:
      return next_step::fix_call;
    case errc::handler_failed:
      return next_step::none;
    case errc::claim_lost:
      return next_step::reload;
    case errc::owned_elsewhere:
      return next_step::ask_elsewhere;
    case errc::misconfigured:
      return next_step::call_operator;
    case errc::unsupported:
      return next_step::fix_call;
  }
  return next_step::none;
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

TEST(Error, EveryCodeHasTheDocumentedAdvice) {
  EXPECT_EQ(all_errors().back(), errc::unsupported);
  for (const errc e : all_errors()) EXPECT_EQ(advice(e), documented_advice(e)) << name(e);
}

TEST(Error, ThereIsNoAdviceOnSuccessNorOnOtherCategories) {
  EXPECT_EQ(advice(error_code()), next_step::none);
  EXPECT_EQ(advice(error_code(99, error_category())), next_step::none);
  EXPECT_EQ(advice(make_error_code(boost::system::errc::timed_out)), next_step::none);
}

TEST(Error, OnlyUnavailableAndTimedOutAreRetryable) {
  for (const errc e : all_errors()) {
    EXPECT_EQ(is_retryable(e), e == errc::unavailable || e == errc::timed_out) << name(e);
  }
  EXPECT_FALSE(is_retryable(error_code()));
}

}  // namespace
}  // namespace atto
