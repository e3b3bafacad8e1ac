#include "support/history_recorder.hpp"

#include <atto/memory_store.hpp>

#include "support/io_thread.hpp"
#include "support/register_checker.hpp"

#include <gmock/gmock.h>

#include <atomic>
#include <memory>

namespace atto::test {
namespace {

using ::testing::HasSubstr;

operation_outcome outcome_of(errc code) {
  recorded_operation o;
  o.kind = operation_kind::append;
  record_failure(o, code, diagnostics());
  return o.outcome;
}

TEST(RecordFailure, OnlyOutcomeUnknownIsInDoubt) {
  EXPECT_EQ(outcome_of(errc::outcome_unknown), operation_outcome::unknown);
  EXPECT_EQ(outcome_of(errc::concurrent_write), operation_outcome::refused);
  for (const auto code :
       {errc::unavailable, errc::timed_out, errc::operation_aborted, errc::closed, errc::storage_failure,
        errc::too_large, errc::schema_missing, errc::schema_mismatch, errc::invalid_argument, errc::invalid_document}) {
    EXPECT_EQ(outcome_of(code), operation_outcome::not_written) << name(code);
  }
}

TEST(RecordFailure, AConflictIsRecordedWithTheVersionItNames) {
  recorded_operation o;
  record_failure(o, errc::concurrent_write, diagnostics().versions(7, 3));
  EXPECT_EQ(o.answer, 7);
}

TEST(RecordFailure, AConflictWithoutAVersionIsRecordedAsOne) {
  recorded_operation o;
  record_failure(o, errc::concurrent_write, diagnostics());
  EXPECT_EQ(o.answer, -1);
}

class HistoryRecorder : public ::testing::Test {
 protected:
  io_thread io_;
  std::unique_ptr<session_store> store_ = memory::open(io_.executor());
  std::atomic<write_name> last_name_{0};
  recording_caller caller_{*store_, last_name_, 0};
};

TEST_F(HistoryRecorder, RecordsWhatWasAskedAndAnswered) {
  caller_.append("s", 0);
  caller_.save("s", 5);
  caller_.save("s", 9, 4);
  caller_.load("s");
  caller_.remove("s", 5);
  caller_.load("s");
  const auto& h = caller_.recorded().at("s");
  ASSERT_EQ(h.size(), 6U);
  EXPECT_THAT(describe(h[0]), HasSubstr("append 1 on version 0 by caller 0"));
  EXPECT_THAT(describe(h[1]), HasSubstr("done: version 5"));
  EXPECT_THAT(describe(h[2]), HasSubstr("refused: version 5 is stored"));
  EXPECT_THAT(describe(h[3]), HasSubstr("read: version 5, state of 2, events of [1 1 2]"));
  EXPECT_THAT(describe(h[4]), HasSubstr("done: removed"));
  EXPECT_THAT(describe(h[5]), HasSubstr("read: absent"));
  EXPECT_TRUE(check(h).legal) << check(h).why;
}

TEST_F(HistoryRecorder, StampsFollowOneAnother) {
  for (int i = 0; i < 10; ++i) caller_.append("s", i);
  std::int64_t last = 0;
  for (const auto& o : caller_.recorded().at("s")) {
    EXPECT_LE(last, o.invoked);
    EXPECT_LE(o.invoked, o.returned);
    last = o.returned;
  }
}

TEST_F(HistoryRecorder, AnEventThatNamesNoWriteIsRefusedByTheChecker) {
  caller_.append("s", 0);
  blocking_store(*store_).append("s", 1, {state(), {json(R"({"not": "ours"})")}});
  caller_.load("s");
  EXPECT_THAT(check(caller_.recorded().at("s")).why, HasSubstr("no write of this session is named -1"));
}

TEST_F(HistoryRecorder, OneSeedGivesOneWorkload) {
  recording_caller other(*store_, last_name_, 1);
  std::mt19937 random(3);
  std::mt19937 same(3);
  for (int i = 0; i < 50; ++i) caller_.step("one", random, {.removes = true});
  last_name_ = 0;
  for (int i = 0; i < 50; ++i) other.step("other", same, {.removes = true});
  const auto& a = caller_.recorded().at("one");
  const auto& b = other.recorded().at("other");
  for (std::size_t i = 0; i < a.size(); ++i) {
    EXPECT_EQ(a[i].kind, b[i].kind) << i;
    EXPECT_EQ(a[i].version, b[i].version) << i;
    EXPECT_EQ(a[i].events, b[i].events) << i;
  }
}

}  // namespace
}  // namespace atto::test
