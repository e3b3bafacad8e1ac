#include "bench/tally.hpp"

#include "bench/plan.hpp"

#include <fmt/format.h>

#include <string_view>

namespace atto::cli::bench {

namespace {

double rate(const tally& t) {
  return t.seconds > 0 ? static_cast<double>(t.operations) / t.seconds : 0;
}

std::string_view mode_name(const plan& p) {
  const bool has_turns = p.workload == "turns" || p.workload == "hydrate" || p.workload == "live";
  if (!has_turns) return p.mode == write_mode::save ? "save" : "append";
  switch (p.by) {
    case turn_way::runtime:
      return "runtime";
    case turn_way::store:
      return "store";
    case turn_way::lock:
      return "lock";
    case turn_way::coroutine:
      return "coroutine";
    case turn_way::parts:
      break;
  }
  return "parts";
}

}  // namespace

std::string to_json(const plan& p, const std::string& store, const tally& t) {
  return fmt::format(R"({{"program":"atto","workload":"{}","store":"{}","mode":"{}","writers":{},"connections":{},)"
                     R"("events":{},"ops":{},"seconds":{:.3f},"ops_per_second":{:.1f},"p50_us":{},"p90_us":{},)"
                     R"("p99_us":{},"max_us":{},"payload_bytes":{},"acknowledged":{},"heap_bytes":{}}})",
                     p.workload, store, mode_name(p), p.writers, p.connections, p.events, t.operations, t.seconds,
                     rate(t), t.took.percentile(50), t.took.percentile(90), t.took.percentile(99),
                     t.took.percentile(100), t.payload_bytes, t.acknowledged, t.heap_bytes);
}

std::string to_text(const plan& p, const std::string& store, const tally& t) {
  if (p.workload == "waiting") {
    const double ratio = static_cast<double>(t.heap_bytes) / static_cast<double>(t.payload_bytes);
    return fmt::format("waiting, {}: {} operations of {} bytes of documents in all held {} bytes, {:.2f} times as many",
                       store, t.operations, t.payload_bytes, t.heap_bytes, ratio);
  }
  if (p.workload == "live") {
    const auto beyond = static_cast<double>(t.heap_bytes) - static_cast<double>(t.payload_bytes);
    return fmt::format("live, {}: {} idle sessions of {} bytes of documents in all held {} bytes, {:.0f} more for each",
                       store, t.operations, t.payload_bytes, t.heap_bytes, beyond / static_cast<double>(t.operations));
  }
  const std::string who = p.writers == 1 ? "1 writer" : fmt::format("{} writers", p.writers);
  return fmt::format(
      "{}, {}, {}, {}: {} operations in {:.1f} s, {:.0f} a second\n"
      "  latency in µs: p50 {}, p90 {}, p99 {}, longest {}; {} bytes of documents an operation",
      p.workload, store, mode_name(p), who, t.operations, t.seconds, rate(t), t.took.percentile(50),
      t.took.percentile(90), t.took.percentile(99), t.took.percentile(100),
      t.operations == 0 ? 0 : t.payload_bytes / t.operations);
}

}  // namespace atto::cli::bench
