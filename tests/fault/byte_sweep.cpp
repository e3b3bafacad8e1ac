#include "fault/byte_sweep.hpp"

#include <algorithm>
#include <cstdlib>

namespace atto::test {

void ByteSweep::SetUp() {
  ATTO_REQUIRE_POSTGRES_SERVER();
  fault_.emplace(test_postgres::dsn());
}

void ByteSweep::use_tcp() {
  const char* tcp = std::getenv("ATTO_TEST_POSTGRES_TCP");
  if (tcp == nullptr) GTEST_SKIP() << "ATTO_TEST_POSTGRES_TCP names no server on TCP";
  fault_.emplace(tcp);
}

std::uint64_t ByteSweep::length_of(const std::function<void()>& exchange) {
  fault_->proxy().arm();
  exchange();
  return fault_->proxy().now().of(GetParam().in).passed;
}

void ByteSweep::wait_for_cut() {
  EXPECT_TRUE(fault_->proxy().wait_until([](const chaos::counters& c) { return c.cut == 1; }));
}

int ByteSweep::sweep(std::uint64_t step, const std::function<void(std::int64_t)>& warm,
                     const std::function<void(std::int64_t)>& struck) {
  const auto [in, how] = GetParam();
  if (std::getenv("ATTO_TEST_EVERY_BYTE") != nullptr) step = 1;
  std::int64_t number = 0;
  int cuts = 0;
  for (int i = 0; i < 2; ++i) warm(++number);  // the first of a session may be another statement
  const std::uint64_t length = length_of([&] { warm(++number); });
  EXPECT_GT(length, 0U);
  for (std::uint64_t n = 0; n < length + step && !HasFailure(); n += step) {
    SCOPED_TRACE("cut after " + std::to_string(std::min(n, length)) + " bytes");
    warm(++number);
    fault_->proxy().arm(chaos::cut{.in = in, .after = std::min(n, length), .client = how, .server = how});
    struck(++number);
    wait_for_cut();
    ++cuts;
  }
  return cuts;
}

std::string name_of(const testing::TestParamInfo<way>& info) {
  const bool requests = info.param.in == chaos::direction::requests;
  const bool fin = info.param.how == chaos::ending::fin;
  return std::string(requests ? "Requests" : "Replies") + (fin ? "ByFin" : "ByReset");
}

}  // namespace atto::test
