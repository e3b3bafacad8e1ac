#include "fault/byte_sweep.hpp"

#include <gmock/gmock.h>

#include <functional>
#include <future>
#include <string>
#include <vector>

// What another client writes while the store is in doubt.
namespace atto::test {
namespace {

class CoveredSweep : public ByteSweep {
 protected:
  static constexpr std::uint64_t step = 5;

  /// Runs the store's write, which is cut and finds no server before the other client has done its own.
  failure_of struck(const std::function<void()>& write, const std::function<void()>& others) {
    keep_out();
    auto told = std::async(std::launch::async, [&] { return discreet_failure_of(write); });
    wait_for_cut();
    others();
    let_back();
    return told.get();
  }

  /// The other client appends to what it finds, whether the store's turn on `base` is there or not, or comes between.
  std::int64_t append_by_other(std::int64_t base) {
    std::int64_t on = base;
    while (failure_of([&] { other().append(id, on, one_turn(others_mark)); }).code) on = on == base ? base + 1 : base;
    return on + 1;
  }

  static constexpr std::int64_t others_mark = 999'999'999;
  const std::string id = canary;
};

ATTO_ALL_WAYS(CoveredSweep);

TEST_P(CoveredSweep, AnAppendThatALaterTurnCoversIsFoundInTheTail) {
  std::int64_t base = store().save(id, whole(1));
  const auto append = [&](std::int64_t number) { base = store().append(id, base, one_turn(number)); };
  int found = 0;
  const int cuts = sweep(step, append, [&](std::int64_t number) {
    std::int64_t now = 0;
    const auto f = struck([&] { EXPECT_EQ(store().append(id, base, one_turn(number)), base + 1); },
                          [&] { now = append_by_other(base); });
    const bool was_there = now == base + 2;
    EXPECT_EQ(f.code, was_there ? error_code() : errc::concurrent_write);
    found += was_there ? 1 : 0;
    base = now;
    EXPECT_EQ(other().load(id, {.last = 1})->total_events(), base);
  });
  // Of a request that is not whole nothing is done, and a whole one may be slower than the other client; of a reply
  // nothing is sent before all is done.
  if (GetParam().in == chaos::direction::replies) {
    EXPECT_EQ(found, cuts);
  } else {
    EXPECT_LE(found, 1);
  }
  EXPECT_EQ(fault().audit().repeated(), "");
}

TEST_P(CoveredSweep, AnAppendThatAWholeSaveSupersedesIsUnknownAndNeverALostRace) {
  std::int64_t base = store().save(id, whole(1));
  const auto append = [&](std::int64_t number) { base = store().append(id, base, one_turn(number)); };
  std::vector<error_code> told;
  sweep(step, append, [&](std::int64_t number) {
    const std::int64_t later = base + 2;
    const auto write = [&] { store().append(id, base, one_turn(number)); };
    told.push_back(struck(write, [&] {
                     other().save(id, whole(later));
                     // Comes after the sweep of the dead turns; before it the store's turn would still be found.
                     EXPECT_EQ(other().load(id), whole(later));
                   }).code);
    EXPECT_EQ(other().load(id), whole(later));
    base = later;
  });
  // The last cut is behind the last byte: with all of the replies the store knows.
  EXPECT_EQ(told.back(), GetParam().in == chaos::direction::replies ? error_code() : errc::outcome_unknown);
  told.pop_back();
  EXPECT_THAT(told, testing::Each(errc::outcome_unknown));
  EXPECT_EQ(fault().audit().repeated(), "");
}

}  // namespace
}  // namespace atto::test
