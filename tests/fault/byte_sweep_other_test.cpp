#include "fault/byte_sweep.hpp"

#include <fmt/format.h>

#include <string>

namespace atto::test {
namespace {

class OtherSweep : public ByteSweep {
 protected:
  static std::string name(std::int64_t number) { return fmt::format("{} {:06}", canary, number); }
};

ATTO_ALL_WAYS(OtherSweep);

TEST_P(OtherSweep, TheFirstWriteOfASessionIsDoneOnce) {
  const auto begin = [&](std::int64_t n) { EXPECT_EQ(store().append(name(n), 0, one_turn(n)), 1); };
  sweep(7, begin, [&](std::int64_t n) {
    EXPECT_EQ(discreet_failure_of([&] { begin(n); }).code, error_code());
    EXPECT_EQ(other().load(name(n)), snapshot(1, {}, one_turn(n).events));
  });
  EXPECT_EQ(fault().audit().repeated(), "");
}

TEST_P(OtherSweep, AnExactSaveIsDoneOnce) {
  const auto save = [&](std::int64_t version) {
    EXPECT_EQ(store().save(canary, whole(version), {.guard = guard::exact, .base = version - 1}), version);
  };
  sweep(7, save, [&](std::int64_t version) {
    EXPECT_EQ(discreet_failure_of([&] { save(version); }).code, error_code());
    EXPECT_EQ(other().load(canary), whole(version));
  });
  EXPECT_EQ(fault().audit().repeated(), "");
}

TEST_P(OtherSweep, AnAppendThatLostARaceIsToldSo) {
  other().save(canary, whole(1));
  other().append(canary, 1, one_turn(7));
  const auto lose = [&](std::int64_t n) {
    const auto f = discreet_failure_of([&] { store().append(canary, 1, one_turn(n)); });
    EXPECT_EQ(f.code, errc::concurrent_write);
    EXPECT_EQ(f.diag.stored_version(), 2);
    EXPECT_EQ(f.diag.supplied_version(), 1);
  };
  sweep(7, lose, lose);
  EXPECT_EQ(other().load(canary)->version, 2);
  EXPECT_EQ(fault().audit().repeated(), "");
}

TEST_P(OtherSweep, ASaveThatLostARaceIsToldSo) {
  other().save(canary, whole(5));
  const auto lose = [&](std::int64_t) {
    const auto f = discreet_failure_of([&] { store().save(canary, whole(5)); });
    EXPECT_EQ(f.code, errc::concurrent_write);
    EXPECT_EQ(f.diag.stored_version(), 5);
  };
  sweep(7, lose, lose);
  EXPECT_EQ(fault().audit().repeated(), "");
}

TEST_P(OtherSweep, ALoadIsDoneAgain) {
  other().save(canary, whole(5));
  const auto load = [&](std::int64_t) { EXPECT_EQ(store().load(canary), whole(5)); };
  sweep(7, load, [&](std::int64_t n) { EXPECT_EQ(discreet_failure_of([&] { load(n); }).code, error_code()); });
}

TEST_P(OtherSweep, AListIsDoneAgain) {
  other().save(canary, whole(5));
  const auto list = [&](std::int64_t) { EXPECT_EQ(store().list().size(), 1U); };
  sweep(7, list, [&](std::int64_t n) { EXPECT_EQ(discreet_failure_of([&] { list(n); }).code, error_code()); });
}

TEST_P(OtherSweep, ARemoveIsRightOrUnknown) {
  const auto remove = [&](std::int64_t n) {
    other().save(name(n), whole(1));
    EXPECT_TRUE(store().remove(name(n)));
  };
  sweep(7, remove, [&](std::int64_t n) {
    const auto code = discreet_failure_of([&] { remove(n); }).code;
    EXPECT_TRUE(!code || code == errc::outcome_unknown) << code.message();
    EXPECT_TRUE(code || !other().load(name(n)));
  });
}

}  // namespace
}  // namespace atto::test
