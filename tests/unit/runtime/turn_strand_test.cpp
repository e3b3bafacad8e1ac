#include "runtime/turn_strand.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>

#include <gmock/gmock.h>

#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace atto::detail {
namespace {

using boost::asio::any_io_executor;
using boost::asio::dispatch;
using boost::asio::post;
using testing::ElementsAre;

std::shared_ptr<turn_strand> make_strand(any_io_executor inner) {
  return std::make_shared<turn_strand>(std::make_shared<const any_io_executor>(std::move(inner)));
}

any_io_executor strand_of(any_io_executor inner) {
  return turn_executor(make_strand(std::move(inner)));
}

class TurnStrand : public testing::Test {
 protected:
  auto note(int what) {
    return [this, what] { ran.push_back(what); };
  }

  std::vector<int> ran;
  std::optional<boost::asio::io_context> io{std::in_place};
  any_io_executor strand = strand_of(io->get_executor());
};

TEST_F(TurnStrand, RunsWhatItIsGivenInThatOrder) {
  for (int i = 0; i < 40; ++i) post(strand, note(i));
  EXPECT_TRUE(ran.empty());
  io->run();
  ASSERT_EQ(ran.size(), 40U);
  for (int i = 0; i < 40; ++i) EXPECT_EQ(ran[static_cast<std::size_t>(i)], i);
}

TEST_F(TurnStrand, CallsAtOnceWhatIsDispatchedFromWithinAndNotWhatIsPosted) {
  post(strand, [&] {
    post(strand, note(3));
    dispatch(strand, note(1));
    ran.push_back(2);
  });
  io->run();
  EXPECT_THAT(ran, ElementsAre(1, 2, 3));
}

TEST_F(TurnStrand, OfAnotherSessionIsNotWithinThisOne) {
  const any_io_executor other = strand_of(io->get_executor());
  post(strand, [&] {
    dispatch(other, [&] { dispatch(strand, note(2)); });
    ran.push_back(1);
  });
  io->run();
  EXPECT_THAT(ran, ElementsAre(1, 2));
}

TEST_F(TurnStrand, TellsWhileItRunsWhichSessionItServes) {
  const auto serving = make_strand(io->get_executor());
  const any_io_executor executor = turn_executor(serving);
  std::vector<std::string> seen;
  const auto look = [&] { seen.emplace_back(*current_session); };
  post(executor, [&] { serving->serve("one"); });
  post(executor, look);
  post(executor, [&] { serving->serve("other"); });
  post(executor, look);
  post(strand, look);
  io->run();
  EXPECT_THAT(seen, ElementsAre("one", "other", ""));
  EXPECT_EQ(current_session, nullptr);
}

TEST_F(TurnStrand, GoesOnAfterAnException) {
  post(strand, [] { throw std::runtime_error("of a handler"); });
  post(strand, note(1));
  EXPECT_THROW(io->run(), std::runtime_error);
  io->run();
  EXPECT_THAT(ran, ElementsAre(1));
}

TEST_F(TurnStrand, IsEnteredAtOnceUnlessSomethingCameBefore) {
  const auto entered = make_strand(io->get_executor());
  turn_strand::enter(entered, [&] {
    EXPECT_NE(current_session, nullptr);
    turn_strand::enter(entered, note(1));  // this is in it already
    post(turn_executor(entered), note(3));
    const in_turn_of none(nullptr);
    turn_strand::enter(entered, note(4));  // it is another turn that comes, by the same thread
    ran.push_back(2);
  });
  EXPECT_THAT(ran, ElementsAre(1, 2, 3, 4));
  EXPECT_EQ(current_session, nullptr);
}

TEST_F(TurnStrand, IsEnteredAgainAfterAnException) {
  const auto entered = make_strand(io->get_executor());
  const auto fail = [] { throw std::runtime_error("of a handler"); };
  EXPECT_THROW(turn_strand::enter(entered, fail), std::runtime_error);
  turn_strand::enter(entered, note(1));
  EXPECT_THAT(ran, ElementsAre(1));
}

TEST_F(TurnStrand, LetsGoOfWhatNobodyWillRun) {
  const auto held = std::make_shared<int>();
  for (int i = 0; i < 3; ++i) post(strand, [held, again = strand] {});
  EXPECT_EQ(held.use_count(), 4);
  strand = {};
  io.reset();
  EXPECT_EQ(held.use_count(), 1);
}

TEST(TurnStrandThreads, RunsOneAtATimeOnManyThreads) {
  boost::asio::thread_pool threads(4);
  const any_io_executor strand = strand_of(threads.get_executor());
  int sum = 0;  // without a lock: the thread sanitizer tells, if nothing else
  for (int i = 0; i < 10'000; ++i) {
    post(threads, [&sum, strand, i] {
      const auto add = [&sum] { ++sum; };
      i % 2 == 0 ? post(strand, add) : dispatch(strand, add);
    });
  }
  threads.join();
  EXPECT_EQ(sum, 10'000);
}

TEST(TurnStrandInAnExecutor, IsKeptWithoutAllocating) {
  EXPECT_LE(sizeof(turn_executor), sizeof(std::shared_ptr<void>) + sizeof(void*));
}

}  // namespace
}  // namespace atto::detail
