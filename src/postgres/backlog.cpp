#include "postgres/backlog.hpp"

#include <algorithm>
#include <utility>

namespace atto::postgres {

namespace {

std::string line_name(const session_key& key) {
  std::string name;
  name.reserve(key.table.size() + 1 + key.id.size());
  name.append(key.table).push_back('\0');
  name.append(key.id);
  return name;
}

}  // namespace

void backlog::add(operation_ptr op) {
  if (const auto key = op->exchange().session(); !key.none()) {
    const auto i = lines_.try_emplace(line_name(key)).first;
    op->line = &i->second;
    op->line->name = &i->first;
  }
  insert(std::move(op));
}

void backlog::put_back(operation_ptr op) {
  leave(*op);
  insert(std::move(op));
}

void backlog::insert(operation_ptr op) {
  ++waiting_;
  if (op->line == nullptr) {
    return make_ready(std::move(op));
  }
  session_line& line = *op->line;
  // One that comes back stands before all that arrived later: of those, none may be ready.
  if (!line.waiting.empty()) withdraw(*line.waiting.begin()->second);
  line.waiting.emplace(op->arrival, std::move(op));
  advance(line);
}

void backlog::advance(session_line& line) {
  if (line.waiting.empty() || line.writer) return;
  const operation_ptr& first = line.waiting.begin()->second;
  if (line.readers > 0 && first->exchange().writes()) return;
  make_ready(first);
}

/// It may stand in a lane already, and in another one than where it now belongs.
void backlog::make_ready(operation_ptr op) {
  withdraw(*op);
  const lane l = lane_of(*op);
  op->ready_in = l;
  ready_[l].emplace(op->arrival, std::move(op));
}

void backlog::withdraw(operation& op) {
  if (const auto l = std::exchange(op.ready_in, std::nullopt)) ready_.at(*l).erase(op.arrival);
}

void backlog::remove(operation& op) {
  --waiting_;
  withdraw(op);
  if (op.line == nullptr) return;
  session_line& line = *op.line;
  const auto self = line.waiting.extract(op.arrival);  // keeps the operation until this returns
  advance(line);
  forget_if_empty(op);
}

void backlog::release(operation& op) {
  leave(op);
  if (op.line == nullptr) return;
  advance(*op.line);
  forget_if_empty(op);
}

/// The operation is no longer in flight.
void backlog::leave(operation& op) {
  --in_flight_;
  if (std::exchange(op.holds_slow_slot, false)) --slow_in_flight_;
  if (op.line == nullptr) return;
  if (op.exchange().writes()) {
    op.line->writer = false;
  } else {
    --op.line->readers;
  }
}

void backlog::forget_if_empty(operation& op) {
  session_line& line = *std::exchange(op.line, nullptr);
  if (line.waiting.empty() && line.readers == 0 && !line.writer) lines_.erase(lines_.find(*line.name));
}

backlog::lane backlog::lane_of(operation& op) const noexcept {
  if (op.locked || is_large(op)) return slow;
  const round_kind kind = op.exchange().kind();
  if (op.single || kind == round_kind::alone) return singles;
  return kind == round_kind::read ? reads : writes;
}

bool backlog::can_go(lane l) const noexcept {
  return !ready_[l].empty() && (l != slow || slow_in_flight_ < bounds_.slow_in_flight);
}

void backlog::depart(const operation_ptr& op) {
  --waiting_;
  ++in_flight_;
  if (op->line == nullptr) return;
  session_line& line = *op->line;
  line.waiting.erase(op->arrival);
  if (op->exchange().writes()) {
    line.writer = true;
  } else {
    ++line.readers;
  }
  advance(line);  // another reader may share the group
}

backlog::lane backlog::next_lane() const noexcept {
  std::size_t l = last_served_;
  for (std::size_t tried = 0; tried < lane_count; ++tried) {
    l = (l + 1) % lane_count;
    if (can_go(static_cast<lane>(l))) return static_cast<lane>(l);
  }
  return lane_count;
}

group backlog::take(std::size_t connections) {
  group g;
  while (g.members.empty()) {
    const lane turn = next_lane();
    if (turn == lane_count) return g;
    fill(g, turn, most_members(turn, connections));
    if (!g.members.empty()) last_served_ = turn;
  }
  g.kind = g.members.front()->exchange().kind();
  std::ranges::sort(g.members, {}, [](const operation_ptr& op) { return op->exchange().session(); });
  return g;
}

std::size_t backlog::most_members(lane turn, std::size_t connections) const noexcept {
  if (turn != reads && turn != writes) return 1;
  const std::size_t even = (waiting_ + in_flight_ + connections - 1) / connections;
  // Writes together save commits. Reads have none to save, and each connection is a backend that reads beside others.
  const std::size_t least = turn == writes ? bounds_.share : 1;
  return std::clamp(even, std::min(least, bounds_.members), bounds_.members);
}

void backlog::fill(group& g, lane turn, std::size_t most) {
  std::size_t bytes = 0;
  for (auto& ready = ready_[turn]; !ready.empty() && g.members.size() < most;) {
    operation_ptr op = ready.begin()->second;
    if (lane_of(*op) != turn) {  // its next round has become another one while it waited
      make_ready(std::move(op));
      continue;
    }
    const std::size_t more = op->exchange().bytes();
    if (!g.members.empty() && bytes + more > bounds_.bytes) return;
    bytes += more;
    withdraw(*op);
    depart(op);
    if (turn == slow) {
      ++slow_in_flight_;
      op->holds_slow_slot = true;
    }
    g.members.push_back(std::move(op));
  }
}

}  // namespace atto::postgres
