#pragma once

#include <atto/store_observer.hpp>

#include <algorithm>
#include <chrono>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace atto::test {

/// Writes down what it is told, a line each. Read on any thread.
class noting_store_observer final : public store_observer {
 public:
  void on_group_sent(const group_sent_event& g) noexcept override {
    note("sent: " + std::to_string(g.size));
    const std::lock_guard lock(mutex_);
    longest_wait_ = std::max(longest_wait_, g.longest_wait);
  }
  void on_connected() noexcept override { note("connected"); }
  void on_connection_lost(const connection_failure& why) noexcept override { note("lost: " + line(why)); }
  void on_attempt_failed(const connection_failure& why) noexcept override { note("failed: " + line(why)); }

  [[nodiscard]] std::vector<std::string> told() const {
    const std::lock_guard lock(mutex_);
    return told_;
  }
  /// Of all groups.
  [[nodiscard]] std::chrono::nanoseconds longest_wait() const {
    const std::lock_guard lock(mutex_);
    return longest_wait_;
  }
  /// What it was told until now does not count.
  void forget() {
    const std::lock_guard lock(mutex_);
    told_.clear();
    longest_wait_ = {};
  }

 private:
  /// "<error> <code> <our words> (<the database's words>)"
  static std::string line(const connection_failure& why) {
    return why.ec.message() + ' ' + std::string(why.code) + ' ' + std::string(why.message) + " (" +
           std::string(why.server_message) + ')';
  }
  void note(std::string what) {
    const std::lock_guard lock(mutex_);
    told_.push_back(std::move(what));
  }

  mutable std::mutex mutex_;
  std::vector<std::string> told_;
  std::chrono::nanoseconds longest_wait_{0};
};

}  // namespace atto::test
