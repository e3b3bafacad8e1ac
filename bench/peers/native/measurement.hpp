#pragma once

#include "options.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace peers {

using clock = std::chrono::steady_clock;

/// The measured time: after the warm-up, or all of it when a number of operations ends the run.
class measurement {
 public:
  explicit measurement(const options& o);

  [[nodiscard]] bool over(clock::time_point now) const { return now >= until_; }
  [[nodiscard]] bool counts(clock::time_point ended) const { return ended >= from_ && ended <= until_; }
  [[nodiscard]] double seconds() const;

 private:
  bool by_count_;
  clock::time_point from_;
  clock::time_point until_;
};

/// What one thread counted.
struct log {
  void add(const measurement& m, clock::time_point started, clock::time_point ended, std::size_t payload, bool wrote);
  void merge(const log& other);

  std::vector<std::int64_t> micros;
  std::size_t payload = 0;
  std::size_t acknowledged = 0;
};

/// Says "ready" and waits for a line, when the options ask for it.
void hold(const options& o);

/// One line of JSON: bench/peers/README.md.
void print(const std::string& program, const options& o, const measurement& m, log all);

}  // namespace peers
