// What copies of a state share, and that no one can see it but by the cost. Not in the suite State: TSan runs these.

#include <atto/state.hpp>

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <barrier>
#include <cstddef>
#include <map>
#include <random>
#include <string>
#include <string_view>
#include <thread>
#include <type_traits>
#include <utility>

namespace atto {
namespace {

static_assert(std::is_nothrow_default_constructible_v<state>);
static_assert(std::is_nothrow_copy_constructible_v<state> && std::is_nothrow_copy_assignable_v<state>);
static_assert(std::is_nothrow_move_constructible_v<state> && std::is_nothrow_move_assignable_v<state>);

state three_values() {
  return state::from_object(json(R"({"a":1,"b":2,"temp:c":3})"));
}

TEST(SharedState, SharesItsValuesWithCopiesUntilOneIsChanged) {
  const state s = three_values();
  state copy = s;
  EXPECT_EQ(copy.find("a"), s.find("a"));
  copy.set("d", json("4"));
  EXPECT_NE(copy.find("a"), s.find("a"));
  const json* const own = copy.find("a");
  copy.set("e", json("5"));
  EXPECT_EQ(copy.find("a"), own) << "a state that shares with no other is changed in place";
}

TEST(SharedState, DoesNotSeeWhatACopyIsChangedTo) {
  const state before = three_values();
  const state s = before;
  state added = s, replaced = s, erased = s, cleared = s, erased_by_own_name = s;
  added.set("d", json("4"));
  replaced.set("a", json("4"));
  EXPECT_TRUE(erased.erase("temp:c"));
  cleared.clear();
  EXPECT_TRUE(erased_by_own_name.erase(erased_by_own_name.begin()->first));
  EXPECT_EQ(s, three_values());
  EXPECT_EQ(added, state::from_object(json(R"({"a":1,"b":2,"d":4,"temp:c":3})")));
  EXPECT_EQ(replaced, state::from_object(json(R"({"a":4,"b":2,"temp:c":3})")));
  EXPECT_EQ(erased, state::from_object(json(R"({"a":1,"b":2})")));
  EXPECT_EQ(erased_by_own_name, state::from_object(json(R"({"b":2,"temp:c":3})")));
  EXPECT_EQ(cleared, state());
}

TEST(SharedState, DoesNotChangeACopyWhenItIsChanged) {
  state s = three_values();
  const state copy = s;
  s.set("a", json("4"));
  EXPECT_TRUE(s.erase("b"));
  EXPECT_EQ(copy, three_values());
  s.clear();
  EXPECT_EQ(copy, three_values());
}

TEST(SharedState, IsNotCopiedToEraseWhatItDoesNotHold) {
  const state s = three_values();
  state copy = s;
  EXPECT_FALSE(copy.erase("d"));
  EXPECT_EQ(copy.find("a"), s.find("a"));
}

TEST(SharedState, IsEmptyWhenMovedFrom) {
  state s = three_values();
  const state made = std::move(s);
  EXPECT_TRUE(s.empty());  // NOLINT(bugprone-use-after-move): what this test is about
  EXPECT_EQ(s.bytes(), state().bytes());
  EXPECT_EQ(s.begin(), s.end());
  s.set("a", json("1"));
  state assigned;
  assigned = std::move(s);
  EXPECT_TRUE(s.empty());  // NOLINT(bugprone-use-after-move)
  EXPECT_EQ(assigned.size(), 1U);
  EXPECT_EQ(made, three_values());
}

TEST(SharedState, StaysAsItIsWhenAssignedToItself) {
  state s = three_values();
  state& same = s;
  s = same;
  EXPECT_EQ(s, three_values());
  s = std::move(same);
  EXPECT_EQ(s, three_values());
}

TEST(SharedState, IsEmptyAgainWhenItsLastValueIsErased) {
  state s;
  s.set("temp:a", json("1"));
  EXPECT_TRUE(s.erase("temp:a"));
  EXPECT_TRUE(s.empty());
  EXPECT_EQ(s.begin(), s.end());
  EXPECT_EQ(s, state());
}

TEST(SharedState, GivesItselfWhenNoTempValueIsToBeDropped) {
  state s = three_values();
  EXPECT_NE(s.without_temp().find("a"), s.find("a"));
  EXPECT_TRUE(s.erase("temp:c"));
  EXPECT_EQ(s.without_temp().find("a"), s.find("a"));
  s.clear();
  s.set("temp:c", json("3"));
  EXPECT_TRUE(s.without_temp().empty());
}

/// One of a few states, and what a plain map holds after the same calls.
struct pair_of_both {
  state real;
  std::map<std::string, std::string> model;

  void expect_same() const {
    ASSERT_EQ(real.size(), model.size());
    auto expected = model.begin();
    std::string object = "{";
    for (const auto& [name, value] : real) {
      EXPECT_EQ(name, expected->first);
      EXPECT_EQ(value.text(), expected->second);
      ++expected;
      if (name.starts_with(state::temp_prefix)) continue;
      object.append(object.size() > 1 ? "," : "").append("\"" + name + "\":").append(value.text());
    }
    EXPECT_EQ(real.bytes(), json(object + "}").bytes());
  }
};

TEST(SharedState, KeepsItsSizeAndItsValuesThroughAnyCallsOfItAndItsCopies) {
  constexpr std::array names{"a", "temp:a", "a name that is longer than a short string", "temp:", "\xEF\xB7\x90"};
  constexpr std::array values{"1", R"("a longer value")", "[ 1, 2 ]", "1e300", "null"};
  std::mt19937 random(11);
  const auto any_of = [&](const auto& list) -> auto& {
    return list[random() % list.size()];
  };
  std::array<pair_of_both, 3> all;
  for (int round = 0; round < 5000; ++round) {
    pair_of_both& one = all[random() % all.size()];
    pair_of_both& other = all[random() % all.size()];
    const std::string name = any_of(names), value = any_of(values);
    switch (random() % 8) {
      case 0:
        one = other;
        break;
      case 1:
        one.real = other.real.without_temp();
        one.model = other.model;
        std::erase_if(one.model, [](const auto& m) { return m.first.starts_with(state::temp_prefix); });
        break;
      case 2:
        EXPECT_EQ(one.real.erase(name), one.model.erase(name) == 1);
        break;
      case 3:
        std::swap(one, other);
        break;
      case 4:
        if (random() % 4 == 0) one = {};
        break;
      default:
        one.real.set(name, json(value));
        one.model[name] = value;
    }
    for (const pair_of_both& p : all) p.expect_same();
    EXPECT_EQ(one.real == other.real, one.model == other.model);
  }
}

/// Each thread reads, changes and drops its own copies; the second is the last to share with the first, or is not.
TEST(SharedState, IsIndependentOfCopiesThatOtherThreadsReadChangeAndDrop) {
  constexpr int rounds = 300;
  state common = three_values();
  std::array<state, 2> copies;
  std::barrier begin(2, [&]() noexcept {
    common.set("round", json("[1]"));
    copies = {common, common};
    common.clear();
  });
  std::array<std::size_t, 2> read{};
  const auto work = [&](std::size_t i) {
    for (int round = 0; round < rounds; ++round) {
      begin.arrive_and_wait();
      state mine = std::move(copies[i]);
      for (const auto& [name, value] : mine) read[i] += name.size() + value.text().size();
      EXPECT_EQ(state(mine), mine);
      mine.set("a", json(std::to_string(i)));
      mine.erase("round");
      read[i] += mine.find("a")->text() == std::to_string(i) ? 1U : 0U;
    }
  };
  std::thread other(work, 1);
  work(0);
  other.join();
  EXPECT_EQ(read[0], read[1]);
}

/// The flag is relaxed, so that nothing but the state itself orders what the reader read before what is changed then.
TEST(SharedState, IsChangedInPlaceOnlyAfterOtherThreadsHaveReadWhatTheyShare) {
  for (int round = 0; round < 20; ++round) {
    state s = three_values();
    std::atomic<bool> dropped = false;
    std::size_t read = 0;
    std::thread reader([copy = s, &dropped, &read]() mutable {
      for (const auto& [name, value] : copy) read += name.size() + value.text().size();
      copy.clear();
      dropped.store(true, std::memory_order_relaxed);
    });
    while (!dropped.load(std::memory_order_relaxed)) std::this_thread::yield();
    s.set("a", json("[3]"));
    EXPECT_EQ(s.find("a")->text(), "[3]");
    reader.join();
    EXPECT_EQ(read, 11U);
  }
}

}  // namespace
}  // namespace atto
