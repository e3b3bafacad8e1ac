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

backlog::~backlog() {
  // Out of all lanes first: an operation must not end while a hook of it is linked.
  const auto let_go = [](backlog_place* p) { const operation_ptr last = std::move(p->self); };
  for (auto& ready : ready_) {
    ready.clear_and_dispose([&](backlog_place* p) {
      if (p->line == nullptr) let_go(p);
    });
  }
  for (auto& [name, line] : lines_) line.waiting.clear_and_dispose(let_go);
}

void backlog::add(operation_ptr op) {
  if (const auto key = op->exchange().session(); !key.none()) {
    const auto i = lines_.try_emplace(line_name(key)).first;
    op->place.line = &i->second;
    op->place.line->name = &i->first;
  }
  insert(std::move(op));
}

void backlog::put_back(operation_ptr op) {
  leave(*op);
  insert(std::move(op));
}

void backlog::insert(operation_ptr taken) {
  ++waiting_;
  operation& op = *taken;
  op.place.self = std::move(taken);
  if (op.place.line == nullptr) return make_ready(op);
  session_line& line = *op.place.line;
  // One that comes back stands before all that arrived later: of those, none may be ready.
  if (!line.waiting.empty()) withdraw(*line.waiting.front().self);
  // A new one is the last; one that comes back has at most the other readers of its group before it.
  auto before = line.waiting.end();
  if (!line.waiting.empty() && by_arrival()(op.place, line.waiting.back())) {
    before = std::ranges::find_if(line.waiting, [&](const auto& p) { return by_arrival()(op.place, p); });
  }
  line.waiting.insert(before, op.place);
  advance(line);
}

/// The first of a line is ready unless it has to wait for who of its session is in flight: that keeps the order.
void backlog::advance(session_line& line) {
  if (line.waiting.empty() || line.writer) return;
  operation& first = *line.waiting.front().self;
  if (line.readers > 0 && first.exchange().writes()) return;
  make_ready(first);
}

/// It may stand in a lane already, and in another one than where it now belongs.
void backlog::make_ready(operation& op) {
  withdraw(op);
  const lane l = lane_of(op);
  op.place.ready_in = l;
  ready_[l].insert(op.place);
}

/// Ready to waiting behind others; no effect on one that is not ready.
void backlog::withdraw(operation& op) {
  if (const auto l = std::exchange(op.place.ready_in, std::nullopt)) {
    ready_.at(*l).erase(ready_.at(*l).iterator_to(op.place));
  }
}

void backlog::remove(operation& op) {
  --waiting_;
  withdraw(op);
  const operation_ptr self = std::move(op.place.self);  // keeps it until this returns
  if (op.place.line == nullptr) return;
  session_line& line = *op.place.line;
  line.waiting.erase(line.waiting.iterator_to(op.place));
  advance(line);  // the next of its session may have waited for this one only
  forget_if_empty(op);
}

void backlog::release(operation& op) {
  leave(op);
  if (op.place.line == nullptr) return;
  advance(*op.place.line);
  forget_if_empty(op);
}

/// In flight to out of flight: its session and its slow slot are free. A writer is alone in its line's flight, so it
/// clears the flag that it set.
void backlog::leave(operation& op) {
  --in_flight_;
  if (std::exchange(op.place.holds_slow_slot, false)) --slow_in_flight_;
  if (op.place.line == nullptr) return;
  if (op.exchange().writes()) {
    op.place.line->writer = false;
  } else {
    --op.place.line->readers;
  }
}

/// Lines live as long as an operation of theirs waits or is in flight: sessions are not known beforehand.
void backlog::forget_if_empty(operation& op) {
  session_line& line = *std::exchange(op.place.line, nullptr);
  if (line.waiting.empty() && line.readers == 0 && !line.writer) lines_.erase(lines_.find(*line.name));
}

backlog::lane backlog::lane_of(operation& op) const noexcept {
  if (op.rounds.locked || is_large(op)) return slow;
  const round_kind kind = op.exchange().kind();
  if (op.rounds.single || kind == round_kind::alone) return singles;
  return kind == round_kind::read ? reads : writes;
}

bool backlog::can_go(lane l) const noexcept {
  return !ready_[l].empty() && (l != slow || slow_in_flight_ < bounds_.slow_in_flight);
}

/// Ready to in flight.
operation_ptr backlog::depart(operation& op) {
  --waiting_;
  ++in_flight_;
  operation_ptr self = std::move(op.place.self);
  if (op.place.line == nullptr) return self;
  session_line& line = *op.place.line;
  line.waiting.erase(line.waiting.iterator_to(op.place));
  if (op.exchange().writes()) {
    line.writer = true;
  } else {
    ++line.readers;
  }
  advance(line);  // another reader may share the group
  return self;
}

/// Round robin, so that a lane that is always full does not keep another waiting.
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
    operation& op = *ready.begin()->self;
    if (lane_of(op) != turn) {  // its next round has become another one while it waited: another checked the tables
      make_ready(op);
      continue;
    }
    const std::size_t more = op.exchange().bytes();
    if (!g.members.empty() && bytes + more > bounds_.bytes) return;
    bytes += more;
    withdraw(op);
    if (turn == slow) {
      ++slow_in_flight_;
      op.place.holds_slow_slot = true;
    }
    g.members.push_back(depart(op));
  }
}

}  // namespace atto::postgres
