#include "sqlite/request_queue.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace atto::sqlite {

namespace {

failure closed() {
  return {errc::closed, "the store was closed; open another"};
}

failure timed_out(const std::string& upshot) {
  return {errc::timed_out, "the deadline passed, " + upshot + "; try again, or allow more time"};
}

failure aborted(const std::string& upshot) {
  return {errc::operation_aborted, "the operation was cancelled, " + upshot};
}

failure unknown(const char* why) {
  return {errc::outcome_unknown, std::string(why) + " while the write was being committed; reload and compare"};
}

/// Saturates: a deadline may be the clock's last moment.
request_queue::time_point with_grace(request_queue::time_point deadline) {
  using time_point = request_queue::time_point;
  constexpr auto grace = request_queue::commit_grace;
  return deadline < time_point::max() - grace ? deadline + grace : time_point::max();
}

}  // namespace

failure request_queue::submit(operation_id id, const descriptor& d) {
  if (closed_) return closed();
  if (waiting() >= max_waiting_) {
    return {errc::unavailable, "too many operations wait for the database; try again later"};
  }
  lane& l = lane_of(d.what);
  l.waiting.emplace(id, entry{d, d.deadline});
  try {
    l.by_session.emplace(d.session, id);
    by_deadline_.emplace(d.deadline, id);
  } catch (...) {
    remove(id);
    throw;
  }
  return {};
}

void request_queue::close(operation_id id, time_point deadline) {
  closes_.emplace(id, deadline);
  closed_ = true;
}

/// Takes an operation out, wherever it is. False: it has ended.
bool request_queue::remove(operation_id id) noexcept {
  for (entries* place : {&running_, &writes_.waiting, &reads_.waiting}) {
    const auto i = place->find(id);
    if (i == place->end()) continue;
    const entry& e = i->second;
    lane_of(e.what.what).by_session.erase({e.what.session, id});
    by_deadline_.erase({e.due, id});
    place->erase(i);
    return true;
  }
  return false;
}

/// True when an older operation of the other kind waits that this one must not overtake.
bool request_queue::is_blocked(operation_id id, const descriptor& d) noexcept {
  const lane& other = d.what == kind::read ? writes_ : reads_;
  if (other.waiting.empty()) return false;
  if (d.session == every_session) return other.waiting.begin()->first < id;
  const auto older_on = [&](std::uint64_t session) {
    const auto oldest = other.by_session.lower_bound({session, 0});
    return oldest != other.by_session.end() && oldest->first == session && oldest->second < id;
  };
  return older_on(d.session) || older_on(every_session);
}

/// What an operation leaves that ends now and is not committing, in words.
std::string request_queue::upshot(operation_id id) const {
  const auto i = running_.find(id);
  const bool reads = i != running_.end() ? i->second.what.what == kind::read : reads_.waiting.contains(id);
  return reads ? "nothing was read" : "nothing was written";
}

/// Walks a lane from its oldest operation. The blocked are passed by, and with them, since the same one blocks them,
/// all later operations on their sessions: operations of one kind on one session stay in order.
request_queue::group request_queue::gather(kind k) {
  const bool reads = k == kind::read;
  const std::size_t most = reads ? max_reads : max_writes_;
  group g{k, {}};
  std::size_t bytes = 0;
  for (const auto& [id, e] : lane_of(k).waiting) {
    const bool alone = e.what.what == kind::ensure_schema || e.what.bytes > max_shared_bytes;
    if (is_blocked(id, e.what)) {
      if (e.what.what == kind::ensure_schema) break;  // no write may overtake it either
      continue;
    }
    if (!g.members.empty() && (alone || bytes + e.what.bytes > max_group_bytes)) break;
    g.what = e.what.what;
    g.members.push_back(id);
    bytes += e.what.bytes;
    if (alone || g.members.size() == most) break;
  }
  return g;
}

request_queue::group request_queue::take() {
  // The oldest of all is blocked by nobody, so that one of the two lanes gives something.
  const kind other = turn_ == kind::read ? kind::write : kind::read;
  group g = gather(turn_);
  if (g.members.empty()) g = gather(other);
  lane& from = lane_of(g.what);
  for (const operation_id id : g.members) running_.insert(from.waiting.extract(id));
  group_size_ = g.members.size();
  turn_ = g.what == kind::read ? kind::write : kind::read;
  return g;
}

bool request_queue::begin_commit(const std::vector<operation_id>& writers) {
  const auto open = [&](operation_id id) { return running_.contains(id); };
  if (!std::all_of(writers.begin(), writers.end(), open)) {
    // Halved, else a group whose members keep reaching their deadlines might never come to a commit.
    put_back_apart();
    return false;
  }
  for (const operation_id id : writers) running_.find(id)->second.committing = true;
  max_writes_ = std::min(max_writes_ * 2, max_members);
  return true;
}

bool request_queue::finish(operation_id id) {
  return remove(id);
}

void request_queue::put_back() noexcept {
  while (!running_.empty()) {
    entries::node_type node = running_.extract(running_.begin());
    lane_of(node.mapped().what.what).waiting.insert(std::move(node));
  }
}

void request_queue::put_back_apart() noexcept {
  max_writes_ = std::max<std::size_t>(group_size_ / 2, 1);
  put_back();
}

request_queue::endings request_queue::cancel(operation_id id, bool total) {
  if (closes_.contains(id)) {
    endings out{{id, {errc::operation_aborted, "the wait for the close was cancelled"}}};
    closes_.erase(id);
    return out;
  }
  const auto i = running_.find(id);
  const bool committing = i != running_.end() && i->second.committing;
  if (committing && total) return {};
  endings out{{id, committing ? unknown("the operation was cancelled") : aborted(upshot(id))}};
  if (!remove(id)) return {};
  return out;
}

/// Nothing when it is given its grace.
failure request_queue::expire_one(operation_id id, time_point now) {
  const auto i = running_.find(id);
  if (i == running_.end() || !i->second.committing) return timed_out(upshot(id));
  const time_point last = with_grace(i->second.what.deadline);
  if (last <= now) return unknown("the deadline passed");
  auto node = by_deadline_.extract({i->second.due, id});
  node.value().first = i->second.due = last;
  by_deadline_.insert(std::move(node));
  return {};
}

/// All but what commits.
void request_queue::end_others(endings& out) {
  const auto end_all = [&](entries& from) {
    for (auto i = from.begin(); i != from.end();) {
      const operation_id id = i->first;
      const bool committing = i->second.committing;
      ++i;
      if (committing) continue;
      out.push_back({id, closed()});
      remove(id);
    }
  };
  end_all(writes_.waiting);
  end_all(reads_.waiting);
  end_all(running_);
}

void request_queue::end_commits(endings& out) {
  while (!running_.empty()) {
    const operation_id id = running_.begin()->first;
    out.push_back({id, unknown("the store was closed")});
    remove(id);
  }
}

void request_queue::expire_closes(time_point now, endings& out) {
  const bool any = std::any_of(closes_.begin(), closes_.end(), [&](const auto& c) { return c.second <= now; });
  if (!any) return;
  end_others(out);
  end_commits(out);
  std::erase_if(closes_, [&](const auto& c) {
    if (c.second > now) return false;
    out.push_back({c.first, {errc::timed_out, "the close waited too long; what was outstanding was abandoned"}});
    return true;
  });
}

request_queue::endings request_queue::expire(time_point now) {
  endings out;
  while (!by_deadline_.empty() && by_deadline_.begin()->first <= now) {
    const operation_id id = by_deadline_.begin()->second;
    failure why = expire_one(id, now);
    if (!why) continue;
    out.push_back({id, std::move(why)});
    remove(id);
  }
  expire_closes(now, out);
  return out;
}

request_queue::endings request_queue::abandon() {
  endings out;
  closed_ = true;
  end_others(out);
  for (const auto& [id, deadline] : closes_) out.push_back({id, closed()});
  closes_.clear();
  return out;
}

std::vector<request_queue::operation_id> request_queue::take_closes() {
  std::vector<operation_id> out;
  for (const auto& [id, deadline] : closes_) out.push_back(id);
  closes_.clear();
  return out;
}

std::optional<request_queue::time_point> request_queue::next_deadline() const {
  std::optional<time_point> next;
  const auto consider = [&](time_point t) { next = next ? std::min(*next, t) : t; };
  if (!by_deadline_.empty()) consider(by_deadline_.begin()->first);
  for (const auto& [id, deadline] : closes_) consider(deadline);
  return next;
}

}  // namespace atto::sqlite
