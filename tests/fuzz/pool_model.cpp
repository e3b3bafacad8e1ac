#include "fuzz/pool_model.hpp"

#include "fuzz/targets.hpp"

#include <algorithm>
#include <set>
#include <string>
#include <utility>

namespace atto::fuzz {

using postgres::group;
using postgres::operation;
using postgres::round_kind;
using postgres::script::scripted_operation;

namespace {

constexpr std::array sqlstates = {"40001", "40P01", "55P03", "57014", "22P05", "26000", "53300", "40003", "XX000"};

std::shared_ptr<scripted_operation> draw_operation(byte_source& in) {
  auto op = std::make_shared<scripted_operation>();
  auto& script = op->script;
  const std::size_t session = in.below(5);
  if (session > 0) script.id = std::string(1, static_cast<char>('a' + session));
  switch (in.below(4)) {
    case 0:
      script.writer = true;
      script.round = round_kind::alone;
      script.id.clear();
      break;
    case 1:
      break;
    default:
      script.writer = true;
      script.round = round_kind::write;
      if (script.id.empty()) script.id = "a";
  }
  script.size = in.below(8) == 0 ? 2000 : in.below(4) * 300;
  script.statements = 1 + in.below(3);
  script.rounds = 1 + in.below(3);
  script.resends = in.below(4) != 0;
  op->rounds.patient = in.below(8) != 0;
  return op;
}

}  // namespace

std::size_t pool_model::add(operation_ptr op) {
  const std::size_t which = callers_.size();
  op->arrival = ++arrivals_;
  places_.emplace(op.get(), which);
  callers_.push_back({op});
  backlog_.add(std::move(op));
  return which;
}

std::size_t pool_model::place_of(const operation& op) const {
  const auto it = places_.find(&op);
  require(it != places_.end(), "an operation that nobody submitted");
  return it->second;
}

void pool_model::submit(byte_source& in) {
  if (callers_.size() < 200) add(draw_operation(in));
}

void pool_model::send(std::size_t connection) {
  link& l = links_.at(connection);
  if (!l.pipe.idle()) return;
  group g = backlog_.take(connections);
  if (g.members.empty()) return;
  check_group(g);
  for (const auto& op : g.members) check_order(*op);
  start(l, std::move(g));
}

/// One kind, and for writes distinct and sorted sessions; bounded; nobody twice.
void pool_model::check_group(const group& g) const {
  require(g.members.size() <= 6, "a group of too many");
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < g.members.size(); ++i) {
    operation& op = *g.members[i];
    require(callers_[place_of(op)].at == place::waiting, "one that does not wait is sent");
    require(op.exchange().kind() == g.kind, "a group of several kinds");
    bytes += op.exchange().bytes();
    const bool alone = g.kind == round_kind::alone || op.rounds.single || op.rounds.locked;
    require(!alone || g.members.size() == 1, "one that goes alone has company");
    if (i == 0 || g.kind != round_kind::write) continue;
    require(g.members[i - 1]->exchange().session() < op.exchange().session(), "sessions of a group are not in order");
  }
  require(bytes <= 1000 || g.members.size() == 1, "a group of too many bytes");
}

/// Nothing of its session that it could observe, or that could observe it, is before it or under way.
void pool_model::check_order(const operation& op) const {
  const auto& mine = callers_[place_of(op)].op->script;
  if (mine.id.empty()) return;
  for (const caller& other : callers_) {
    if (other.op.get() == &op || other.op->script.id != mine.id || other.at == place::ended) continue;
    if (!mine.writer && !other.op->script.writer) continue;
    require(other.at != place::sent, "two of a session are under way, one of which writes");
    require(other.op->arrival > op.arrival, "an operation overtakes another of its session");
  }
}

void pool_model::start(link& l, group g) {
  l.failed = false;
  l.answers.clear();
  l.members.clear();
  for (const auto& op : g.members) {
    l.members.push_back(place_of(*op));
    callers_[l.members.back()].at = place::sent;
  }
  const std::size_t sent = l.pipe.start(std::move(g)).size();
  std::size_t own = 0;
  for (const std::size_t m : l.members) own += callers_[m].op->script.statements;
  require(sent >= own, "statements get lost");
  l.expected.assign(sent - own, prelude);
  for (const std::size_t m : l.members) l.expected.insert(l.expected.end(), callers_[m].op->script.statements, m);
  std::reverse(l.expected.begin(), l.expected.end());
}

void pool_model::reply(std::size_t connection, byte_source& in) {
  link& l = links_.at(connection);
  if (l.pipe.idle()) return;
  postgres::reply r;
  const std::size_t error = in.below(4 * sqlstates.size());
  if (error < sqlstates.size()) r.sqlstate = sqlstates[error];
  r.affected = ++replies_;
  if (!l.expected.empty()) {
    const std::size_t whose = l.expected.back();
    l.expected.pop_back();
    if (!l.failed && whose != prelude && r.ok()) l.answers[whose].push_back(r.affected);
  }
  l.failed = l.failed || !r.ok();
  l.pipe.on_reply(std::move(r));
  check_nobody_was_told(l);
}

void pool_model::check_nobody_was_told(const link& l) const {
  for (const std::size_t m : l.members) {
    require(callers_[m].op->script.told.size() == callers_[m].rounds, "one was told before the sync");
  }
}

void pool_model::sync(std::size_t connection, byte_source& in) {
  link& l = links_.at(connection);
  if (l.pipe.idle()) return;
  // A server answers every statement before the sync, unless one has failed.
  while (!l.failed && !l.expected.empty()) reply(connection, in);
  const bool replicated = in.flip();
  settle(l, l.pipe.on_sync(replicated), false);
  require(l.pipe.idle(), "a pipeline is busy after its sync");
}

void pool_model::lose(std::size_t connection) {
  link& l = links_.at(connection);
  if (l.pipe.idle()) return;
  settle(l, l.pipe.on_lost(), true);
  require(l.pipe.idle(), "a pipeline is busy after its loss");
}

/// A round's replies are its own, all of them, or end with the error.
void pool_model::check_replies(const link& l, const operation& op) {
  caller& c = callers_[place_of(op)];
  const auto& told = c.op->script.told;
  if (told.size() == c.rounds) return;
  require(told.size() == c.rounds + 1, "one round is told twice");
  c.rounds = told.size();
  std::vector<std::int64_t> got;
  for (const postgres::reply& r : told.back()) {
    if (r.ok()) got.push_back(r.affected);
  }
  const auto it = l.answers.find(place_of(op));
  require(got == (it == l.answers.end() ? std::vector<std::int64_t>() : it->second), "replies of somebody else");
  require(l.failed != told.back().back().ok(), "an error that is not told, or told to one that has none");
  require(l.failed || got.size() == c.op->script.statements, "fewer replies than statements");
}

void pool_model::settle(link& l, const postgres::pipeline::step& s, bool lost) {
  std::multiset<std::size_t> all;
  for (const auto* part : {&s.ended, &s.again, &s.dropped}) {
    for (const auto& op : *part) all.insert(place_of(*op));
  }
  require(all == std::multiset<std::size_t>(l.members.begin(), l.members.end()), "members get lost, or come twice");
  for (const auto& op : s.again) {
    if (!lost) check_replies(l, *op);
    callers_[place_of(*op)].at = place::waiting;
    backlog_.put_back(op);
  }
  for (const auto& op : s.ended) {
    if (!lost) check_replies(l, *op);
    backlog_.release(*op);
    end(place_of(*op), false);
  }
  for (const auto& op : s.dropped) {
    backlog_.release(*op);
    end(place_of(*op), true);
  }
  l.members.clear();
}

void pool_model::end(std::size_t which, bool dropped) {
  caller& c = callers_[which];
  require(c.at != place::ended, "an operation ends twice");
  c.at = place::ended;
  require(c.told == dropped, dropped ? "one that waits is dropped" : "one that gave up is told");
  c.told = true;
}

void pool_model::abandon(byte_source& in) {
  if (callers_.empty()) return;
  const std::size_t which = in.below(callers_.size());
  caller& c = callers_[which];
  if (c.at == place::ended || c.told) return;
  if (c.at == place::waiting) {
    backlog_.remove(*c.op);
    c.at = place::ended;
  } else {
    for (link& l : links_) {
      if (std::ranges::count(l.members, which) == 0) continue;
      l.pipe.abandon(*c.op);
      const bool expected = std::ranges::all_of(l.members, [&](auto m) { return m == which || callers_[m].told; });
      require(l.pipe.all_abandoned() == expected, "a pipeline counts those that wait wrongly");
    }
  }
  c.told = true;
}

void pool_model::answer_all(link& l) {
  if (l.pipe.idle()) return;
  while (!l.failed && !l.expected.empty()) {
    const std::size_t whose = l.expected.back();
    l.expected.pop_back();
    postgres::reply r;
    r.affected = ++replies_;
    if (whose != prelude) l.answers[whose].push_back(r.affected);
    l.pipe.on_reply(std::move(r));
  }
  settle(l, l.pipe.on_sync(), false);
}

void pool_model::drain() {
  for (int turn = 0; turn < 10'000; ++turn) {
    for (link& l : links_) answer_all(l);
    if (backlog_.size() == 0) break;
    send(0);
    require(!links_[0].pipe.idle(), "something waits, nothing is under way, and nothing can be sent");
  }
  require(backlog_.size() == 0, "the backlog never empties");
  for (const caller& c : callers_) require(c.at == place::ended && c.told, "an operation never ends");
  check_counters();
}

/// The backlog tells its counters by what it takes: with nothing in flight, an even share; a large one at once.
void pool_model::check_counters() {
  constexpr std::size_t reads = 12;
  for (std::size_t i = 0; i < reads; ++i) add(postgres::script::a_read("counted " + std::to_string(i)));
  send(0);
  require(links_[0].members.size() == reads / connections, "the backlog believes that something is in flight");
  for (int i = 0; i < 4; ++i) {
    answer_all(links_[0]);
    send(0);
  }
  answer_all(links_[0]);
  add(postgres::script::a_write("a", 0, 5000));
  send(0);
  require(!links_[0].pipe.idle(), "the backlog believes that a large one is in flight");
  answer_all(links_[0]);
}

}  // namespace atto::fuzz
