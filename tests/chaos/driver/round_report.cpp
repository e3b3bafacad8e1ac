#include "driver/round_report.hpp"

#include "driver/session_line.hpp"
#include "support/register_checker.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace atto::test {
namespace {

/// A write that can begin a session, at or after the blow, in a session that was also removed.
bool cannot_be_decided(const std::string& id, const recorded_history& h, const fault_window& w) {
  if (kind_of(id) != session_kind::removed) return false;
  return std::any_of(h.begin(), h.end(), [&](const auto& o) {
    return is_write(o) && (o.base == 0 || o.kind == operation_kind::save_newer) && w.from != 0 && o.returned >= w.from;
  });
}

void time(round_report& r, const recorded_operation& o, std::chrono::milliseconds deadline) {
  const auto took = (o.returned - o.invoked) / 1'000'000;
  r.longest_ms = std::max(r.longest_ms, took);
  if (took > deadline.count() + 250) ++r.late;
}

void count(round_report& r, const recorded_history& h, const fault_window& w, std::chrono::milliseconds deadline) {
  r.counts.add(h);
  r.resolved += resolved(h);
  for (const auto& o : h) {
    time(r, o, deadline);
    if (!is_write(o) || o.outcome != operation_outcome::done) continue;
    ++r.acknowledged;
    if (o.invoked < w.from && w.from < o.returned) ++r.across;
  }
}

void judge(round_report& r, const std::string& id, const recorded_history& h, const fault_window& w) {
  const auto said = check(from_zero(h));
  if (said.legal) return;
  if (cannot_be_decided(id, h, w)) {
    ++r.undecidable;
    return;
  }
  if (r.violations++ == 0) r.violation = fmt::format("{}: {}\n{}", id, said.why, describe(from_zero(h)));
}

}  // namespace

round_report report_of(const histories_by_id& all, const histories_by_id& read, const fault_window& w,
                       std::chrono::milliseconds deadline) {
  round_report r;
  r.lost = losses_of(all, read);
  for (const auto& [id, recorded] : all) {
    count(r, recorded, w, deadline);
    auto h = recorded;
    const auto& last = read.at(id);
    h.insert(h.end(), last.begin(), last.end());
    judge(r, id, h, w);
  }
  return r;
}

boost::json::object round_report::as_json() const {
  return {{"histories", counts.histories},
          {"operations", counts.operations},
          {"overlapping", counts.overlapping},
          {"acknowledged", acknowledged},
          {"conflicts", counts.refused},
          {"failed", counts.faults - counts.unknown},
          {"unknown", counts.unknown},
          {"resolved", resolved},
          {"across", across},
          {"lost_appends", lost.appends},
          {"lost_versions", lost.versions},
          {"first_loss", lost.first},
          {"undecidable", undecidable},
          {"violations", violations},
          {"violation", violation},
          {"longest_ms", longest_ms},
          {"late", late}};
}

}  // namespace atto::test
