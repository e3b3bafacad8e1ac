
#include <atto/completion.hpp>

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/thread_pool.hpp>

#include <gmock/gmock.h>

#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>

namespace atto {
namespace {

using boost::asio::io_context;

/// What a handler was called with.
struct call {
  int count = 0;
  error_code code;
  int value = -1;
};

auto note(call& seen) {
  return [&seen](error_code ec, int value) {
    ++seen.count;
    seen.code = ec;
    seen.value = value;
  };
}

TEST(Completion, SuccessIsPostedWithItsValue) {
  io_context context;
  call seen;
  completion<int>(note(seen), context.get_executor(), nullptr).succeed(17);
  EXPECT_EQ(seen.count, 0);
  context.run();
  EXPECT_EQ(seen.count, 1);
  EXPECT_FALSE(seen.code);
  EXPECT_EQ(seen.value, 17);
}

TEST(Completion, AFailureFillsTheDiagnosticsBeforeTheHandlerRuns) {
  io_context context;
  call seen;
  diagnostics diag;
  completion<int>(note(seen), context.get_executor(), &diag).fail({errc::closed, "gone"});
  EXPECT_EQ(diag.message(), "gone");
  context.run();
  EXPECT_EQ(seen.count, 1);
  EXPECT_EQ(seen.code, errc::closed);
  EXPECT_EQ(seen.value, 0);
}

TEST(Completion, AFailureNeedsNoDiagnostics) {
  io_context context;
  call seen;
  completion<int>(note(seen), context.get_executor(), nullptr).fail({errc::closed, "gone"});
  context.run();
  EXPECT_EQ(seen.code, errc::closed);
}

TEST(Completion, AHandlerIsNotCalledInlineOnItsOwnExecutor) {
  io_context context;
  call seen;
  boost::asio::post(context, [&] {
    completion<int>(note(seen), context.get_executor(), nullptr).succeed(1);
    EXPECT_EQ(seen.count, 0);
  });
  context.run();
  EXPECT_EQ(seen.count, 1);
}

TEST(Completion, AHandlerIsCalledInlineWhereThatIsAskedForAndItHasNoOtherExecutor) {
  io_context context, other;
  call here, there;
  boost::asio::post(context, [&] {
    completion<int>(note(here), context.get_executor(), nullptr).succeed_here(1);
    EXPECT_EQ(here.value, 1);
    completion<int>(boost::asio::bind_executor(other, note(there)), context.get_executor(), nullptr).succeed_here(2);
  });
  context.run();
  EXPECT_EQ(there.count, 0);
  other.run();
  EXPECT_EQ(there.value, 2);
}

TEST(Completion, AHandlerRunsOnItsOwnExecutor) {
  io_context stores;
  io_context own;
  bool there = false;
  auto handler =
      boost::asio::bind_executor(own, [&](error_code, int) { there = own.get_executor().running_in_this_thread(); });
  completion<int>(handler, stores.get_executor(), nullptr).succeed(1);
  stores.run();
  EXPECT_FALSE(there);
  own.run();
  EXPECT_TRUE(there);
}

TEST(Completion, AnExecutorThatIsTheStoresIsKnownAsThat) {
  io_context context, other;
  boost::asio::thread_pool pool(1);
  const auto same = [](const boost::asio::any_io_executor& own, const boost::asio::any_io_executor& stores) {
    return detail::are_same_context(boost::asio::any_completion_executor(own), stores);
  };
  EXPECT_TRUE(same(context.get_executor(), context.get_executor()));
  EXPECT_TRUE(same(pool.get_executor(), pool.get_executor()));
  EXPECT_FALSE(same(other.get_executor(), context.get_executor()));
  EXPECT_FALSE(same(pool.get_executor(), context.get_executor()));
  EXPECT_FALSE(same(make_strand(context), context.get_executor()));
}

TEST(Completion, AHandlerRunsOnItsStrand) {
  io_context stores;
  auto strand = boost::asio::make_strand(stores);
  bool there = false;
  auto handler = boost::asio::bind_executor(strand, [&](error_code, int) { there = strand.running_in_this_thread(); });
  completion<int>(handler, stores.get_executor(), nullptr).succeed(1);
  stores.run();
  EXPECT_TRUE(there);
}

TEST(Completion, BothExecutorsStayAliveUntilTheHandlerWasCalled) {
  io_context stores;
  io_context own;
  call seen;
  std::optional<completion<int>> waiting(std::in_place, boost::asio::bind_executor(own, note(seen)),
                                         stores.get_executor(), nullptr);
  stores.poll();
  own.poll();
  EXPECT_FALSE(stores.stopped());
  EXPECT_FALSE(own.stopped());
  std::thread later([&] { waiting->succeed(1); });
  stores.run();
  own.run();
  later.join();
  EXPECT_EQ(seen.count, 1);
  EXPECT_TRUE(stores.stopped());
  EXPECT_TRUE(own.stopped());
}

TEST(Completion, NoWorkIsLeftOnceTheHandlerWasPosted) {
  io_context stores;
  call seen;
  completion<int> spent(note(seen), stores.get_executor(), nullptr);
  spent.succeed(1);
  stores.run();  // returns though `spent` still exists
  EXPECT_EQ(seen.count, 1);
}

TEST(Completion, AHandlerThatIsDroppedGivesUpItsWork) {
  io_context stores;
  call seen;
  { completion<int> dropped(note(seen), stores.get_executor(), nullptr); }
  stores.run();
  EXPECT_EQ(seen.count, 0);
}

TEST(Completion, AMovedCompletionKeepsTheHandler) {
  io_context stores;
  call seen;
  completion<int> first(note(seen), stores.get_executor(), nullptr);
  completion<int> second(std::move(first));
  second.succeed(5);
  stores.run();
  EXPECT_EQ(seen.count, 1);
  EXPECT_EQ(seen.value, 5);
}

TEST(Completion, ValuesThatOnlyMoveArePassedOn) {
  io_context stores;
  int seen = 0;
  completion<std::unique_ptr<int>> c([&](error_code, std::unique_ptr<int> p) { seen = *p; }, stores.get_executor(),
                                     nullptr);
  c.succeed(std::make_unique<int>(9));
  stores.run();
  EXPECT_EQ(seen, 9);
}

TEST(Completion, TheHandlersCancellationSlotIsSeen) {
  io_context stores;
  boost::asio::cancellation_signal signal;
  call seen;
  completion<int> plain(note(seen), stores.get_executor(), nullptr);
  EXPECT_FALSE(plain.cancellation_slot().is_connected());
  completion<int> bound(boost::asio::bind_cancellation_slot(signal.slot(), note(seen)), stores.get_executor(), nullptr);
  auto slot = bound.cancellation_slot();
  ASSERT_TRUE(slot.is_connected());
  auto type = boost::asio::cancellation_type::none;
  slot.assign([&type](boost::asio::cancellation_type t) { type = t; });
  signal.emit(boost::asio::cancellation_type::total);
  EXPECT_EQ(type, boost::asio::cancellation_type::total);
}

}  // namespace
}  // namespace atto
