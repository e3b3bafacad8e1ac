#pragma once

#include "fault/fault_store.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace atto::test {

/// A way to cut a connection.
struct way {
  chaos::direction in;
  chaos::ending how;
};

/// The store's connection is cut at the bytes of an exchange, one after the other.
class ByteSweep : public testing::TestWithParam<way> {
 protected:
  void SetUp() override;
  /// A server on a Unix path sees an end of file where it is sent a reset. Over TCP it sees the reset, too; connecting
  /// takes twice the time there.
  void use_tcp();

  [[nodiscard]] fault_store& fault() noexcept { return *fault_; }
  [[nodiscard]] blocking_store& store() noexcept { return fault_->store(); }
  [[nodiscard]] blocking_store& other() noexcept { return fault_->other(); }

  /// Cuts at 0, `step`, 2 `step` … bytes, and at the last. `warm` runs the exchange unharmed, so that its statements
  /// are prepared on the connection, and `struck` runs it once more, to be cut; both are given a number that no call
  /// was given before. Returns how many cuts struck. With ATTO_TEST_EVERY_BYTE in the environment every step is 1.
  int sweep(std::uint64_t step, const std::function<void(std::int64_t)>& warm,
            const std::function<void(std::int64_t)>& struck);
  /// What a connection attempt meets until `let_back` is called: a closed port.
  void keep_out() { fault_->proxy().admit(chaos::arrivals::refused); }
  void let_back() { fault_->proxy().admit(chaos::arrivals::served); }
  void wait_for_cut();

 private:
  [[nodiscard]] std::uint64_t length_of(const std::function<void()>& exchange);

  std::optional<fault_store> fault_;
};

[[nodiscard]] std::string name_of(const testing::TestParamInfo<way>& info);

}  // namespace atto::test

#define ATTO_ALL_WAYS(suite)                                                                      \
  INSTANTIATE_TEST_SUITE_P(Cut, suite,                                                            \
                           testing::Values(way{chaos::direction::requests, chaos::ending::fin},   \
                                           way{chaos::direction::requests, chaos::ending::reset}, \
                                           way{chaos::direction::replies, chaos::ending::fin},    \
                                           way{chaos::direction::replies, chaos::ending::reset}), \
                           name_of)
