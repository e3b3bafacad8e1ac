#include "postgres/write_exchange.hpp"

#include <atto/store_requests.hpp>
#include <atto/store_rules.hpp>

#include "contract/request_check.hpp"

#include <utility>

namespace atto::postgres {

namespace {

/// The failure of a try after one that was lost tells nothing of the lost one.
failure fate_unknown(failure why) {
  why.code = errc::outcome_unknown;
  why.diag.message("the write was sent, and its fate cannot be told from what is stored; reload and compare");
  return why;
}

write_fate::trace read_trace(const reply& session, const reply& turn) {
  write_fate::trace t;
  if (!session.rows.empty()) {
    const auto& row = session.rows.front();
    const auto version = read_int8(cell_at(row, 0)), epoch = read_int8(cell_at(row, 2));
    const auto base_version = read_int8(cell_at(row, 3));
    if (!version || !epoch || !base_version) return t;  // as if there were none: nobody can tell
    t.version = *version;
    t.epoch = *epoch;
    t.base_version = *base_version;
    t.base_write_id = cell_at(row, 4).value_or("");
  }
  if (!turn.rows.empty()) t.turn_write_id = cell_at(turn.rows.front(), 0).value_or("");
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
bool guarded_exchange<T>::on_replies(std::vector<reply> replies) {
  if (failure f = first_error(replies)) return this->end(lost_ ? fate_unknown(std::move(f)) : std::move(f));
  if (written_) return refuse(replies.front());
  if (auto ended = on_written(replies.front())) return this->end(std::move(*ended));
  if (lost_) return on_sent_again(replies);
  written_ = true;
  return false;
}

template <class T>
bool guarded_exchange<T>::on_sent_again(const std::vector<reply>& replies) {
  switch (fate_of(read_trace(replies.at(1), replies.at(2)))) {
    case write_fate::fate::written:
      return this->end(done());
    case write_fate::fate::not_written:
      return refuse(replies.at(1));
    case write_fate::fate::unknown:
      break;
  }
  const auto now = read_stored(replies.at(1));
  if (now.error || !now.value) return this->end(fate_unknown({}));
  auto refusal = on_refused(now.value);
  if (!refusal) return send_once_more();  // its base has come meanwhile
  // Too large for its own base: that holds for the first copy, too.
  return this->end(refusal->error.code == errc::too_large ? std::move(*refusal) : outcome<T>(fate_unknown({})));
}

template <class T>
bool guarded_exchange<T>::refuse(const reply& session) {
  auto now = read_stored(session);
  if (now.error) return this->end(std::move(now.error));
  if (auto refusal = on_refused(now.value)) return this->end(std::move(*refusal));
  return send_once_more();
}

template <class T>
bool guarded_exchange<T>::send_once_more() {
  written_ = false;
  if (++sent_once_more_ <= most_) return false;
  failure f(errc::storage_failure,
            "the server does not write though nothing forbids it; is there a trigger or a rule?");
  return this->end(lost_ ? fate_unknown(std::move(f)) : std::move(f));
}

template <class T>
auto guarded_exchange<T>::read_stored(const reply& session) -> outcome<std::optional<stored>> {
  if (session.rows.empty()) return std::optional<stored>();
  const auto& row = session.rows.front();
  const auto version = read_int8(cell_at(row, 0)), bytes = read_int8(cell_at(row, 1));
  const auto epoch = read_int8(cell_at(row, 2));
  if (!version || !bytes || !epoch) return unreadable_row();
  return std::optional(stored{*version, *bytes, *epoch});
}

template class guarded_exchange<std::int64_t>;
template class guarded_exchange<bool>;

namespace {

template <class Stored>
std::int64_t version_of(const std::optional<Stored>& now) {
  return now ? now->version : 0;
}

/// Whether the session bears the claim that a write names.
template <class Stored>
failure check_claim(const std::optional<std::int64_t>& epoch, const std::optional<Stored>& now) {
  const bool held = !epoch || (now && now->epoch == *epoch);
  return held ? failure() : request_check::claim_lost();
}

template <class T>
std::optional<outcome<T>> refused_unless_empty(failure why) {
  if (!why) return std::nullopt;
  return outcome<T>(std::move(why));
}

}  // namespace

save_exchange::save_exchange(std::shared_ptr<const statements> sql, save_request r, std::string write_id)
    : guarded_exchange(std::move(sql), r.id, r.snap.state.bytes() + r.snap.history.bytes()),
      request_(std::move(r)),
      write_id_(std::move(write_id)) {}

std::vector<statement> save_exchange::write() {
  return sql().save(request_, write_id_);
}

std::optional<outcome<std::int64_t>> save_exchange::on_written(const reply& r) {
  if (r.rows.empty()) return std::nullopt;
  left_turns_ = read_int8(cell_at(r.rows.front(), 0)).value_or(0) > 0;
  return done();
}

outcome<std::int64_t> save_exchange::done() const {
  return request_.snap.version;
}

std::unique_ptr<exchange> save_exchange::errand() {
  if (!left_turns_) return nullptr;
  return std::make_unique<sweep_exchange>(shared_sql(), id());
}

std::optional<outcome<std::int64_t>> save_exchange::on_refused(const std::optional<stored>& now) {
  if (failure f = check_claim(request_.epoch, now)) return outcome<std::int64_t>(std::move(f));
  return refused_unless_empty<std::int64_t>(write_guard::save(request_, version_of(now)));
}

append_exchange::append_exchange(std::shared_ptr<const statements> sql, append_request r, std::string write_id,
                                 std::size_t max_session_bytes)
    : guarded_exchange(std::move(sql), r.id, r.turn.state.bytes() + r.turn.events.bytes()),
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

std::optional<outcome<std::int64_t>> append_exchange::on_refused(const std::optional<stored>& now) {
  if (failure f = check_claim(request_.epoch, now)) return outcome<std::int64_t>(std::move(f));
  const std::size_t history_bytes = now ? static_cast<std::size_t>(now->bytes) : 0;
  return refused_unless_empty<std::int64_t>(
      write_guard::append(request_, version_of(now), history_bytes, max_session_bytes_));
}

remove_exchange::remove_exchange(std::shared_ptr<const statements> sql, remove_request r)
    : guarded_exchange(std::move(sql), r.id, 0), request_(std::move(r)), version_(request_.base.value_or(0)) {
  if (!request_.base) look_first();
}

std::vector<statement> remove_exchange::write() {
  return sql().remove(request_, version_);
}

std::optional<outcome<bool>> remove_exchange::on_written(const reply& r) {
  if (r.affected == 0) return std::nullopt;
  return true;
}

std::optional<outcome<bool>> remove_exchange::on_refused(const std::optional<stored>& now) {
  if (failure f = check_claim(request_.epoch, now)) return outcome<bool>(std::move(f));
  if (version_of(now) == 0) return outcome<bool>(false);
  if (!request_.base) {
    version_ = now->version;
    return std::nullopt;
  }
  return refused_unless_empty<bool>(write_guard::remove(request_, now->version));
}

}  // namespace atto::postgres
