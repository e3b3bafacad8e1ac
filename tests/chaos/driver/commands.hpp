#pragma once

#include "driver/round.hpp"
#include "driver/round_report.hpp"
#include "driver/stores.hpp"

#include <boost/json/object.hpp>

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

namespace atto::test {

/// What the program is told on its standard input, a line each, and what it answers, a JSON object each:
///
///     begin             a round begins: callers race on new sessions
///     fault             the fault begins now
///     over SECONDS      the fault is over: the time until every store has acknowledged a write, {"recovered_ms": …}
///     still | go        no new operation begins, or they begin again
///     wait N            until N more writes were begun
///     child | kill      a client in a process of its own, and its end
///     proxy WHAT        reset, blackhole, hold, drip, stop, refuse; heal
///     end SECONDS       the load ends, all is read back within so long, and checked: round_report
///
/// One that fails is answered by {"error": …}.
class commands {
 public:
  commands(stores& opened, std::vector<std::string> where, unsigned seed, std::size_t callers)
      : opened_(opened), where_(std::move(where)), seed_(seed), callers_(callers) {}

  /// Throws std::exception for what cannot be done.
  [[nodiscard]] boost::json::object obey(const std::string& line);

 private:
  round& current();
  void begin();
  boost::json::object over(std::chrono::seconds limit);
  void probe(std::size_t store, std::chrono::steady_clock::time_point end);
  void wait_for_writes(write_name count);
  void harm(const std::string& what);
  boost::json::object end(std::chrono::seconds limit);

  stores& opened_;
  std::vector<std::string> where_;
  unsigned seed_;
  std::size_t callers_;
  std::size_t rounds_ = 0;
  std::atomic<write_name> last_name_{0};
  fault_window window_{};
  std::unique_ptr<round> round_;
};

}  // namespace atto::test
