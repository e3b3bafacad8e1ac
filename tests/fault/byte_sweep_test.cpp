#include "fault/byte_sweep.hpp"

#include <cstdint>
#include <string>

// Every byte of a warm save and of a warm append.
namespace atto::test {
namespace {

class WriteSweep : public ByteSweep {
 protected:
  int sweep_saves(std::uint64_t step);
  int sweep_appends(std::uint64_t step);

 private:
  const std::string id_ = canary;
};

ATTO_ALL_WAYS(WriteSweep);

int WriteSweep::sweep_saves(std::uint64_t step) {
  const auto save = [&](std::int64_t version) { EXPECT_EQ(store().save(id_, whole(version)), version); };
  const auto struck = [&](std::int64_t version) {
    EXPECT_EQ(discreet_failure_of([&] { save(version); }).code, error_code());
    EXPECT_EQ(other().load(id_), whole(version));
  };
  return sweep(step, save, struck);
}

int WriteSweep::sweep_appends(std::uint64_t step) {
  const auto append = [&](std::int64_t number) {
    EXPECT_EQ(store().append(id_, number, one_turn(number)), number + 1);
  };
  const auto struck = [&](std::int64_t number) {
    EXPECT_EQ(discreet_failure_of([&] { append(number); }).code, error_code());
    const auto now = other().load(id_, {.last = 1});
    EXPECT_EQ(now->version, number + 1);
    EXPECT_EQ(now->total_events(), number + 1);
    EXPECT_EQ(now->history.back(), document(number));
  };
  store().save(id_, whole(1));
  return sweep(step, append, struck);
}

TEST_P(WriteSweep, ASaveWhoseConnectionIsCutAtAnyByteIsDoneOnce) {
  EXPECT_GT(sweep_saves(1), 50);
  EXPECT_EQ(fault().audit().repeated(), "");
}

TEST_P(WriteSweep, AnAppendWhoseConnectionIsCutAtAnyByteIsDoneOnce) {
  EXPECT_GT(sweep_appends(1), 30);
  EXPECT_EQ(fault().audit().repeated(), "");
}

TEST_P(WriteSweep, ASaveAndAnAppendThatAServerOnTcpIsCutOffFromAreDoneOnce) {
  use_tcp();
  if (IsSkipped()) return;
  sweep_saves(9);
  EXPECT_EQ(fault().audit().repeated(), "");
  use_tcp();
  sweep_appends(9);
  EXPECT_EQ(fault().audit().repeated(), "");
}

}  // namespace
}  // namespace atto::test
