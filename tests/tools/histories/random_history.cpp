#include "tools/histories/random_history.hpp"

#include "tools/histories/brute_force.hpp"

#include <algorithm>
#include <limits>
#include <vector>

namespace atto::test {
namespace {

using kind = operation_kind;
using ending = operation_outcome;

std::int64_t up_to(std::mt19937& random, std::int64_t most) {
  return static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(most + 1));
}

bool percent(std::mt19937& random, unsigned share) {
  return random() % 100 < share;
}

/// A moment of an operation: of those that are refused the second one reads the version.
struct moment {
  std::int64_t at;
  std::size_t operation;
  bool second;
};

class truth {
 public:
  truth(std::mt19937& random, const random_shape& shape) : random_(random), shape_(shape) {}

  recorded_history tell() {
    std::vector<moment> moments;
    for (std::size_t i = 0; i < shape_.operations; ++i) {
      const auto at = static_cast<std::int64_t>(4 * i);
      moments.push_back({at, i, false});
      moments.push_back({at + up_to(random_, 7), i, true});
      history_.emplace_back();
      history_.back().caller = i;
    }
    std::stable_sort(moments.begin(), moments.end(), [](const auto& a, const auto& b) { return a.at < b.at; });
    for (const auto& m : moments) m.second ? look(history_[m.operation], m.at) : happen(history_[m.operation], m.at);
    return history_;
  }

 private:
  void choose(recorded_operation& o) {
    const std::vector<kind> kinds = {kind::load,       kind::load,   kind::load,   kind::append,      kind::append,
                                     kind::save_newer, kind::append, kind::remove, kind::remove_exact};
    o.kind = kinds[random_() % (kinds.size() - (shape_.removes ? 0 : 2))];
    if (o.kind == kind::save_newer && percent(random_, 50)) o.kind = kind::save_exact;
    o.base = percent(random_, 75) ? stored_.version : up_to(random_, stored_.version + 1);
    if (o.kind == kind::remove_exact) o.base = std::max<std::int64_t>(o.base, 1);
    if (!is_write(o)) return;
    o.name = ++last_name_;
    o.version = o.base + 1 + (o.kind == kind::append || percent(random_, 70) ? 0 : up_to(random_, 2));
    if (o.kind != kind::append && percent(random_, 50)) o.events = stored_.events;
    o.events.insert(o.events.end(), static_cast<std::size_t>(1 + up_to(random_, 1)), o.name);
  }

  void happen(recorded_operation& o, std::int64_t at) {
    choose(o);
    o.invoked = at - up_to(random_, shape_.reach);
    o.returned = at + up_to(random_, shape_.reach);
    if (o.kind == kind::load) {
      o.version = stored_.version;
      o.name = stored_.name;
      o.events = stored_.events;
      return;
    }
    const bool in_doubt = percent(random_, shape_.unknown_percent);
    if (in_doubt || percent(random_, 5)) {
      o.outcome = in_doubt ? ending::unknown : ending::not_written;
      if (in_doubt) o.returned = o.invoked + up_to(random_, shape_.reach);
      if (in_doubt && percent(random_, 60) && plain_guard(o, stored_)) plain_do(o, stored_);
      return;
    }
    if (!plain_guard(o, stored_)) {
      o.outcome = ending::refused;
      return;
    }
    const bool was_there = stored_.version != 0;
    plain_do(o, stored_);
    o.answer = is_remove(o) ? was_there : stored_.version;
  }

  void look(recorded_operation& o, std::int64_t at) {
    if (o.outcome != ending::refused) return;
    o.answer = stored_.version;
    o.returned = std::max(o.returned, at);
    if (is_remove(o) && o.answer == 0) o.outcome = ending::done;
  }

  std::mt19937& random_;
  random_shape shape_;
  recorded_history history_;
  plain_session stored_;
  write_name last_name_ = 0;
};

void spoil_load(recorded_operation& o, const recorded_history& h, std::mt19937& random) {
  const auto& other = h[random() % h.size()];
  switch (random() % 4) {
    case 0:
      o.version = std::max<std::int64_t>(0, o.version + up_to(random, 2) - 1);
      return;
    case 1:
      o.name = other.name;
      return;
    case 2:
      o.events = other.events;
      return;
    default:
      if (!o.events.empty()) o.events.pop_back();
  }
}

void spoil_answer(recorded_operation& o, std::mt19937& random) {
  const bool guarded = o.kind != kind::remove;
  switch (random() % 4) {
    case 0:
      o.answer = is_remove(o) && o.outcome == ending::done ? 1 - o.answer : up_to(random, 3);
      return;
    case 1:
      o.outcome = guarded ? ending::refused : ending::not_written;
      o.answer = o.base + up_to(random, 1);
      return;
    case 2:
      o.outcome = ending::not_written;
      return;
    default:
      o.outcome = ending::done;
      o.answer = is_remove(o) ? up_to(random, 1) : o.version;
  }
}

void spoil_stamps(recorded_operation& o, std::mt19937& random) {
  const auto shift = up_to(random, 24) - 12;
  o.invoked += shift;
  o.returned += shift;
  if (o.outcome != ending::unknown && percent(random, 50)) o.returned = o.invoked + up_to(random, 4);
}

}  // namespace

recorded_history random_legal_history(std::mt19937& random, const random_shape& shape) {
  auto h = truth(random, shape).tell();
  std::shuffle(h.begin(), h.end(), random);
  return h;
}

void spoil(recorded_history& h, std::mt19937& random) {
  auto& o = h[random() % h.size()];
  if (percent(random, 40)) return spoil_stamps(o, random);
  if (o.kind == kind::load) return spoil_load(o, h, random);
  spoil_answer(o, random);
}

recorded_history after_a_remove(recorded_history h) {
  recorded_operation made;
  made.kind = kind::append;
  made.invoked = made.returned = std::numeric_limits<std::int64_t>::min();
  made.name = std::numeric_limits<write_name>::max();
  made.version = made.answer = 1;
  made.events = {made.name};
  recorded_operation removed;
  removed.kind = kind::remove;
  removed.invoked = removed.returned = made.returned + 1;
  removed.answer = 1;
  h.push_back(made);
  h.push_back(removed);
  return h;
}

}  // namespace atto::test
