// Messages that are sent again.

#include "unit/runtime/runtime_fixture.hpp"

#include <gmock/gmock.h>

#include <stdexcept>
#include <utility>

namespace atto::test {
namespace {

class RuntimeMessage : public SessionRuntime {
 protected:
  std::shared_ptr<turn_result> send(const std::string& id, const std::string& message, const std::string& name,
                                    session_runtime* node = nullptr) {
    auto r = std::make_shared<turn_result>();
    (node != nullptr ? *node : *runtime)
        .async_run(id, json(message), {.message_id = message_id(name), .diag = &r->diag},
                   [r](error_code ec, history events) {
                     r->code = ec;
                     r->events = std::move(events);
                   });
    return r;
  }
  /// Emits its message, and counts its calls.
  turn_handler counting() {
    return [this](session_turn& t) {
      ++calls;
      return echo(t);
    };
  }
  /// Puts a summary in the place of what was before.
  static boost::asio::awaitable<void> compacting(session_turn& t) {
    t.replace_history(history{json("\"summary\"")});
    return echo(t);
  }

  int calls = 0;
};

TEST_F(RuntimeMessage, AMessageThatIsSentAgainGetsItsEventsAndRunsNothing) {
  make(counting());
  finish(*send("s", "1", "first"));
  finish(*send("s", "2", "second"));
  const auto again = send("s", "3", "first");
  finish(*again);
  EXPECT_EQ(again->code, error_code());
  EXPECT_EQ(again->events, history{json("1")});
  EXPECT_EQ(calls, 2);
  EXPECT_EQ(stored("s")->version, 2);
}

TEST_F(RuntimeMessage, ItDoesSoOnAnotherNode) {
  make(counting());
  finish(*send("s", "1", "first"));
  session_runtime other(context.get_executor(), store, counting());
  const auto again = send("s", "1", "first", &other);
  finish(*again);
  EXPECT_EQ(again->events, history{json("1")});
  EXPECT_EQ(calls, 1);
}

TEST_F(RuntimeMessage, ItDoesSoOnANodeWhereTheSessionWasAbsentWhenATurnOfItFailed) {
  bool fails = true;
  make([&](session_turn& t) {
    if (std::exchange(fails, false)) throw std::runtime_error("no");
    ++calls;
    return echo(t);
  });
  const auto failed = send("s", "0", "none");
  finish(*failed);
  ASSERT_EQ(failed->code, errc::handler_failed);
  session_runtime other(context.get_executor(), store, counting());
  finish(*send("s", "1", "first", &other));

  const auto again = send("s", "1", "first");
  finish(*again);
  EXPECT_EQ(again->code, error_code());
  EXPECT_EQ(again->events, history{json("1")});
  EXPECT_EQ(calls, 1);
}

TEST_F(RuntimeMessage, ItDoesSoAfterTheHistoryWasReplaced) {
  make(compacting);
  finish(*send("s", "1", "first"));
  finish(*send("s", "2", "second"));
  for (const auto& [name, event] : {std::pair("first", "1"), std::pair("second", "2")}) {
    const auto again = send("s", "3", name);
    finish(*again);
    EXPECT_EQ(again->events, history{json(event)}) << name;
  }
  EXPECT_EQ(stored("s")->version, 2);
}

TEST_F(RuntimeMessage, SentTwiceAtOnceItRunsOnce) {
  make(counting());
  const auto one = send("s", "1", "first"), two = send("s", "1", "first");
  finish(*one);
  finish(*two);
  EXPECT_EQ(two->events, history{json("1")});
  EXPECT_EQ(calls, 1);
}

TEST_F(RuntimeMessage, SentToTwoNodesAtOnceItIsStoredOnceAndBothAreTold) {
  make(counting());
  session_runtime other(context.get_executor(), store, counting());
  finish(*send("s", "0", "before"));
  finish(*send("s", "0", "before", &other));
  const auto one = send("s", "1", "first"), two = send("s", "1", "first", &other);
  finish(*one);
  finish(*two);
  for (const auto& told : {one, two}) {
    EXPECT_EQ(told->code, error_code()) << told->diag.message();
    EXPECT_EQ(told->events, history{json("1")});
  }
  EXPECT_EQ(stored("s")->version, 2);
}

TEST_F(RuntimeMessage, ATurnThatLostARaceToARemoveIsToldSoAndRunsOnce) {
  make([this](session_turn& t) {
    if (++calls == 2) store->async_remove(t.session_id(), {}, [](error_code, bool) {});
    return echo(t);
  });
  finish(*send("s", "1", "first"));
  const auto lost = send("s", "2", "second");
  finish(*lost);
  EXPECT_EQ(lost->code, errc::concurrent_write);
  EXPECT_EQ(calls, 2);
  EXPECT_EQ(stored("s"), std::nullopt);
}

TEST_F(RuntimeMessage, ALostRaceIsAskedOnceAlsoWhenNothingMayRunAgain) {
  make(counting(), {.conflict = on_conflict::rerun, .max_reruns = 0});
  finish(*send("s", "0", "zeroth"));
  session_runtime other(context.get_executor(), store, counting());
  finish(*send("s", "1", "first", &other));
  const auto late = send("s", "1", "first");
  finish(*late);
  EXPECT_EQ(late->code, error_code());
  EXPECT_EQ(late->events, history{json("1")});
}

TEST_F(RuntimeMessage, ATurnThatLostARaceToAnotherMessageIsToldSo) {
  make(counting());
  session_runtime other(context.get_executor(), store, counting());
  finish(*send("s", "0", "before"));
  finish(*send("s", "0", "before", &other));
  const auto one = send("s", "1", "first"), two = send("s", "2", "second", &other);
  finish(*one);
  finish(*two);
  EXPECT_TRUE((one->code == errc::concurrent_write) != (two->code == errc::concurrent_write));
  EXPECT_EQ(calls, 3);
  EXPECT_EQ(stored("s")->version, 2);
}

TEST_F(RuntimeMessage, AfterAnUnknownOutcomeTheMessageCanBeSentAgain) {
  make(counting());
  store->failing_writes = {errc::outcome_unknown};
  const auto unknown = send("s", "1", "first");
  finish(*unknown);
  EXPECT_EQ(unknown->code, errc::outcome_unknown);
  const auto again = send("s", "1", "first");
  finish(*again);
  EXPECT_EQ(again->code, error_code());
  EXPECT_EQ(again->events, history{json("1")});
  EXPECT_EQ(stored("s")->version, 1);
}

TEST_F(RuntimeMessage, AQuestionThatFailsIsToldAndNothingRuns) {
  make(counting());
  finish(*send("s", "0", "before"));
  store->failing_questions = {errc::unavailable};
  const auto told = send("s", "1", "first");
  finish(*told);
  EXPECT_EQ(told->code, errc::unavailable);
  EXPECT_EQ(calls, 1);
}

TEST_F(RuntimeMessage, TheFirstTurnOfASessionAsksNothing) {
  make(counting());
  finish(*send("s", "1", "first"));
  EXPECT_EQ(store->questions, 0);
}

}  // namespace
}  // namespace atto::test
