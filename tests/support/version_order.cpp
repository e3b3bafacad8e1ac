#include "support/version_order.hpp"

#include "support/register_model.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace atto::test {

version_order::version_order(const recorded_history& h) : history_(h) {}

std::string version_order::violation() {
  if (auto why = collect(); !why.empty()) return why;
  return place_all();
}

std::string version_order::collect() {
  slots_[0];
  for (const auto& o : history_) {
    const bool counts = o.outcome == operation_outcome::done || o.outcome == operation_outcome::unknown;
    if (!is_write(o) || !counts) continue;
    writes_.emplace(o.name, &o);
    slots_[o.version].makers.push_back(&o);
  }
  for (const auto& o : history_) {
    if (auto why = collect(o); !why.empty()) return why;
  }
  return "";
}

std::string version_order::collect(const operation& o) {
  if (o.outcome == operation_outcome::refused) return collect_refused(o);
  if (o.outcome != operation_outcome::done) return "";
  if (is_write(o)) return collect_done(o);
  if (o.kind == operation_kind::load && o.version != 0) return collect_load(o);
  slots_[0].observers.push_back(&o);
  return "";
}

std::string version_order::collect_done(const operation& write) {
  return made_by(write, write.version, write);
}

std::string version_order::made_by(const operation& maker, std::int64_t version, const operation& witness) {
  slot& s = slots_[version];
  if (maker.version != version)
    return fmt::format("{} did not make the version of {}", describe(maker), describe(witness));
  if (s.only != nullptr && s.only != &maker) {
    return fmt::format("version {} was made twice: by {} and by {}; see {}", version, describe(*s.only),
                       describe(maker), describe(witness));
  }
  s.only = &maker;
  if (s.witness == nullptr) s.witness = &witness;
  return "";
}

/// Goes back from the last event to the save the history began with, and learns who made each version on the way.
std::string version_order::collect_load(const operation& load) {
  slots_[load.version].observers.push_back(&load);
  const operation* maker = writes_.at(load.name);
  auto events = load.events;
  for (std::int64_t version = load.version;; --version) {
    if (auto why = made_by(*maker, version, load); !why.empty()) return why;
    if (maker->kind != operation_kind::append) {
      return events == maker->events
                 ? ""
                 : fmt::format("{} does not show the history of {}", describe(load), describe(*maker));
    }
    const auto& added = maker->events;
    if (events.size() < added.size() || !std::equal(added.rbegin(), added.rend(), events.rbegin())) {
      return fmt::format("{} does not show the events of {} where they belong", describe(load), describe(*maker));
    }
    events.resize(events.size() - added.size());
    if (version == 1 && events.empty()) return "";
    const auto before = events.empty() ? writes_.end() : writes_.find(events.back());
    if (version == 1 || before == writes_.end()) {
      return fmt::format("{} does not show what {} was added to", describe(load), describe(*maker));
    }
    maker = before->second;
  }
}

std::string version_order::collect_refused(const operation& o) {
  slot& s = slots_[o.answer];
  s.observers.push_back(&o);
  if (s.witness == nullptr) s.witness = &o;
  if (refuses(o, o.answer)) return "";
  // The guard holds on the version it names, so it failed on an earlier one, which was lower.
  if (o.kind == operation_kind::save_newer || o.answer == 0) {
    return fmt::format("{}, but its guard holds on that version and on all before", describe(o));
  }
  if (s.not_before == nullptr || s.not_before->invoked < o.invoked) s.not_before = &o;
  return "";
}

std::string version_order::place_all() {
  for (const auto& [version, s] : slots_) {
    if (auto why = place(version, s); !why.empty()) return why;
  }
  return "";
}

std::string version_order::place(std::int64_t version, const slot& s) {
  std::vector<placed> here;
  std::string why;
  if (version == 0) {
    placed absent;
    for (const auto* o : s.observers) {
      if (o->invoked > absent.leave) absent = {0, o->invoked, o};
    }
    here.push_back(absent);
  } else if (s.only != nullptr) {
    why = place(*s.only, s, here);
  } else {
    for (const auto* write : s.makers) why = place(*write, s, here);
  }
  const bool must = version == 0 || s.witness != nullptr;
  if (must && here.empty()) {
    if (why.empty()) why = "no write can have made it";
    return fmt::format("version {}, as told by {}: {}", version, describe(*s.witness), why);
  }
  if (must) may_precede_.clear();
  may_precede_.insert(may_precede_.end(), here.begin(), here.end());
  return "";
}

std::string version_order::place(const operation& write, const slot& s, std::vector<placed>& here) const {
  const placed* before = earliest_before(write);
  if (before == nullptr) return fmt::format("{} stands on a version that was not stored then", describe(write));
  placed p{write.version, before->leave, before->because};
  const auto delay_to = [&p](const operation* o) {
    if (o != nullptr && o->invoked > p.leave) p = {p.version, o->invoked, o};
  };
  delay_to(&write);
  delay_to(s.not_before);
  if (p.leave > latest_effect(write)) {
    return fmt::format("{} had returned before {} started, which must come first", describe(write),
                       describe(*p.because));
  }
  const placed start = p;
  for (const auto* o : s.observers) {
    if (start.leave > o->returned) {
      return fmt::format("{} had returned before {} started, which must come first", describe(*o),
                         describe(*start.because));
    }
    delay_to(o);
  }
  here.push_back(p);
  return "";
}

const version_order::placed* version_order::earliest_before(const operation& write) const {
  const placed* best = nullptr;
  for (const auto& p : may_precede_) {
    if (changes(write, p.version) && (best == nullptr || p.leave < best->leave)) best = &p;
  }
  return best;
}

}  // namespace atto::test
