#include "measurement.hpp"

#include <algorithm>
#include <cstdio>
#include <iostream>

namespace peers {

namespace {

clock::duration seconds_of(double count) {
  return std::chrono::duration_cast<clock::duration>(std::chrono::duration<double>(count));
}

/// Nearest rank, as `atto bench` counts. `sorted` is.
long long percentile(const std::vector<std::int64_t>& sorted, std::size_t percent) {
  if (sorted.empty()) return 0;
  const std::size_t rank = std::max<std::size_t>(1, (sorted.size() * percent + 99) / 100);
  return sorted[rank - 1];
}

}  // namespace

measurement::measurement(const options& o)
    : by_count_(o.operations != 0),
      from_(clock::now() + seconds_of(by_count_ ? 0 : o.warmup)),
      until_(by_count_ ? clock::time_point::max() : from_ + seconds_of(o.seconds)) {}

double measurement::seconds() const {
  return std::chrono::duration<double>((by_count_ ? clock::now() : until_) - from_).count();
}

void log::add(const measurement& m, clock::time_point started, clock::time_point ended, std::size_t bytes, bool wrote) {
  if (wrote) ++acknowledged;
  if (!m.counts(ended)) return;
  micros.push_back(std::chrono::duration_cast<std::chrono::microseconds>(ended - started).count());
  payload += bytes;
}

void log::merge(const log& other) {
  micros.insert(micros.end(), other.micros.begin(), other.micros.end());
  payload += other.payload;
  acknowledged += other.acknowledged;
}

void hold(const options& o) {
  if (!o.hold) return;
  std::cout << "ready\n" << std::flush;
  std::string line;
  std::getline(std::cin, line);
}

void print(const std::string& program, const options& o, const measurement& m, log all) {
  const double seconds = m.seconds();
  std::sort(all.micros.begin(), all.micros.end());
  const auto& us = all.micros;
  std::printf(
      "{\"program\":\"%s\",\"workload\":\"%s\",\"mode\":\"%s\",\"writers\":%zu,\"connections\":%zu,\"events\":%zu,"
      "\"ops\":%zu,\"seconds\":%.3f,\"ops_per_second\":%.1f,\"p50_us\":%lld,\"p90_us\":%lld,\"p99_us\":%lld,"
      "\"max_us\":%lld,\"payload_bytes\":%zu,\"acknowledged\":%zu}\n",
      program.c_str(), o.workload.c_str(), o.append ? "append" : "save", o.writers, o.connections, o.events, us.size(),
      seconds, static_cast<double>(us.size()) / seconds, percentile(us, 50), percentile(us, 90), percentile(us, 99),
      percentile(us, 100), all.payload, all.acknowledged);
}

}  // namespace peers
