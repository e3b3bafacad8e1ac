#include "base/deadline_timer.hpp"

#include <boost/asio/io_context.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <memory>

namespace atto {
namespace {

using std::chrono::steady_clock;

class DeadlineTimer : public testing::Test {
 protected:
  DeadlineTimer() {
    timer_.on_due(owner_, [this] {
      timer_.fired();
      ++calls_;
    });
  }

  boost::asio::io_context context_;
  std::shared_ptr<int> owner_ = std::make_shared<int>();
  deadline_timer timer_{context_.get_executor()};
  int calls_ = 0;
};

TEST_F(DeadlineTimer, CallsBackOnceWhenTheEarliestDeadlineHasPassed) {
  timer_.arm(steady_clock::now() + std::chrono::hours(1));
  timer_.arm(steady_clock::now());
  timer_.arm(steady_clock::now() + std::chrono::hours(2));
  context_.run();
  EXPECT_EQ(calls_, 1);
}

TEST_F(DeadlineTimer, IsSetAnewAfterItHasFired) {
  timer_.arm(steady_clock::now());
  context_.run();
  timer_.arm(steady_clock::now());
  context_.restart();
  context_.run();
  EXPECT_EQ(calls_, 2);
}

TEST_F(DeadlineTimer, KeepsNoContextRunningWhenNothingIsToCome) {
  timer_.arm(steady_clock::now() + std::chrono::hours(1));
  timer_.arm(steady_clock::time_point::max());
  context_.run();
  EXPECT_EQ(calls_, 0);
}

TEST_F(DeadlineTimer, IsSilentAfterTheEndOfItsOwner) {
  timer_.arm(steady_clock::now());
  owner_.reset();
  context_.run();
  EXPECT_EQ(calls_, 0);
}

}  // namespace
}  // namespace atto
