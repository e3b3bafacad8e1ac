#include "replay_report.hpp"

#include "counted.hpp"
#include "output.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>

namespace atto::cli {

namespace {

double turns_per_second(const replayer& r) {
  const double seconds = std::chrono::duration<double>(r.elapsed()).count();
  return seconds > 0 ? static_cast<double>(r.tally().turns) / seconds : 0;
}

std::string as_object(const replayer& r, std::size_t sessions, bool compared) {
  const replay_tally& t = r.tally();
  const std::string differences = compared ? std::to_string(t.differences.size()) : "null";
  return fmt::format(R"({{"sessions":{},"resumed":{},"turns":{},"conflicts":{},"differences":{},)"
                     R"("turns_per_second":{:.1f},"p50_us":{},"p99_us":{}}})",
                     sessions, t.resumed, t.turns, t.conflicts, differences, turns_per_second(r),
                     r.turn_latencies().percentile(50), r.turn_latencies().percentile(99));
}

void print_lines(const replayer& r, std::size_t sessions, bool compared) {
  const replay_tally& t = r.tally();
  std::string line = counted(t.turns, "turn");
  if (t.resumed > 0) line += fmt::format(" after {} stored before", t.resumed);
  line += " in " + counted(sessions, "session") + ", " + counted(t.conflicts, "conflict");
  if (t.turns > 0) {
    line += fmt::format(", {:.0f} turns/s, p50 {} us, p99 {} us", turns_per_second(r),
                        r.turn_latencies().percentile(50), r.turn_latencies().percentile(99));
  }
  print_line(line);
  if (compared) print_line(counted(t.differences.size(), "difference"));
}

}  // namespace

void report(const replayer& r, std::size_t sessions, bool compared, bool as_json) {
  constexpr std::size_t most = 10;
  const auto& differences = r.tally().differences;
  for (std::size_t i = 0; i < std::min(most, differences.size()); ++i) complain("difference: " + differences[i]);
  if (differences.size() > most) complain(fmt::format("difference: and {} more", differences.size() - most));
  if (as_json) {
    print_line(as_object(r, sessions, compared));
  } else {
    print_lines(r, sessions, compared);
  }
  flush_output();
}

}  // namespace atto::cli
