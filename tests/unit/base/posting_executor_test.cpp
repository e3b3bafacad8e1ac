// What a completion is posted to: a context's own executor, or any other.

#include <atto/completion.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/thread_pool.hpp>

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <thread>
#include <utility>

namespace atto {
namespace {

using boost::asio::any_io_executor;
using boost::asio::io_context;
using boost::asio::thread_pool;
using detail::posting_executor;
using keeping = posting_executor<boost::asio::execution::outstanding_work_t::tracked_t>;

/// Whether what is posted from within the executor is called only when the caller has returned. `run` runs what there
/// is on it, and waits.
template <class Run>
bool posts(const any_io_executor& executor, Run run) {
  bool has_returned = false, was_called_later = false;
  const posting_executor<> posting(executor);
  posting.execute([&] {
    posting.execute([&] { was_called_later = has_returned; });
    has_returned = true;
  });
  run();
  return was_called_later;
}

TEST(PostingExecutor, NeverCallsAtOnce) {
  io_context context;
  const auto run = [&] {
    context.restart();
    context.run();
  };
  EXPECT_TRUE(posts(context.get_executor(), run));
  EXPECT_TRUE(posts(make_strand(context), run));
  thread_pool pool(1);
  EXPECT_TRUE(posts(pool.get_executor(), [&] { pool.join(); }));
}

TEST(PostingExecutor, PassesOnWhatOnlyMoves) {
  io_context context;
  int seen = 0;
  posting_executor<>(any_io_executor(context.get_executor())).execute([&, value = std::make_unique<int>(17)] {
    seen = *value;
  });
  context.run();
  EXPECT_EQ(seen, 17);
}

TEST(PostingExecutor, KeepsAContextAtWorkWhenItIsToldToAndAsLongAsItLives) {
  io_context context;
  for (const any_io_executor& executor :
       {any_io_executor(context.get_executor()), any_io_executor(make_strand(context))}) {
    const posting_executor<> idle(executor);
    context.restart();
    EXPECT_EQ(context.poll(), 0U);
    EXPECT_TRUE(context.stopped());
    {
      keeping first(executor);
      const keeping second(std::move(first));
      context.restart();
      EXPECT_EQ(context.poll(), 0U);
      EXPECT_FALSE(context.stopped());
    }
    EXPECT_EQ(context.poll(), 0U);
    EXPECT_TRUE(context.stopped());
  }
}

TEST(PostingExecutor, KeepsAPoolAtWorkAsLongAsItLives) {
  // Many times: without the work, whether join() waits is a race.
  for (int round = 0; round < 50; ++round) {
    thread_pool pool(1);
    std::optional<keeping> work(any_io_executor(pool.get_executor()));
    bool called = false;
    std::thread later([&] {
      work->execute([&] { called = true; });
      work.reset();
    });
    pool.join();
    later.join();
    ASSERT_TRUE(called) << round;
  }
}

}  // namespace
}  // namespace atto
