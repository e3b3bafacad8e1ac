#pragma once

#include "driver/child_client.hpp"
#include "driver/journal.hpp"
#include "driver/session_line.hpp"
#include "driver/stores.hpp"
#include "support/history_recorder.hpp"

#include <array>
#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <vector>

namespace atto::test {

/// One operation of a caller, as its session's kind allows.
void act(recording_caller& caller, const std::string& id, std::mt19937& random, unsigned impatient_percent);

struct round_options {
  std::size_t number = 0;
  unsigned seed = 1;
  std::size_t callers = 8;
  /// Operations of a hundred with a deadline of 1 ms. When there are any, no session is removed: who gives up puts the
  /// writes of others in doubt, too, and a first write in doubt across a remove cannot be decided.
  unsigned impatient_percent = 0;
};

/// Callers that race on new sessions until they are told to stop. One thread gives the orders.
class round {
 public:
  /// `last_name`: of all rounds. Starts at once.
  round(stores& opened, const round_options& o, std::atomic<write_name>& last_name);
  round(const round&) = delete;
  round& operator=(const round&) = delete;
  ~round();

  /// No new operation begins.
  void pause();
  void resume();

  /// A client in a process of its own joins, on sessions that it shares with these callers from then on.
  void start_child(const std::vector<std::string>& where);
  /// In the middle of its writes.
  void kill_child();

  /// Ends the load; no operation is outstanding then. Throws what a caller threw.
  void stop();

  [[nodiscard]] std::string prefix() const;
  /// Adds what others did to this round's sessions.
  void add(const histories_by_id& more);
  /// Of all, after stop.
  [[nodiscard]] const histories_by_id& histories() const noexcept { return done_; }
  /// What a list told that cannot be; empty when nothing.
  [[nodiscard]] const std::string& list_violation() const noexcept { return list_violation_; }
  [[nodiscard]] std::size_t lists() const noexcept { return lists_; }

 private:
  void guarded_caller(std::size_t i) noexcept;
  void run_caller(std::size_t i);
  bool may_go_on();
  std::string choose(std::mt19937& random);
  void list(recording_caller& caller, session_store& store);
  void rest_after(operation_outcome last);

  stores& opened_;
  round_options options_;
  std::atomic<write_name>& last_name_;
  std::array<session_line, 3> lines_;
  std::atomic<bool> shared_{false};
  std::atomic<std::size_t> lists_{0};
  std::unique_ptr<child_client> child_;
  std::size_t children_ = 0;

  std::mutex mutex_;
  std::condition_variable changed_;
  bool paused_ = false;
  bool stopping_ = false;
  histories_by_id done_;
  std::string list_violation_;
  std::exception_ptr failed_;

  std::vector<std::thread> threads_;
};

}  // namespace atto::test
