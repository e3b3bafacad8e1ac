// How many allocations a call makes: on one thread, counted exactly, so nothing here depends on the machine's speed.

#include <atto/memory_store.hpp>
#include <atto/session_runtime.hpp>
#include <atto/state.hpp>

#include "fault/failing_new.hpp"

#include <boost/asio/io_context.hpp>

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace atto {
namespace {

using test::failing_new;

/// What a state of 200 values may cost a call that does not touch it.
constexpr std::size_t allowed_for_a_state = 20;

state state_of(int values) {
  state s;
  for (int i = 0; i < values; ++i) s.set("the name of a value, no short one: " + std::to_string(i), json("[1,2,3]"));
  return s;
}

class AllocationCounts : public testing::Test {
 protected:
  /// Runs the context until `done`; what is left in it then (the timers of a runtime) is not waited for.
  void run_until(const bool& done) {
    context_.restart();
    while (!done) context_.run_one();
  }

  /// Of the last of a few appends.
  std::size_t of_append(std::string_view id, const state& s) {
    const history events{json("1")};
    std::size_t allocations = 0;
    for (std::int64_t version = 0; version < 4;) {
      bool done = false;
      const failing_new::window open;
      store_->async_append(id, version, turn(s, events), {}, [&](error_code ec, std::int64_t stored) {
        EXPECT_FALSE(ec) << ec.message();
        version = ec ? 4 : stored;
        done = true;
      });
      run_until(done);
      allocations = open.allocations();
    }
    return allocations;
  }

  /// Of the last of a few turns, each of which appends one event; the first sets the state.
  std::size_t of_turn(std::string_view id, const state& s) {
    session_runtime runtime(context_.get_executor(), store_, [&](session_turn& t) -> boost::asio::awaitable<void> {
      if (t.version() == 0) t.state() = s;
      t.emit(t.message());
      co_return;
    });
    const json message("1");
    std::size_t allocations = 0;
    for (int i = 0; i < 4; ++i) {
      bool done = false;
      const failing_new::window open;
      runtime.async_run(id, message, {}, [&](error_code ec, const history&) {
        EXPECT_FALSE(ec) << ec.message();
        done = true;
      });
      run_until(done);
      allocations = open.allocations();
    }
    return allocations;
  }

 private:
  boost::asio::io_context context_;
  std::shared_ptr<session_store> store_ = memory::open(context_.get_executor());
};

TEST_F(AllocationCounts, OfAnAppendDoNotGrowWithTheState) {
  const std::size_t without = of_append("empty", state());
  EXPECT_GT(without, 0U);
  EXPECT_LE(of_append("large", state_of(200)), without + allowed_for_a_state);
}

TEST_F(AllocationCounts, OfATurnThatDoesNotTouchTheStateDoNotGrowWithIt) {
  const std::size_t without = of_turn("empty", state());
  EXPECT_GT(without, 0U);
  EXPECT_LE(of_turn("large", state_of(200)), without + allowed_for_a_state);
}

TEST_F(AllocationCounts, OfCopiesOfAStateAreNone) {
  const state s = state_of(200);
  const failing_new::window open;
  state copy = s;
  const state moved = std::move(copy);
  copy = moved.without_temp();
  EXPECT_EQ(copy.bytes(), s.bytes());
  EXPECT_TRUE(copy == s);
  EXPECT_TRUE(state() == state().without_temp());
  EXPECT_EQ(open.allocations(), 0U);
}

TEST_F(AllocationCounts, OfAChangeAreThoseOfOneCopyOnlyWhenTheValuesAreShared) {
  const state s = state_of(200);
  state copy = s;
  const json value("1");
  const auto of_change = [&] {
    const failing_new::window open;
    copy.set("new", value);
    copy.erase("new");
    return open.allocations();
  };
  EXPECT_GE(of_change(), s.size());
  EXPECT_LE(of_change(), 1U);
}

}  // namespace
}  // namespace atto
