#include "sqlite/request_queue.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <string>

namespace atto::sqlite {
namespace {

using namespace std::chrono_literals;

/// A moment in milliseconds from the script's beginning.
request_queue::time_point at(int ms) {
  return request_queue::time_point(1h + std::chrono::milliseconds(ms));
}

/// The endings as one line: "1:timed_out 2:closed".
std::string line(const request_queue::endings& all) {
  std::string text;
  for (const auto& e : all) {
    if (!text.empty()) text += ' ';
    text += std::to_string(e.id) + ':' + e.why.code.message();
    EXPECT_FALSE(e.why.diag.message().empty());
  }
  return text;
}

TEST(RequestQueueTest, RunsInTheOrderOfSubmission) {
  request_queue q(10);
  for (request_queue::ticket id : {1U, 2U, 3U}) ASSERT_FALSE(q.submit(id, at(100)));

  for (request_queue::ticket id : {1U, 2U, 3U}) {
    EXPECT_EQ(q.take(), id);
    EXPECT_TRUE(q.begin_commit(id));
    EXPECT_TRUE(q.finish(id));
  }
  EXPECT_EQ(q.take(), std::nullopt);
  EXPECT_EQ(q.next_deadline(), std::nullopt);
}

TEST(RequestQueueTest, RefusesOneMoreThanMayWait) {
  request_queue q(2);
  ASSERT_FALSE(q.submit(1, at(100)));
  EXPECT_EQ(q.take(), 1U);  // what runs does not wait
  ASSERT_FALSE(q.submit(2, at(100)));
  ASSERT_FALSE(q.submit(3, at(100)));

  EXPECT_EQ(q.submit(4, at(100)).code, errc::unavailable);

  EXPECT_EQ(line(q.cancel(2, true)), "2:operation_aborted");
  EXPECT_FALSE(q.submit(5, at(100)));
}

TEST(RequestQueueTest, WhatWaitsEndsAtItsOwnDeadline) {
  request_queue q(10);
  ASSERT_FALSE(q.submit(1, at(30)));
  ASSERT_FALSE(q.submit(2, at(10)));
  ASSERT_FALSE(q.submit(3, at(20)));
  EXPECT_EQ(q.next_deadline(), at(10));

  EXPECT_EQ(line(q.expire(at(9))), "");
  EXPECT_EQ(line(q.expire(at(20))), "2:timed_out 3:timed_out");
  EXPECT_EQ(q.next_deadline(), at(30));
  EXPECT_EQ(q.take(), 1U);
}

TEST(RequestQueueTest, AnyCancellationRemovesWhatWaits) {
  for (const bool total : {false, true}) {
    request_queue q(10);
    ASSERT_FALSE(q.submit(1, at(100)));

    EXPECT_EQ(line(q.cancel(1, total)), "1:operation_aborted");

    EXPECT_EQ(line(q.cancel(1, total)), "");
    EXPECT_EQ(q.take(), std::nullopt);
  }
}

TEST(RequestQueueTest, WhatExecutesIsTakenBackAndMustNotCommit) {
  request_queue q(10);
  ASSERT_FALSE(q.submit(1, at(100)));
  EXPECT_EQ(q.take(), 1U);

  EXPECT_EQ(line(q.cancel(1, true)), "1:operation_aborted");

  EXPECT_FALSE(q.begin_commit(1));
  EXPECT_FALSE(q.finish(1));
  EXPECT_EQ(q.next_deadline(), std::nullopt);
}

TEST(RequestQueueTest, TotalCancellationHasNoEffectOnACommit) {
  request_queue q(10);
  ASSERT_FALSE(q.submit(1, at(100)));
  EXPECT_EQ(q.take(), 1U);
  ASSERT_TRUE(q.begin_commit(1));

  EXPECT_EQ(line(q.cancel(1, true)), "");

  EXPECT_TRUE(q.finish(1));
}

TEST(RequestQueueTest, ACommitThatIsCancelledIsUnknown) {
  request_queue q(10);
  ASSERT_FALSE(q.submit(1, at(100)));
  EXPECT_EQ(q.take(), 1U);
  ASSERT_TRUE(q.begin_commit(1));

  EXPECT_EQ(line(q.cancel(1, false)), "1:outcome_unknown");

  EXPECT_FALSE(q.finish(1));
}

TEST(RequestQueueTest, ACommitIsUnknownOnlyAfterItsGrace) {
  request_queue q(10);
  ASSERT_FALSE(q.submit(1, at(100)));
  EXPECT_EQ(q.take(), 1U);
  ASSERT_TRUE(q.begin_commit(1));
  EXPECT_EQ(q.next_deadline(), at(200));

  EXPECT_EQ(line(q.expire(at(199))), "");
  EXPECT_EQ(line(q.expire(at(200))), "1:outcome_unknown");
  EXPECT_EQ(line(q.expire(at(300))), "");
}

TEST(RequestQueueTest, ADeadlineOfNeverDoesNotOverflow) {
  request_queue q(10);
  ASSERT_FALSE(q.submit(1, request_queue::time_point::max()));
  EXPECT_EQ(q.take(), 1U);
  ASSERT_TRUE(q.begin_commit(1));

  EXPECT_EQ(q.next_deadline(), request_queue::time_point::max());
  EXPECT_EQ(line(q.expire(at(0))), "");
}

TEST(RequestQueueTest, ACloseWaitsForTheOthersAndRefusesNewOnes) {
  request_queue q(10);
  ASSERT_FALSE(q.submit(1, at(100)));
  q.close(2, at(100));
  EXPECT_EQ(q.submit(3, at(100)).code, errc::closed);
  EXPECT_FALSE(q.drained());

  EXPECT_EQ(q.take(), 1U);
  EXPECT_FALSE(q.drained());
  EXPECT_TRUE(q.finish(1));

  EXPECT_TRUE(q.drained());
  EXPECT_EQ(q.take_closes(), std::vector<request_queue::ticket>{2U});
  EXPECT_FALSE(q.drained());
}

TEST(RequestQueueTest, ACloseThatTimesOutAbandonsTheOthers) {
  request_queue q(10);
  for (request_queue::ticket id : {1U, 2U}) ASSERT_FALSE(q.submit(id, at(1000)));
  EXPECT_EQ(q.take(), 1U);
  ASSERT_TRUE(q.begin_commit(1));
  q.close(3, at(50));
  q.close(4, at(90));

  EXPECT_EQ(line(q.expire(at(50))), "2:closed 1:outcome_unknown 3:timed_out");
  EXPECT_EQ(line(q.expire(at(90))), "4:timed_out");
  EXPECT_FALSE(q.finish(1));
}

TEST(RequestQueueTest, AWaitForACloseCanBeCancelled) {
  request_queue q(10);
  ASSERT_FALSE(q.submit(1, at(100)));
  q.close(2, at(100));

  EXPECT_EQ(line(q.cancel(2, true)), "2:operation_aborted");

  EXPECT_EQ(q.submit(3, at(100)).code, errc::closed);
  EXPECT_EQ(q.take(), 1U);
}

TEST(RequestQueueTest, AbandonLeavesACommitItsTrueResult) {
  request_queue q(10);
  for (request_queue::ticket id : {1U, 2U}) ASSERT_FALSE(q.submit(id, at(100)));
  EXPECT_EQ(q.take(), 1U);
  ASSERT_TRUE(q.begin_commit(1));
  q.close(3, at(100));

  EXPECT_EQ(line(q.abandon()), "2:closed 3:closed");

  EXPECT_TRUE(q.finish(1));
  EXPECT_EQ(q.submit(4, at(100)).code, errc::closed);
}

// ---- the failure sweep: every trouble at every step of a write, and what is left afterwards

struct trouble {
  const char* name;
  std::function<request_queue::endings(request_queue&)> strike;
  const char* waiting;
  const char* executing;
  const char* committing;
};

const trouble troubles[] = {
    {"total", [](request_queue& q) { return q.cancel(1, true); }, "1:operation_aborted", "1:operation_aborted", ""},
    {"terminal", [](request_queue& q) { return q.cancel(1, false); }, "1:operation_aborted", "1:operation_aborted",
     "1:outcome_unknown"},
    {"deadline", [](request_queue& q) { return q.expire(at(100)); }, "1:timed_out", "1:timed_out", ""},
    {"late", [](request_queue& q) { return q.expire(at(500)); }, "1:timed_out", "1:timed_out", "1:outcome_unknown"},
    {"abandon", [](request_queue& q) { return q.abandon(); }, "1:closed", "1:closed", ""},
    {"close",
     [](request_queue& q) {
       q.close(9, at(0));
       return q.expire(at(0));
     },
     "1:closed 9:timed_out", "1:closed 9:timed_out", "1:outcome_unknown 9:timed_out"},
};

/// Brings operation 1 to a step: 0 waiting, 1 executing, 2 committing, 3 done.
void bring_to(request_queue& q, int step) {
  ASSERT_FALSE(q.submit(1, at(100)));
  if (step >= 1) {
    ASSERT_EQ(q.take(), 1U);
  }
  if (step >= 2) {
    ASSERT_TRUE(q.begin_commit(1));
  }
  if (step >= 3) {
    ASSERT_TRUE(q.finish(1));
  }
}

TEST(RequestQueueTest, EveryTroubleAtEveryStepEndsAnOperationOnce) {
  for (const trouble& t : troubles) {
    for (int step = 0; step <= 3; ++step) {
      SCOPED_TRACE(std::string(t.name) + " at step " + std::to_string(step));
      request_queue q(10);
      bring_to(q, step);
      const std::string expected[] = {t.waiting, t.executing, t.committing,
                                      std::string(t.name) == "close" ? "9:timed_out" : ""};

      const std::string struck = line(t.strike(q));
      EXPECT_EQ(struck, expected[step]);

      // Whatever comes next, operation 1 ends once: by the trouble, or by the worker.
      const bool ended = struck.find("1:") == 0;
      if (step == 0) {
        EXPECT_EQ(q.take(), std::nullopt);
      }
      if (step == 1) {
        EXPECT_EQ(q.begin_commit(1), !ended);
      }
      if (step == 1 || step == 2) {
        EXPECT_EQ(q.finish(1), !ended);
      }
      EXPECT_EQ(line(q.cancel(1, false)), "");
      EXPECT_EQ(line(q.expire(request_queue::time_point::max())), "");
      EXPECT_EQ(q.next_deadline(), std::nullopt);
    }
  }
}

}  // namespace
}  // namespace atto::sqlite
