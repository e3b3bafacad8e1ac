#include "sqlite/request_queue.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <functional>
#include <string>
#include <vector>

namespace atto::sqlite {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

/// A moment in milliseconds from the script's beginning.
request_queue::time_point at(int ms) {
  return request_queue::time_point(1h + std::chrono::milliseconds(ms));
}

/// A write on a session of its own.
request_queue::descriptor due(request_queue::time_point deadline) {
  static std::uint64_t session = 0;
  return {.what = kind::write, .deadline = deadline, .session = ++session, .bytes = 0};
}

request_queue::descriptor write_on(std::uint64_t session, std::size_t bytes = 0) {
  return {.what = kind::write, .deadline = at(100), .session = session, .bytes = bytes};
}

request_queue::descriptor read_on(std::uint64_t session) {
  return {.what = kind::read, .deadline = at(100), .session = session, .bytes = 0};
}

/// The group as one line: "write 1 2", or "-" when there is none.
std::string line(const request_queue::group& g) {
  if (g.members.empty()) return "-";
  std::string text = g.what == kind::read ? "read" : g.what == kind::write ? "write" : "ensure_schema";
  for (const auto id : g.members) text += ' ' + std::to_string(id);
  return text;
}

std::string take(request_queue& q) {
  return line(q.take());
}

/// Takes a group and ends it well.
std::string serve(request_queue& q) {
  const request_queue::group g = q.take();
  if (g.what != kind::read) {
    EXPECT_TRUE(q.begin_commit(g.members));
  }
  for (const auto id : g.members) EXPECT_TRUE(q.finish(id));
  return line(g);
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

TEST(RequestQueue, WritesRunTogetherInTheOrderOfSubmission) {
  request_queue q(10);
  for (request_queue::operation_id id : {1U, 2U, 3U}) ASSERT_FALSE(q.submit(id, due(at(100))));

  EXPECT_EQ(serve(q), "write 1 2 3");
  EXPECT_EQ(take(q), "-");
  EXPECT_EQ(q.next_deadline(), std::nullopt);
}

TEST(RequestQueue, RefusesOneMoreThanMayWait) {
  request_queue q(2);
  ASSERT_FALSE(q.submit(1, due(at(100))));
  EXPECT_EQ(take(q), "write 1");  // what runs does not wait
  ASSERT_FALSE(q.submit(2, due(at(100))));
  ASSERT_FALSE(q.submit(3, due(at(100))));

  EXPECT_EQ(q.submit(4, due(at(100))).code, errc::unavailable);

  EXPECT_EQ(line(q.cancel(2, true)), "2:operation_aborted");
  EXPECT_FALSE(q.submit(5, due(at(100))));
}

TEST(RequestQueue, AnEndSaysOfAReadThatNothingWasReadAndOfAWriteThatNothingWasWritten) {
  request_queue q(10);
  for (const bool running : {false, true}) {
    ASSERT_FALSE(q.submit(1, write_on(1)));
    ASSERT_FALSE(q.submit(2, write_on(2)));
    if (running) {
      ASSERT_EQ(take(q), "write 1 2");
    }
    EXPECT_THAT(q.cancel(1, false).front().why.diag.message(), HasSubstr("nothing was written"));
    EXPECT_THAT(q.expire(at(100)).front().why.diag.message(), HasSubstr("nothing was written"));
    q.put_back();
    ASSERT_FALSE(q.submit(3, read_on(3)));
    ASSERT_FALSE(q.submit(4, read_on(4)));
    if (running) {
      ASSERT_EQ(take(q), "read 3 4");
    }
    EXPECT_THAT(q.cancel(3, true).front().why.diag.message(), HasSubstr("nothing was read"));
    EXPECT_THAT(q.expire(at(100)).front().why.diag.message(), HasSubstr("nothing was read"));
    q.put_back();
  }
}

TEST(RequestQueue, WhatWaitsEndsAtItsOwnDeadline) {
  request_queue q(10);
  ASSERT_FALSE(q.submit(1, due(at(30))));
  ASSERT_FALSE(q.submit(2, due(at(10))));
  ASSERT_FALSE(q.submit(3, due(at(20))));
  EXPECT_EQ(q.next_deadline(), at(10));

  EXPECT_EQ(line(q.expire(at(9))), "");
  EXPECT_EQ(line(q.expire(at(20))), "2:timed_out 3:timed_out");
  EXPECT_EQ(q.next_deadline(), at(30));
  EXPECT_EQ(take(q), "write 1");
}

TEST(RequestQueue, AnyCancellationRemovesWhatWaits) {
  for (const bool total : {false, true}) {
    request_queue q(10);
    ASSERT_FALSE(q.submit(1, due(at(100))));

    EXPECT_EQ(line(q.cancel(1, total)), "1:operation_aborted");

    EXPECT_EQ(line(q.cancel(1, total)), "");
    EXPECT_EQ(take(q), "-");
  }
}

TEST(RequestQueue, WhatExecutesIsTakenBackAndMustNotCommit) {
  request_queue q(10);
  ASSERT_FALSE(q.submit(1, due(at(100))));
  EXPECT_EQ(take(q), "write 1");

  EXPECT_EQ(line(q.cancel(1, true)), "1:operation_aborted");

  EXPECT_FALSE(q.begin_commit({1}));
  EXPECT_FALSE(q.finish(1));
  EXPECT_EQ(q.next_deadline(), std::nullopt);
}

TEST(RequestQueue, TotalCancellationHasNoEffectOnACommit) {
  request_queue q(10);
  ASSERT_FALSE(q.submit(1, due(at(100))));
  EXPECT_EQ(take(q), "write 1");
  ASSERT_TRUE(q.begin_commit({1}));

  EXPECT_EQ(line(q.cancel(1, true)), "");

  EXPECT_TRUE(q.finish(1));
}

TEST(RequestQueue, ACommitThatIsCancelledIsUnknown) {
  request_queue q(10);
  ASSERT_FALSE(q.submit(1, due(at(100))));
  EXPECT_EQ(take(q), "write 1");
  ASSERT_TRUE(q.begin_commit({1}));

  EXPECT_EQ(line(q.cancel(1, false)), "1:outcome_unknown");

  EXPECT_FALSE(q.finish(1));
}

TEST(RequestQueue, ACommitIsUnknownOnlyAfterItsGrace) {
  request_queue q(10);
  ASSERT_FALSE(q.submit(1, due(at(100))));
  EXPECT_EQ(take(q), "write 1");
  ASSERT_TRUE(q.begin_commit({1}));

  EXPECT_EQ(line(q.expire(at(100))), "");
  EXPECT_EQ(q.next_deadline(), at(200));
  EXPECT_EQ(line(q.expire(at(199))), "");
  EXPECT_EQ(line(q.expire(at(200))), "1:outcome_unknown");
  EXPECT_EQ(line(q.expire(at(300))), "");
}

TEST(RequestQueue, ADeadlineOfNeverDoesNotOverflow) {
  request_queue q(10);
  ASSERT_FALSE(q.submit(1, due(request_queue::time_point::max())));
  EXPECT_EQ(take(q), "write 1");
  ASSERT_TRUE(q.begin_commit({1}));

  EXPECT_EQ(q.next_deadline(), request_queue::time_point::max());
  EXPECT_EQ(line(q.expire(at(0))), "");
}

TEST(RequestQueue, ACloseWaitsForTheOthersAndRefusesNewOnes) {
  request_queue q(10);
  ASSERT_FALSE(q.submit(1, due(at(100))));
  q.close(2, at(100));
  EXPECT_EQ(q.submit(3, due(at(100))).code, errc::closed);
  EXPECT_FALSE(q.drained());

  EXPECT_EQ(take(q), "write 1");
  EXPECT_FALSE(q.drained());
  EXPECT_TRUE(q.finish(1));

  EXPECT_TRUE(q.drained());
  EXPECT_EQ(q.take_closes(), std::vector<request_queue::operation_id>{2U});
  EXPECT_FALSE(q.drained());
}

TEST(RequestQueue, ACloseThatTimesOutAbandonsTheOthers) {
  request_queue q(10);
  ASSERT_FALSE(q.submit(1, due(at(1000))));
  EXPECT_EQ(take(q), "write 1");
  ASSERT_TRUE(q.begin_commit({1}));
  ASSERT_FALSE(q.submit(2, due(at(1000))));
  q.close(3, at(50));
  q.close(4, at(90));

  EXPECT_EQ(line(q.expire(at(50))), "2:closed 1:outcome_unknown 3:timed_out");
  EXPECT_EQ(line(q.expire(at(90))), "4:timed_out");
  EXPECT_FALSE(q.finish(1));
}

TEST(RequestQueue, AWaitForACloseCanBeCancelled) {
  request_queue q(10);
  ASSERT_FALSE(q.submit(1, due(at(100))));
  q.close(2, at(100));

  EXPECT_EQ(line(q.cancel(2, true)), "2:operation_aborted");

  EXPECT_EQ(q.submit(3, due(at(100))).code, errc::closed);
  EXPECT_EQ(take(q), "write 1");
}

TEST(RequestQueue, AbandonLeavesACommitItsTrueResult) {
  request_queue q(10);
  ASSERT_FALSE(q.submit(1, due(at(100))));
  EXPECT_EQ(take(q), "write 1");
  ASSERT_TRUE(q.begin_commit({1}));
  ASSERT_FALSE(q.submit(2, due(at(100))));
  q.close(3, at(100));

  EXPECT_EQ(line(q.abandon()), "2:closed 3:closed");

  EXPECT_TRUE(q.finish(1));
  EXPECT_EQ(q.submit(4, due(at(100))).code, errc::closed);
}

// ---- groups

TEST(RequestQueue, AGroupIsBoundedInNumber) {
  request_queue q(1000);
  for (request_queue::operation_id id = 1; id <= 513; ++id) ASSERT_FALSE(q.submit(id, write_on(id)));

  EXPECT_EQ(q.take().members.size(), request_queue::max_members);
  for (request_queue::operation_id id = 1; id <= 512; ++id) ASSERT_TRUE(q.finish(id));
  EXPECT_EQ(serve(q), "write 513");
}

TEST(RequestQueue, AGroupIsBoundedInBytes) {
  request_queue q(10);
  for (request_queue::operation_id id = 1; id <= 5; ++id) ASSERT_FALSE(q.submit(id, write_on(id, 1U << 20)));

  EXPECT_EQ(serve(q), "write 1 2 3 4");
  EXPECT_EQ(serve(q), "write 5");
}

TEST(RequestQueue, ALargeWriteGoesAloneAndInItsTurn) {
  request_queue q(10);
  ASSERT_FALSE(q.submit(1, write_on(1)));
  ASSERT_FALSE(q.submit(2, write_on(2, (1U << 20) + 1)));
  ASSERT_FALSE(q.submit(3, write_on(3)));

  EXPECT_EQ(serve(q), "write 1");
  EXPECT_EQ(serve(q), "write 2");
  EXPECT_EQ(serve(q), "write 3");
}

TEST(RequestQueue, WritesOnOneSessionShareAGroupInTheirOrder) {
  request_queue q(10);
  for (request_queue::operation_id id : {1U, 2U, 3U}) ASSERT_FALSE(q.submit(id, write_on(7)));

  EXPECT_EQ(serve(q), "write 1 2 3");
}

TEST(RequestQueue, ReadsAndWritesTakeTurns) {
  request_queue q(2000);
  for (request_queue::operation_id id = 1; id <= 1024; ++id) ASSERT_FALSE(q.submit(id, write_on(id)));
  ASSERT_FALSE(q.submit(2001, read_on(2001)));
  ASSERT_FALSE(q.submit(2002, read_on(2002)));

  EXPECT_EQ(serve(q).substr(0, 9), "write 1 2");
  EXPECT_EQ(serve(q), "read 2001 2002");
  EXPECT_EQ(serve(q).substr(0, 13), "write 513 514");
}

TEST(RequestQueue, AReadDoesNotOvertakeAWriteOnItsSession) {
  request_queue q(10);
  ASSERT_FALSE(q.submit(1, read_on(1)));
  ASSERT_FALSE(q.submit(2, write_on(2, 2U << 20)));
  ASSERT_FALSE(q.submit(3, write_on(3)));
  ASSERT_FALSE(q.submit(4, read_on(3)));
  ASSERT_FALSE(q.submit(5, read_on(2)));

  EXPECT_EQ(serve(q), "write 2");
  EXPECT_EQ(serve(q), "read 1 5");
  EXPECT_EQ(serve(q), "write 3");
  EXPECT_EQ(serve(q), "read 4");
}

TEST(RequestQueue, AWriteDoesNotOvertakeAReadOnItsSession) {
  request_queue q(10);
  ASSERT_FALSE(q.submit(1, read_on(1)));
  ASSERT_FALSE(q.submit(2, write_on(1)));
  ASSERT_FALSE(q.submit(3, write_on(2)));
  ASSERT_FALSE(q.submit(4, write_on(1)));

  EXPECT_EQ(serve(q), "write 3");
  EXPECT_EQ(serve(q), "read 1");
  EXPECT_EQ(serve(q), "write 2 4");
}

TEST(RequestQueue, WhatConcernsEverySessionOvertakesNothingAndIsNotOvertaken) {
  request_queue q(10);
  ASSERT_FALSE(q.submit(1, write_on(1)));
  ASSERT_FALSE(q.submit(2, read_on(request_queue::every_session)));
  ASSERT_FALSE(q.submit(3, write_on(3)));
  ASSERT_FALSE(q.submit(4, read_on(4)));

  EXPECT_EQ(serve(q), "write 1");
  EXPECT_EQ(serve(q), "read 2 4");
  EXPECT_EQ(serve(q), "write 3");
}

TEST(RequestQueue, EnsureSchemaIsAGroupOfItsOwn) {
  request_queue q(10);
  ASSERT_FALSE(q.submit(1, read_on(1)));
  ASSERT_FALSE(q.submit(2, {.what = kind::ensure_schema, .deadline = at(100)}));
  ASSERT_FALSE(q.submit(3, write_on(3)));
  ASSERT_FALSE(q.submit(4, read_on(4)));

  EXPECT_EQ(serve(q), "read 1");
  EXPECT_EQ(serve(q), "ensure_schema 2");
  EXPECT_EQ(serve(q), "read 4");
  EXPECT_EQ(serve(q), "write 3");
}

TEST(RequestQueue, WhatIsPutBackKeepsItsPlaceBeforeLaterWritesAndReads) {
  request_queue q(10);
  for (request_queue::operation_id id : {1U, 2U}) ASSERT_FALSE(q.submit(id, write_on(id)));
  EXPECT_EQ(take(q), "write 1 2");
  ASSERT_FALSE(q.submit(3, write_on(3)));
  ASSERT_FALSE(q.submit(4, read_on(2)));

  q.put_back();

  EXPECT_EQ(serve(q), "write 1 2 3");
  EXPECT_EQ(serve(q), "read 4");
}

TEST(RequestQueue, AMemberThatFailsIsSoonAloneAndItsNeighboursCommit) {
  constexpr request_queue::operation_id members = 64;
  for (request_queue::operation_id guilty = 1; guilty <= members; ++guilty) {
    request_queue q(100);
    for (request_queue::operation_id id = 1; id <= members; ++id) ASSERT_FALSE(q.submit(id, write_on(id)));
    std::size_t committed = 0;
    int groups = 0;
    for (auto g = q.take(); !g.members.empty(); g = q.take(), ++groups) {
      const bool fails = std::find(g.members.begin(), g.members.end(), guilty) != g.members.end();
      if (fails && g.members.size() > 1) {
        q.put_back_apart();
        continue;
      }
      if (!fails) {
        ASSERT_TRUE(q.begin_commit(g.members));
        committed += g.members.size();
      }
      for (const auto id : g.members) ASSERT_TRUE(q.finish(id));
    }
    EXPECT_EQ(committed, members - 1);
    EXPECT_LE(groups, 24) << "guilty " << guilty;
  }
}

TEST(RequestQueue, GroupsGrowAgainWithEveryCommit) {
  request_queue q(100);
  for (request_queue::operation_id id = 1; id <= 8; ++id) ASSERT_FALSE(q.submit(id, write_on(id)));
  EXPECT_EQ(q.take().members.size(), 8U);
  q.put_back_apart();
  EXPECT_EQ(q.take().members.size(), 4U);
  q.put_back_apart();

  EXPECT_EQ(serve(q), "write 1 2");
  EXPECT_EQ(serve(q), "write 3 4 5 6");
  EXPECT_EQ(serve(q), "write 7 8");
}

TEST(RequestQueue, AMemberRefusedByItsGuardIsTakenBackForCertainWhileTheOthersCommit) {
  request_queue q(10);
  for (request_queue::operation_id id : {1U, 2U}) ASSERT_FALSE(q.submit(id, write_on(id)));
  EXPECT_EQ(take(q), "write 1 2");
  ASSERT_TRUE(q.begin_commit({2}));

  EXPECT_EQ(line(q.cancel(1, false)), "1:operation_aborted");

  EXPECT_FALSE(q.finish(1));
  EXPECT_TRUE(q.finish(2));
}

// ---- the failure sweep of a group: every trouble for every member at every step

TEST(RequestQueue, EveryTroubleOfEveryMemberAtEveryStepLeavesItsNeighboursAlone) {
  const auto cancel = [](request_queue& q, request_queue::operation_id id) { return q.cancel(id, false); };
  const auto expire = [](request_queue& q, request_queue::operation_id) { return q.expire(at(10)); };
  const auto expire_late = [](request_queue& q, request_queue::operation_id) { return q.expire(at(110)); };
  struct {
    const char* name;
    std::function<request_queue::endings(request_queue&, request_queue::operation_id)> strike;
    const char* before;
    const char* committing;
  } const all[] = {{"cancel", cancel, "operation_aborted", "outcome_unknown"},
                   {"expire", expire, "timed_out", ""},
                   {"expire late", expire_late, "timed_out", "outcome_unknown"}};
  for (const auto& t : all) {
    for (request_queue::operation_id struck = 1; struck <= 3; ++struck) {
      for (int step = 0; step <= 2; ++step) {
        SCOPED_TRACE(std::string(t.name) + " of " + std::to_string(struck) + " at step " + std::to_string(step));
        request_queue q(10);
        for (request_queue::operation_id id = 1; id <= 3; ++id)
          ASSERT_FALSE(q.submit(id, due(at(id == struck ? 10 : 1000))));
        std::vector<request_queue::operation_id> writers;
        if (step >= 1) writers = q.take().members;
        if (step == 2) {
          ASSERT_TRUE(q.begin_commit(writers));
        }

        const std::string why = step == 2 ? t.committing : t.before;
        EXPECT_EQ(line(t.strike(q, struck)), why.empty() ? "" : std::to_string(struck) + ':' + why);

        if (step == 1) {
          EXPECT_FALSE(q.begin_commit(writers));
        }
        // The others run to their end, in whatever groups.
        std::size_t done = 0;
        if (step == 2) {
          for (const auto id : writers) done += q.finish(id) ? 1U : 0U;
        }
        for (auto g = q.take(); !g.members.empty(); g = q.take()) {
          ASSERT_TRUE(q.begin_commit(g.members));
          for (const auto id : g.members) done += q.finish(id) ? 1U : 0U;
        }
        EXPECT_EQ(done, why.empty() ? 3U : 2U);
        EXPECT_EQ(q.next_deadline(), std::nullopt);
      }
    }
  }
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
  ASSERT_FALSE(q.submit(1, due(at(100))));
  if (step >= 1) {
    ASSERT_EQ(take(q), "write 1");
  }
  if (step >= 2) {
    ASSERT_TRUE(q.begin_commit({1}));
  }
  if (step >= 3) {
    ASSERT_TRUE(q.finish(1));
  }
}

TEST(RequestQueue, EveryTroubleAtEveryStepEndsAnOperationOnce) {
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
        EXPECT_EQ(take(q), "-");
      }
      if (step == 1) {
        EXPECT_EQ(q.begin_commit({1}), !ended);
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
