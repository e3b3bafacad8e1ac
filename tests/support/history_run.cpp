#include "support/history_run.hpp"

#include "support/register_checker.hpp"

#include <fmt/format.h>

#include <atomic>
#include <barrier>
#include <cstdlib>
#include <exception>
#include <map>
#include <random>
#include <thread>

namespace atto::test {
namespace {

using histories_by_id = std::map<std::string, recorded_history>;

class history_round {
 public:
  history_round(const std::vector<session_store*>& handles, const history_workload& work, std::size_t number,
                std::atomic<write_name>& last_name)
      : handles_(handles),
        work_(work),
        number_(number),
        last_name_(last_name),
        start_(static_cast<std::ptrdiff_t>(work.callers + 1)),
        recorded_(work.callers),
        failed_(work.callers) {}

  histories_by_id run() {
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < work_.callers; ++i) threads.emplace_back([this, i] { guarded_caller(i); });
    start_.arrive_and_wait();
    if (work_.disturb) work_.disturb();
    for (auto& t : threads) t.join();
    for (const auto& e : failed_) {
      if (e != nullptr) std::rethrow_exception(e);
    }
    return merged();
  }

 private:
  void guarded_caller(std::size_t i) noexcept {
    start_.arrive_and_wait();
    try {
      run_caller(i);
    } catch (...) {
      failed_[i] = std::current_exception();
    }
  }

  void run_caller(std::size_t i) {
    std::seed_seq seed{std::size_t{work_.seed}, number_, i};
    std::mt19937 random(seed);
    recording_caller caller(*handles_[i % handles_.size()], last_name_, i);
    for (std::size_t step = 0; step < work_.steps; ++step) caller.step(session(random), random, work_.habits);
    recorded_[i] = caller.recorded();
  }

  std::string session(std::mt19937& random) const {
    return fmt::format("history {}-{}", number_, random() % work_.sessions);
  }

  histories_by_id merged() const {
    histories_by_id all;
    for (const auto& of_caller : recorded_) {
      for (const auto& [id, h] : of_caller) all[id].insert(all[id].end(), h.begin(), h.end());
    }
    return all;
  }

  const std::vector<session_store*>& handles_;
  const history_workload& work_;
  std::size_t number_;
  std::atomic<write_name>& last_name_;
  std::barrier<> start_;
  std::vector<histories_by_id> recorded_;   // by caller
  std::vector<std::exception_ptr> failed_;  // by caller
};

}  // namespace

history_report run_histories(const std::vector<session_store*>& handles, const history_workload& work,
                             std::size_t histories) {
  history_report report;
  std::atomic<write_name> last_name{0};
  for (std::size_t number = 0; report.counts.histories < histories; ++number) {
    for (const auto& [id, recorded] : history_round(handles, work, number, last_name).run()) {
      const auto h = from_zero(recorded);
      report.counts.add(h);
      const auto said = check(h);
      if (said.legal) continue;
      report.violation = fmt::format("{}: {}\n{}", id, said.why, describe(h));
      return report;
    }
  }
  return report;
}

std::size_t histories_to_run(std::size_t usual) {
  const char* wanted = std::getenv("ATTO_TEST_HISTORIES");
  const auto count = wanted == nullptr ? 0 : std::strtoull(wanted, nullptr, 10);
  return count == 0 ? usual : static_cast<std::size_t>(count);
}

}  // namespace atto::test
