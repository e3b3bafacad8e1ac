#include "fuzz/pool_model.hpp"

#include "fuzz/targets.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

namespace atto::fuzz {

using postgres::round_kind;
using postgres::script::scripted_exchange;
using postgres::script::scripted_operation;
using stage = postgres::ticket::stage;

namespace {

constexpr std::array sqlstates = {"40001", "40P01", "55P03", "57014", "22P05", "26000", "53300", "40003", "XX000"};
constexpr std::size_t most_members = 6;
constexpr std::size_t most_bytes = 1000;
constexpr int long_time = 3'600'000;  // ms

}  // namespace

pool_model::pool_model()
    : pool_({.connections = connections,
             .max_waiting = 150,
             .hosts = "db",
             .groups = {.members = most_members, .share = 2, .bytes = most_bytes}}) {
  pool_.on_sent = [this](const postgres::pool_steps::sent_round& r) { on_sent(r); };
  for (std::size_t i = 0; i < connections; ++i) open(false);
}

// --- events --------------------------------------------------------------------------------------------------------

auto pool_model::draw_operation(byte_source& in) -> operation_ptr {
  const std::size_t session = in.below(5);
  auto op =
      pool_.make(false, session > 0 ? std::string(1, static_cast<char>('a' + session)) : std::string(), long_time);
  auto& script = op->script;
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
  script.size = in.below(8) == 0 ? 2 * most_bytes : in.below(4) * 300;
  script.statements = 1 + in.below(3);
  script.rounds = 1 + in.below(3);
  const std::size_t traits = in.below(16);
  script.resends = traits % 4 != 0;
  if (traits / 4 == 3) leave_errand(op);
  op->rounds.patient = in.below(8) != 0;
  return op;
}

void pool_model::leave_errand(operation_ptr& op) {
  auto errand = std::make_unique<scripted_exchange>();
  errand->on_next = [this] { sending_.push_back(errand_member); };
  op->script.leaves = std::move(errand);
}

void pool_model::add(operation_ptr op) {
  const std::size_t which = callers_.size();
  op->script.on_next = [this, which] { sending_.push_back(which); };
  callers_.push_back({op});
  pool_.submit(std::move(op));
}

void pool_model::submit(byte_source& in) {
  if (callers_.size() < 200) add(draw_operation(in));
  check_ends();
}

void pool_model::dispatch() {
  pool_.run_posted();
  check_ends();
}

std::size_t pool_model::link_at(std::size_t connection) const {
  if (connection >= pool_.links.size()) return 0;
  return *std::next(pool_.links.begin(), static_cast<std::ptrdiff_t>(connection));
}

void pool_model::reply(std::size_t connection, byte_source& in) {
  const std::size_t link = link_at(connection);
  if (!flights_.contains(link)) return;
  postgres::reply r;
  const std::size_t error = in.below(4 * sqlstates.size());
  if (error < sqlstates.size()) r.sqlstate = sqlstates[error];
  answer_next(link, std::move(r));
}

void pool_model::answer_next(std::size_t link, postgres::reply r) {
  flight& f = flights_.at(link);
  r.affected = ++replies_;
  if (!f.expected.empty()) {
    const std::size_t whose = f.expected.back();
    f.expected.pop_back();
    if (!f.failed && whose != prelude && r.ok()) f.answers[whose].push_back(r.affected);
  }
  f.failed = f.failed || !r.ok();
  pool_.heard.insert(link);
  pool_.books.on_reply(link, std::move(r));
  check_unheard(f);
}

void pool_model::sync(std::size_t connection, byte_source& in) {
  const std::size_t link = link_at(connection);
  if (!flights_.contains(link)) return;
  // A server answers every statement before the sync, unless one has failed.
  while (!flights_.at(link).failed && !flights_.at(link).expected.empty()) reply(connection, in);
  end_round(link, in.flip());
}

void pool_model::end_round(std::size_t link, bool replicated) {
  const auto f = flights_.extract(link);  // the connection may have the next group when this returns
  pool_.in_flight.erase(link);
  pool_.carry_out(pool_.books.on_sync(link, replicated));
  check_replies(f.mapped());
  check_ends();
}

void pool_model::lose(std::size_t connection) {
  const std::size_t link = link_at(connection);
  if (!flights_.contains(link)) return;
  const auto f = flights_.extract(link);
  pool_.lose(link);
  check_unheard(f.mapped());
  check_ends();
}

void pool_model::cancel(byte_source& in) {
  if (callers_.empty()) return;
  const auto& op = callers_[in.below(callers_.size())].op;
  const auto was = op->at;
  const bool doubt = op->in_doubt();
  pool_.cancel(op);
  require(op->at == stage::ended, "a caller that gave up is not rid of its operation");
  const bool unknown = !op->failures.empty() && op->failures.front().code == errc::outcome_unknown;
  require(was == stage::ended || unknown == doubt, "a caller that gave up is told what is not so");
  check_ends();
}

void pool_model::open(bool own_session) {
  if (pool_.links.size() + pool_.books.count().leased < connections) pool_.open(own_session);
}

void pool_model::happen(byte_source& in) {
  const std::size_t link = link_at(in.below(connections));
  switch (in.below(12)) {
    case 0:
      open(in.flip());
      break;
    case 1:
      calls_.push_back(pool_.lease(in.flip() ? long_time : 5));
      break;
    case 2:
      if (!pool_.preparing.empty()) pool_.prepared(*pool_.preparing.begin(), in.flip());
      break;
    case 3:
      if (pool_.lent > 0) pool_.take_back();
      break;
    case 4:
      if (pool_.renewing > 0) pool_.renewed(in.flip());
      break;
    case 5:
      pool_.pass(static_cast<int>(in.byte()) * 20);
      break;
    case 6:
      add(pool_.make(in.flip(), "d", in.byte()));
      break;
    case 7:
      pool_.refuse(in.byte());
      break;
    case 8:
      if (link != 0) pool_.dead.insert(link);
      break;
    case 9:
      pool_.holds_decoding = in.flip();
      pool_.decoded();
      break;
    case 10:
      if (!callers_.empty()) pool_.cancel(callers_[in.below(callers_.size())].op, true);
      break;
    default:
      end_something(in);
  }
  check_ends();
}

void pool_model::end_something(byte_source& in) {
  switch (in.below(8)) {
    case 0:
      closed_ = true;
      pool_.shut_down();
      break;
    case 1:
      closed_ = true;
      pool_.abandon_all();
      break;
    case 2:
      pool_.abandon(std::exchange(pool_.store, std::make_shared<postgres::client>()));
      break;
    case 3:
      calls_.push_back(pool_.close(pool_.store));
      break;
    default:
      calls_.push_back(pool_.close(std::exchange(pool_.store, std::make_shared<postgres::client>()), in.byte()));
  }
}

// --- checks --------------------------------------------------------------------------------------------------------

void pool_model::on_sent(const postgres::pool_steps::sent_round& r) {
  flight f;
  f.members = std::exchange(sending_, {});
  require(f.members.size() == r.operations && !f.members.empty(), "a group of others than those that are sent");
  require(!flights_.contains(r.link), "a connection has two groups at once");
  const auto statements = [this](std::size_t m) { return m == errand_member ? 1 : callers_[m].op->script.statements; };
  std::size_t own = 0;
  for (const std::size_t m : f.members) own += statements(m);
  require(r.statements.size() >= own, "statements get lost");
  f.expected.assign(r.statements.size() - own, prelude);
  for (const std::size_t m : f.members) f.expected.insert(f.expected.end(), statements(m), m);
  std::reverse(f.expected.begin(), f.expected.end());
  check_group(f);
  for (const std::size_t m : f.members) {
    if (m == errand_member) continue;
    require(callers_[m].op->at == stage::sent && callers_[m].op->entry.link == r.link, "one is sent that is not");
    check_order(m);
  }
  flights_.emplace(r.link, std::move(f));
}

/// One kind, and for writes distinct and sorted sessions; bounded.
void pool_model::check_group(const flight& f) const {
  require(f.members.size() <= most_members, "a group of too many");
  std::size_t bytes = 0;
  const scripted_operation* before = nullptr;
  for (const std::size_t m : f.members) {
    if (m == errand_member) continue;
    const scripted_operation& op = *callers_[m].op;
    bytes += op.script.bytes();
    const bool alone = op.script.round == round_kind::alone || op.rounds.single || op.rounds.locked;
    require(!alone || f.members.size() == 1, "one that goes alone has company");
    if (before != nullptr) {
      require(before->script.round == op.script.round, "a group of several kinds");
      const bool sorted = before->script.session() < op.script.session();
      require(op.script.round != round_kind::write || sorted, "sessions of a group are not in order");
    }
    before = &op;
  }
  require(bytes <= most_bytes || f.members.size() == 1, "a group of too many bytes");
}

/// Nothing of its session that it could observe, or that could observe it, is before it or under way.
void pool_model::check_order(std::size_t which) const {
  const auto& op = *callers_[which].op;
  if (op.script.id.empty()) return;
  for (const caller& c : callers_) {
    const auto& other = *c.op;
    if (&other == &op || other.script.id != op.script.id) continue;
    if (!op.script.writer && !other.script.writer) continue;
    require(other.at != stage::sent, "two of a session are under way, one of which writes");
    require(other.at != stage::waiting || other.arrival > op.arrival, "an operation overtakes another of its session");
  }
  // One whose caller gave up is under way as long as its connection is busy.
  for (const auto& [link, f] : flights_) {
    if (!pool_.links.contains(link)) continue;  // it was closed
    for (const std::size_t m : f.members) {
      if (m == errand_member || m == which || callers_[m].op->script.id != op.script.id) continue;
      require(!op.script.writer && !callers_[m].op->script.writer, "one is sent beside one that was given up");
    }
  }
}

void pool_model::check_unheard(const flight& f) const {
  for (const std::size_t m : f.members) {
    if (m == errand_member) continue;
    require(callers_[m].op->script.told.size() == callers_[m].rounds, "replies count before their sync");
  }
}

/// A round's replies are its own, all of them, or end with the error.
void pool_model::check_replies(const flight& f) {
  for (const std::size_t m : f.members) {
    if (m == errand_member) continue;
    caller& c = callers_[m];
    const auto& told = c.op->script.told;
    if (told.size() == c.rounds) continue;
    require(told.size() == c.rounds + 1, "one round counts twice");
    c.rounds = told.size();
    std::vector<std::int64_t> got;
    for (const postgres::reply& r : told.back()) {
      if (r.ok()) got.push_back(r.affected);
    }
    const auto it = f.answers.find(m);
    require(got == (it == f.answers.end() ? std::vector<std::int64_t>() : it->second), "replies of another operation");
    require(f.failed != told.back().back().ok(), "an error that gets lost, or reaches one that has none");
    require(f.failed || got.size() == c.op->script.statements, "fewer replies than statements");
  }
}

/// Every operation ends once, and its handler is called then.
void pool_model::check_ends() const {
  for (const caller& c : callers_) {
    const std::size_t ends = static_cast<std::size_t>(c.op->completed) + c.op->failures.size();
    require(ends == (c.op->at == stage::ended ? 1U : 0U), "an operation ends without its handler, or twice");
  }
  for (const auto& c : calls_) {
    const std::size_t ends = static_cast<std::size_t>(c.end->succeeded) + c.end->failures.size();
    require(ends == (c.t->at == stage::ended ? 1U : 0U), "a lease or a close ends without its handler, or twice");
  }
}

// --- the end -------------------------------------------------------------------------------------------------------

/// All that is on its way arrives, without errors.
void pool_model::settle_all() {
  while (!flights_.empty()) {
    const std::size_t link = flights_.begin()->first;
    if (!pool_.links.contains(link)) {
      flights_.erase(link);  // it was closed
      continue;
    }
    while (!flights_.at(link).failed && !flights_.at(link).expected.empty()) answer_next(link, {});
    end_round(link, true);
  }
  pool_.decoded();
  while (!pool_.preparing.empty()) pool_.prepared(*pool_.preparing.begin());
  while (pool_.lent > 0) pool_.take_back();
  while (pool_.renewing > 0) pool_.renewed();
}

void pool_model::drain() {
  pool_.holds_decoding = false;
  for (int turn = 0; turn < 10'000; ++turn) {
    open(false);
    pool_.run_posted();
    if (flights_.empty() && pool_.books.count().waiting == 0 && pool_.preparing.empty()) break;
    settle_all();
  }
  settle_all();
  check_ends();
  const auto left = pool_.books.count();
  require(left.waiting == 0, "the backlog never empties");
  require(left.busy == 0 && left.leased == 0, "something is in flight or lent for ever");
  for (const caller& c : callers_) require(c.op->at == stage::ended, "an operation never ends");
  for (const auto& c : calls_) require(c.t->at == stage::ended, "a lease or a close never ends");
  require(pool_.books.next_deadline() == postgres::pool_books::time_point::max(), "a deadline is left");
  if (!closed_) check_counters();
}

/// The backlog shows its counters by what it takes: with nothing in flight, an even share; a large one at once.
void pool_model::check_counters() {
  constexpr std::size_t reads = 12;
  pool_.store = std::make_shared<postgres::client>();
  pool_.dead.clear();
  for (std::size_t i = 0; i < connections; ++i) open(false);
  for (std::size_t i = 0; i < reads; ++i) add(pool_.make(false, "counted " + std::to_string(i), long_time));
  pool_.run_posted();
  require(flights_.size() == connections, "a connection is idle while others wait");
  require(flights_.begin()->second.members.size() == reads / connections,
          "the backlog counts what is in flight wrongly");
  settle_all();
  auto large = pool_.make(true, "a", long_time);
  large->script.size = 5 * most_bytes;
  add(std::move(large));
  pool_.run_posted();
  require(!flights_.empty(), "the backlog counts what is large and in flight wrongly");
  settle_all();
}

}  // namespace atto::fuzz
