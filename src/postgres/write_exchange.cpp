#include "postgres/write_exchange.hpp"

#include "request_check.hpp"
#include "write_guard.hpp"

#include <utility>

namespace atto::postgres {

namespace {

/// The failure of a try after one that was lost tells nothing of the lost one.
failure unknown(failure why) {
  why.code = errc::outcome_unknown;
  why.diag.message("the write was sent, and its fate cannot be told from what is stored; reload and compare");
  return why;
}

write_fate::trace read_trace(const reply& session, const reply& turn) {
  write_fate::trace t;
  if (!session.rows.empty()) {
    const auto& row = session.rows.front();
    t.version = read_int8(row.at(0)).value_or(0);
    t.base_version = read_int8(row.at(2)).value_or(0);
    t.base_write_id = row.at(3).value_or("");
  }
  if (!turn.rows.empty()) t.turn_write_id = turn.rows.front().at(0).value_or("");
  return t;
}

}  // namespace

template <class T>
std::vector<statement> guarded_exchange<T>::next() {
  if (written_) return sql_->inspect(id_);
  auto round = write();
  if (lost_) {
    for (statement& s : sql_->trace(id_, *traced_version())) round.push_back(std::move(s));
  }
  return round;
}

template <class T>
bool guarded_exchange<T>::on_lost() {
  if (written_) return true;  // reads once more why the guard did not hold
  lost_ = true;
  return traced_version().has_value();
}

template <class T>
auto guarded_exchange<T>::read_stored(const reply& r) -> std::optional<stored> {
  if (r.rows.empty()) return std::nullopt;
  const auto& row = r.rows.front();
  return stored{read_int8(row.at(0)).value_or(0), read_int8(row.at(1)).value_or(0)};
}

template <class T>
bool guarded_exchange<T>::on_replies(std::vector<reply> replies) {
  if (failure f = first_error(replies)) return this->end(lost_ ? unknown(std::move(f)) : std::move(f));
  if (written_) return this->end(on_refused(read_stored(replies.front())));
  if (auto ended = on_written(replies.front())) return this->end(std::move(*ended));
  if (lost_) return this->end(on_sent_again(replies));
  written_ = true;
  return false;
}

template <class T>
outcome<T> guarded_exchange<T>::on_sent_again(const std::vector<reply>& replies) {
  switch (fate_of(read_trace(replies.at(1), replies.at(2)))) {
    case write_fate::fate::written:
      return done();
    case write_fate::fate::not_written:
      return on_refused(read_stored(replies.at(1)));
    case write_fate::fate::unknown:
      break;
  }
  // Too large for its own base: that holds for the first copy, too.
  auto refused = on_refused(read_stored(replies.at(1)));
  return refused.error.code == errc::too_large ? std::move(refused) : outcome<T>(unknown({}));
}

template class guarded_exchange<std::int64_t>;
template class guarded_exchange<bool>;

namespace {

template <class Stored>
std::int64_t version_of(const std::optional<Stored>& now) {
  return now ? now->version : 0;
}

/// The write found no row; `why` is what the guard says of the row as it is now. It may hold again by now, when another
/// client wrote in between: that is a lost race as well.
failure refusal(failure why, std::int64_t stored, std::int64_t supplied) {
  return why ? std::move(why) : request_check::concurrent_write(stored, supplied);
}

}  // namespace

save_exchange::save_exchange(std::shared_ptr<const statements> sql, save_request r, std::string write_id)
    : guarded_exchange(std::move(sql), r.id, r.snap.state.size() + r.snap.history.size()),
      request_(std::move(r)),
      write_id_(std::move(write_id)) {}

std::vector<statement> save_exchange::write() {
  return sql().save(request_, write_id_);
}

std::optional<outcome<std::int64_t>> save_exchange::on_written(const reply& r) {
  if (r.rows.empty()) return std::nullopt;
  left_turns_ = read_int8(r.rows.front().at(0)).value_or(0) > 0;
  return done();
}

outcome<std::int64_t> save_exchange::done() const {
  return request_.snap.version;
}

std::unique_ptr<exchange> save_exchange::errand() {
  if (!left_turns_) return nullptr;
  return std::make_unique<sweep_exchange>(shared_sql(), id());
}

outcome<std::int64_t> save_exchange::on_refused(const std::optional<stored>& now) {
  return refusal(write_guard::save(request_, version_of(now)), version_of(now), request_.snap.version);
}

append_exchange::append_exchange(std::shared_ptr<const statements> sql, append_request r, std::string write_id,
                                 std::size_t max_session_bytes)
    : guarded_exchange(std::move(sql), r.id, r.turn.state.size() + r.turn.events.size()),
      request_(std::move(r)),
      write_id_(std::move(write_id)),
      max_session_bytes_(max_session_bytes) {}

std::vector<statement> append_exchange::write() {
  return sql().append(request_, write_id_, max_session_bytes_);
}

std::optional<outcome<std::int64_t>> append_exchange::on_written(const reply& r) {
  if (r.affected == 0) return std::nullopt;
  return done();
}

outcome<std::int64_t> append_exchange::done() const {
  return request_.base + 1;
}

outcome<std::int64_t> append_exchange::on_refused(const std::optional<stored>& now) {
  const std::size_t history_bytes = now ? static_cast<std::size_t>(now->bytes) : 0;
  return refusal(write_guard::append(request_, version_of(now), history_bytes, max_session_bytes_), version_of(now),
                 request_.base);
}

remove_exchange::remove_exchange(std::shared_ptr<const statements> sql, remove_request r)
    : guarded_exchange(std::move(sql), r.id, 0), request_(std::move(r)) {}

std::vector<statement> remove_exchange::write() {
  return sql().remove(request_);
}

std::optional<outcome<bool>> remove_exchange::on_written(const reply& r) {
  if (r.affected == 0 && request_.base) return std::nullopt;
  return r.affected > 0;
}

outcome<bool> remove_exchange::on_refused(const std::optional<stored>& now) {
  if (!now) return false;
  return refusal(write_guard::remove(request_, now->version), now->version, *request_.base);
}

}  // namespace atto::postgres
