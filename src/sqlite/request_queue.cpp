#include "sqlite/request_queue.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace atto::sqlite {

namespace {

failure closed() {
  return {errc::closed, "the store was closed; open another"};
}

failure timed_out() {
  return {errc::timed_out, "the deadline passed, nothing was written; try again, or allow more time"};
}

failure aborted() {
  return {errc::operation_aborted, "the operation was cancelled, nothing was written"};
}

failure unknown(const char* why) {
  return {errc::outcome_unknown, std::string(why) + " while the write was being committed; reload and compare"};
}

}  // namespace

failure request_queue::submit(ticket id, time_point deadline) {
  if (closed_) return closed();
  if (waiting_.size() >= max_waiting_) {
    return {errc::unavailable, "too many operations wait for the database; try again later"};
  }
  waiting_.emplace(id, deadline);
  by_deadline_.emplace(deadline, id);
  return {};
}

void request_queue::close(ticket id, time_point deadline) {
  closed_ = true;
  closes_.emplace(id, deadline);
}

void request_queue::end_waiting(ticket id, time_point deadline) {
  waiting_.erase(id);
  by_deadline_.erase({deadline, id});
}

std::optional<request_queue::ticket> request_queue::take() {
  if (waiting_.empty()) return std::nullopt;
  const auto [id, deadline] = *waiting_.begin();
  end_waiting(id, deadline);
  running_ = running{id, deadline};
  return id;
}

bool request_queue::begin_commit(ticket id) {
  if (!running_ || running_->id != id || running_->ended) return false;
  running_->committing = true;
  return true;
}

bool request_queue::finish(ticket id) {
  if (!running_ || running_->id != id) return false;
  const bool open = !running_->ended;
  running_.reset();
  return open;
}

request_queue::endings request_queue::cancel(ticket id, bool total) {
  if (const auto i = waiting_.find(id); i != waiting_.end()) {
    end_waiting(id, i->second);
    return {{id, aborted()}};
  }
  if (closes_.erase(id) != 0) return {{id, {errc::operation_aborted, "the wait for the close was cancelled"}}};
  if (!running_ || running_->id != id || running_->ended) return {};
  if (running_->committing && total) return {};
  running_->ended = true;
  return {{id, running_->committing ? unknown("the operation was cancelled") : aborted()}};
}

void request_queue::expire_waiting(time_point now, endings& out) {
  while (!by_deadline_.empty() && by_deadline_.begin()->first <= now) {
    const auto [deadline, id] = *by_deadline_.begin();
    end_waiting(id, deadline);
    out.push_back({id, timed_out()});
  }
}

void request_queue::expire_running(time_point now, endings& out) {
  if (!running_ || running_->ended || running_->deadline > now) return;
  if (running_->committing && now - running_->deadline < commit_grace) return;
  running_->ended = true;
  out.push_back({running_->id, running_->committing ? unknown("the deadline passed") : timed_out()});
}

void request_queue::end_others(endings& out) {
  for (const auto& [id, deadline] : waiting_) out.push_back({id, closed()});
  waiting_.clear();
  by_deadline_.clear();
  if (running_ && !running_->ended && !running_->committing) {
    running_->ended = true;
    out.push_back({running_->id, closed()});
  }
}

void request_queue::expire_closes(time_point now, endings& out) {
  const bool any = std::any_of(closes_.begin(), closes_.end(), [&](const auto& c) { return c.second <= now; });
  if (!any) return;
  end_others(out);
  if (running_ && !running_->ended) {
    running_->ended = true;
    out.push_back({running_->id, unknown("the store was closed")});
  }
  std::erase_if(closes_, [&](const auto& c) {
    if (c.second > now) return false;
    out.push_back({c.first, {errc::timed_out, "the close waited too long; what was outstanding was abandoned"}});
    return true;
  });
}

request_queue::endings request_queue::expire(time_point now) {
  endings out;
  expire_waiting(now, out);
  expire_running(now, out);
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

std::vector<request_queue::ticket> request_queue::take_closes() {
  std::vector<ticket> out;
  for (const auto& [id, deadline] : closes_) out.push_back(id);
  closes_.clear();
  return out;
}

std::optional<request_queue::time_point> request_queue::next_deadline() const {
  std::optional<time_point> next;
  const auto consider = [&](time_point t) { next = next ? std::min(*next, t) : t; };
  if (!by_deadline_.empty()) consider(by_deadline_.begin()->first);
  if (running_ && !running_->ended) {
    // Saturates: a deadline may be the clock's last moment.
    const bool late = running_->committing && running_->deadline < time_point::max() - commit_grace;
    consider(late ? running_->deadline + commit_grace : running_->deadline);
  }
  for (const auto& [id, deadline] : closes_) consider(deadline);
  return next;
}

}  // namespace atto::sqlite
