#include "tools/histories/brute_force.hpp"

#include <cstddef>

namespace atto::test {
namespace {

using kind = operation_kind;
using ending = operation_outcome;

struct order_so_far {
  const recorded_history& h;
  std::vector<int> taken;  // moments each operation has had
  plain_session stored;
};

bool is_over(const recorded_operation& o, int taken) {
  if (o.outcome == ending::not_written) return true;
  if (o.outcome == ending::unknown) return true;
  return taken == (o.outcome == ending::refused ? 2 : 1);
}

bool must_wait(const order_so_far& so_far, const recorded_operation& next) {
  for (std::size_t i = 0; i < so_far.h.size(); ++i) {
    if (!is_over(so_far.h[i], so_far.taken[i]) && so_far.h[i].returned < next.invoked) return true;
  }
  return false;
}

bool removes(const recorded_operation& o) {
  return o.kind == kind::remove || o.kind == kind::remove_exact;
}

/// The operation's next moment, on what is stored; false when it cannot be now.
bool take(const recorded_operation& o, int taken, plain_session& s) {
  if (o.outcome == ending::refused && taken == 0) return !plain_guard(o, s) || (removes(o) && s.version == 0);
  if (o.outcome == ending::refused && removes(o) && s.version == 0) return false;  // an absent session is no conflict
  if (o.outcome == ending::refused) return s.version == o.answer;
  if (o.kind == kind::load) {
    return o.outcome == ending::done && s.version == o.version && s.name == o.name && s.events == o.events;
  }
  const bool was_there = s.version != 0;
  if (!plain_guard(o, s)) return false;
  plain_do(o, s);
  if (o.outcome == ending::unknown) return true;
  return removes(o) ? (o.answer == 1) == was_there : o.answer == s.version;
}

bool extend(const order_so_far& so_far) {
  bool all_over = true;
  for (std::size_t i = 0; i < so_far.h.size(); ++i) {
    const auto& o = so_far.h[i];
    const int taken = so_far.taken[i];
    all_over = all_over && is_over(o, taken);
    const bool may_go = o.outcome == ending::unknown ? taken == 0 : !is_over(o, taken);
    if (!may_go || must_wait(so_far, o)) continue;
    order_so_far longer = so_far;
    ++longer.taken[i];
    if (take(o, taken, longer.stored) && extend(longer)) return true;
  }
  return all_over;
}

}  // namespace

bool plain_guard(const recorded_operation& o, const plain_session& s) {
  if (o.kind == kind::save_newer) return o.version > s.version;
  if (o.kind == kind::remove_exact) return s.version == 0 || s.version == o.base;
  return o.kind == kind::remove || o.base == s.version;
}

void plain_do(const recorded_operation& o, plain_session& s) {
  if (removes(o)) {
    s = plain_session();
    return;
  }
  if (o.kind != kind::append) s.events.clear();
  s.version = o.kind == kind::append ? s.version + 1 : o.version;
  s.name = o.name;
  for (const auto event : o.events) s.events.push_back(event);
}

bool some_order_explains(const recorded_history& h) {
  return extend({h, std::vector<int>(h.size(), 0), {}});
}

}  // namespace atto::test
