#include "driver/audit.hpp"

#include "driver/session_line.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <stdexcept>
#include <thread>

namespace atto::test {
namespace {

using steady = std::chrono::steady_clock;
using std::chrono::milliseconds;

bool acknowledged(const recorded_operation& o) {
  return is_write(o) && o.outcome == operation_outcome::done;
}

void count(losses& found, const std::string& id, const recorded_operation& o, bool absent, bool traced) {
  if (!absent) return;
  ++(traced ? found.appends : found.versions);
  if (found.first.empty()) found.first = fmt::format("{}: not there when read back: {}", id, describe(o));
}

}  // namespace

histories_by_id read_back(session_store& store, const histories_by_id& all, std::chrono::seconds limit) {
  std::atomic<write_name> names{0};  // it writes nothing
  recording_caller reader(store, names, 1000);
  const auto end = steady::now() + limit;
  for (const auto& [id, h] : all) {
    for (reader.load(id); reader.last_outcome() != operation_outcome::done; reader.load(id)) {
      if (steady::now() > end) throw std::runtime_error("cannot read back what was written");
      std::this_thread::sleep_for(milliseconds(10));  // the pace at which a server that is away is asked
    }
  }
  return reader.recorded();
}

losses losses_of(const histories_by_id& all, const histories_by_id& read) {
  losses found;
  for (const auto& [id, h] : all) {
    const auto kind = kind_of(id);
    if (kind == session_kind::removed) continue;
    const auto& stored = read.at(id).back();
    const bool traced = kind == session_kind::traced;
    const std::set<write_name> there(stored.events.begin(), stored.events.end());
    for (const auto& o : h) {
      if (!acknowledged(o)) continue;
      count(found, id, o, traced ? !there.contains(o.name) : o.answer > stored.version, traced);
    }
  }
  return found;
}

std::size_t resolved(const recorded_history& h) {
  std::set<write_name> seen;
  std::set<std::int64_t> taken;  // versions
  for (const auto& o : h) {
    if (o.outcome != operation_outcome::done) continue;
    if (is_write(o)) taken.insert(o.answer);
    if (o.kind != operation_kind::load || o.version == 0) continue;
    seen.insert(o.name);
    seen.insert(o.events.begin(), o.events.end());
    taken.insert(o.version);
  }
  return static_cast<std::size_t>(std::count_if(h.begin(), h.end(), [&](const auto& o) {
    if (o.outcome != operation_outcome::unknown || !is_write(o)) return false;
    return seen.contains(o.name) || taken.contains(o.version);
  }));
}

}  // namespace atto::test
