#include "postgres/pipeline.hpp"

#include "postgres/sqlstate.hpp"

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>

namespace atto::postgres {

namespace {

constexpr int patience_of_a_locked_write = 10;
constexpr int most_retries = 10;

/// Local to the transaction, which is the group. lock_timeout's unit is a millisecond.
statement set_lock_timeout(std::chrono::milliseconds timeout) {
  static const sql_text sql("SELECT pg_catalog.set_config('lock_timeout', $1, true)");
  statement s(sql);
  s.parameters.emplace_back(parameter::type::text, std::to_string(timeout.count()));
  return s;
}

}  // namespace

std::optional<std::chrono::milliseconds> pipeline::lock_timeout_of(const group& g) const {
  // Another process that makes the same tables may take its time.
  if (g.kind == round_kind::alone && set_) return std::chrono::milliseconds(0);
  if (g.kind != round_kind::write) return std::nullopt;
  if (g.members.front()->rounds.locked) return lock_timeout_ * patience_of_a_locked_write;
  return set_ ? std::nullopt : std::optional(lock_timeout_);
}

/// Idle to in flight.
std::vector<statement> pipeline::start(group g) {
  std::vector<statement> all;
  kind_ = g.kind;
  if (const auto timeout = lock_timeout_of(g)) all.push_back(set_lock_timeout(*timeout));
  preludes_ = all.size();
  answering_ = 0;
  error_.reset();
  fault_ = nullptr;
  members_.reserve(g.members.size());
  for (operation_ptr& op : g.members) {
    auto own = op->exchange().next();
    members_.push_back({std::move(op), own.size(), {}, false});
    all.insert(all.end(), std::make_move_iterator(own.begin()), std::make_move_iterator(own.end()));
  }
  return all;
}

/// In flight to in flight: replies only gather. The exchanges get them at the sync, since a row that was answered is
/// lost when the commit fails.
void pipeline::on_reply(reply r) {
  if (error_) return;  // the server skips the rest of a group that failed; what libpq reports beside it is not new
  if (preludes_ > 0 && r.ok()) {
    --preludes_;
    return;
  }
  while (answering_ < members_.size() && members_[answering_].replies.size() == members_[answering_].statements) {
    ++answering_;
  }
  member* const answered = answering_ < members_.size() ? &members_[answering_] : nullptr;
  if (!r.ok()) {
    // With no member left to answer, it is the commit that failed: the fault of none.
    fault_ = preludes_ == 0 && answered != nullptr ? answered->op.get() : nullptr;
    error_ = std::move(r);
  } else if (answered != nullptr) {
    answered->replies.push_back(std::move(r));
  }
}

/// In flight to idle. For each member: to dropped, again or ended. A member that was abandoned gets nothing, even when
/// its replies came before its caller gave up: the handler was called then.
pipeline::step pipeline::on_sync(bool replicated) {
  step out;
  const bool was_alone = members_.size() == 1;
  for (member& m : std::exchange(members_, {})) {
    m.op->rounds.replicated = replicated;
    if (m.abandoned) {
      out.dropped.push_back(std::move(m.op));
    } else if (error_ && send_again(*m.op, was_alone)) {
      out.again.push_back(std::move(m.op));
    } else {
      if (error_) m.replies.push_back(*error_);
      const bool ended = m.op->exchange().on_replies(std::move(m.replies));
      (ended ? out.ended : out.again).push_back(std::move(m.op));
    }
  }
  return out;
}

/// The group failed, and nothing of it was done. Whether the member must be tried once more, and how: singly after a
/// group, so that one member's error does not fail the others; by itself, as long as another try may have another end.
bool pipeline::send_again(operation& op, bool was_alone) const {
  if (classify(error_->sqlstate) == errc::outcome_unknown) return false;  // it may have been done
  const retry_class retry = retry_of(error_->sqlstate);
  if (!was_alone) {
    op.rounds.single = true;
    op.rounds.locked = retry == retry_class::locked && fault_ == &op;
    return true;
  }
  if (kind_ == round_kind::alone || !op.rounds.patient) return false;
  switch (retry) {
    case retry_class::locked:
      op.rounds.locked = true;
      return true;  // until its deadline
    case retry_class::yielded:
    case retry_class::elsewhere:  // as may be every connection of the pool
      return ++op.rounds.retries <= most_retries;
    case retry_class::none:
      // What may have been done already is not given up for what passes.
      return op.rounds.lost && classify(error_->sqlstate) == errc::unavailable && ++op.rounds.retries <= most_retries;
  }
  return false;
}

/// In flight to in flight: the member keeps its place, so that the replies of the others keep theirs.
void pipeline::abandon(const operation& op) {
  for (member& m : members_) m.abandoned = m.abandoned || m.op.get() == &op;
}

bool pipeline::all_abandoned() const noexcept {
  return std::ranges::all_of(members_, &member::abandoned);
}

/// In flight to idle, without a sync. Whether the server committed first is not known, so `lost` stays set: the
/// exchange finds out in its next round, and until then giving up leaves the outcome unknown.
pipeline::step pipeline::on_lost() {
  step out;
  for (member& m : std::exchange(members_, {})) {
    operation& op = *m.op;
    op.rounds.lost = op.rounds.lost || op.exchange().in_doubt();
    op.rounds.single = true;
    const bool goes_on = op.exchange().on_lost() && ++op.rounds.retries <= most_retries;
    (m.abandoned ? out.dropped : goes_on ? out.again : out.ended).push_back(std::move(m.op));
  }
  return out;
}

}  // namespace atto::postgres
