#pragma once

#include "fault/backends.hpp"
#include "fault/fault_store.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>

namespace atto::test {

/// Every call ends by its deadline, and the pool is back soon after the fault, with nothing left behind.
class Patience : public testing::Test {
 protected:
  static constexpr std::chrono::milliseconds timeout{300};
  static constexpr std::chrono::milliseconds grace{250};
  static constexpr std::chrono::seconds recovery{2};

  /// Which code a call ends with that changes data, when the fault lets it be sent or keeps it waiting.
  enum class writes { sent, kept };

  void SetUp() override;
  void TearDown() override;
  void use(std::unique_ptr<fault_store> with, const std::string& server = test_postgres::dsn());

  /// Load, save, append, remove and list, one after the other, each between `begin` and `end`; then a close that waits
  /// for a save.
  void each_call_ends(writes how, const std::function<void()>& begin, const std::function<void()>& end);

  [[nodiscard]] fault_store& fault() noexcept { return *fault_; }
  [[nodiscard]] backends& found() noexcept { return *found_; }
  /// A call with the timeout ends in time, and so.
  void expect_in_time(const std::function<void()>& operation, error_code code);
  /// The store works within two seconds from now.
  void expect_back();
  /// There are as many connections and descriptors as when they were remembered.
  void expect_nothing_left();
  void remember();

  const std::string id = canary;
  std::int64_t version = 0;

 private:
  void one_call_ends(const std::function<void()>& begin, const std::function<void()>& end,
                     const std::function<void()>& operation, error_code code);
  void close_ends(const std::function<void()>& begin, const std::function<void()>& end);

  std::unique_ptr<fault_store> fault_;
  std::unique_ptr<backends> found_;
  std::size_t connections_ = 0, descriptors_ = 0;
};

}  // namespace atto::test
