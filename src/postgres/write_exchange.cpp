#include "postgres/write_exchange.hpp"

#include <atto/store_requests.hpp>
#include <atto/store_rules.hpp>

#include "contract/request_check.hpp"

#include <utility>

namespace atto::postgres {

namespace {

failure fate_unknown(failure why) {
  return outcome_unknown(std::move(why),
                         "the write was sent, and its fate cannot be told from what is stored; reload and compare");
}

write_fate::trace read_trace(const reply& session, const reply& turn) {
  write_fate::trace t;
  if (!session.rows.empty()) {
    const auto& row = session.rows.front();
    const auto version = read_int8(cell_at(row, 0)), epoch = read_int8(cell_at(row, 2));
    const auto base_version = read_int8(cell_at(row, 3));
    if (!version || !epoch || !base_version) return t;  // as if there were none: its fate is unknown
    t.version = *version;
    t.epoch = *epoch;
    t.base_version = *base_version;
    t.base_write_id = cell_at(row, 4).value_or("");
  }
  if (!turn.rows.empty()) t.turn_write_id = cell_at(turn.rows.front(), 0).value_or("");
  return t;
}

}  // namespace

/// A write that was lost is sent again together with the statements that read its trace, in one transaction: once the
/// write has waited for the row, no copy of it is running.
template <class T>
std::vector<statement> guarded_exchange<T>::do_next() {
  if (inspecting_) return this->store().write.inspect(id_);
  auto round = write();
  if (lost_) {
    for (statement& s : this->store().write.trace(id_, *traced_version())) round.push_back(std::move(s));
  }
  return round;
}

/// Inspecting -> inspecting. Writing -> writing again, with lost_: the server may have done the write, or may do it
/// later than the copy that is sent now.
template <class T>
bool guarded_exchange<T>::do_on_lost() {
  if (inspecting_) return true;
  lost_ = true;
  return traced_version().has_value();
}

/// Writing -> ended, when a row was written; or -> inspecting, when none was: the guard did not hold at that moment.
template <class T>
bool guarded_exchange<T>::do_on_replies(std::vector<reply> replies) {
  // After a loss, the failure of the second copy says nothing of the first.
  if (failure f = first_error(replies)) return this->end(lost_ ? fate_unknown(std::move(f)) : std::move(f));
  if (inspecting_) return refuse(replies.front());
  if (auto ended = on_written(replies.front())) return this->end(std::move(*ended));
  if (lost_) return on_sent_again(replies);
  inspecting_ = true;
  return false;
}

/// Writing again -> ended, or -> writing again. The second copy found no row; what is stored, read under the row's
/// lock, shows what the first one did.
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
  if (now.has_error() || !*now) return this->end(fate_unknown({}));
  auto refusal = on_refused(*now);
  if (!refusal) return send_once_more();  // its base has come meanwhile
  // Too large for its own base: that holds for the first copy, too.
  if (refusal->error().code == errc::too_large) return this->end(std::move(*refusal));
  return this->end(fate_unknown({}));
}

/// Inspecting -> ended, with what broke the guard.
template <class T>
bool guarded_exchange<T>::refuse(const reply& session) {
  auto now = read_stored(session);
  if (now.has_error()) return this->end(now.error());
  if (auto refusal = on_refused(*now)) return this->end(std::move(*refusal));
  return send_once_more();
}

/// Inspecting -> writing: another client wrote between the two rounds, and now the guard holds.
template <class T>
bool guarded_exchange<T>::send_once_more() {
  inspecting_ = false;
  if (++sent_once_more_ <= most_) return false;
  failure f(errc::storage_failure,
            "the server does not write though nothing forbids it; is there a trigger or a rule?");
  return this->end(lost_ ? fate_unknown(std::move(f)) : std::move(f));
}

template <class T>
auto guarded_exchange<T>::read_stored(const reply& session) -> result<std::optional<stored>> {
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

}  // namespace

save_exchange::save_exchange(store_context_ptr store, save_request r, std::string write_id)
    : guarded_exchange(std::move(store), r.id, r.snap.state.bytes() + r.snap.history.bytes()),
      request_(std::move(r)),
      write_id_(std::move(write_id)) {}

save_exchange::ending save_exchange::on_written(const reply& r) {
  if (r.rows.empty()) return std::nullopt;
  left_turns_ = read_int8(cell_at(r.rows.front(), 0)).value_or(0) > 0;
  return done();
}

std::unique_ptr<exchange> save_exchange::errand() {
  if (!left_turns_) return nullptr;
  return std::make_unique<delete_replaced_turns_exchange>(shared_store(), id());
}

save_exchange::ending save_exchange::on_refused(const std::optional<stored>& now) {
  if (failure f = check_claim(request_.epoch, now)) return f;
  if (failure f = write_guard::save(request_, version_of(now))) return f;
  return std::nullopt;
}

write_fate::fate save_exchange::fate_of(const write_fate::trace& t) const {
  const auto guarded = request_.guard == guard::exact ? request_.base + 1 : request_.snap.version;
  const auto fence = write_fate::fence(t, request_.epoch, guarded);
  return write_fate::of_save(t, request_.snap.version, fence, write_id_);
}

append_exchange::append_exchange(store_context_ptr store, append_request r, std::string write_id)
    : guarded_exchange(std::move(store), r.id, r.turn.state.bytes() + r.turn.events.bytes()),
      request_(std::move(r)),
      write_id_(std::move(write_id)) {}

std::vector<statement> append_exchange::write() {
  return store().write.append.bind(request_, write_id_, store().limits.max_session_bytes);
}

append_exchange::ending append_exchange::on_written(const reply& r) {
  if (r.affected == 0) return std::nullopt;
  return done();
}

append_exchange::ending append_exchange::on_refused(const std::optional<stored>& now) {
  if (failure f = check_claim(request_.epoch, now)) return f;
  const std::size_t history_bytes = now ? static_cast<std::size_t>(now->bytes) : 0;
  const std::size_t limit = store().limits.max_session_bytes;
  if (failure f = write_guard::append(request_, version_of(now), history_bytes, limit)) return f;
  return std::nullopt;
}

write_fate::fate append_exchange::fate_of(const write_fate::trace& t) const {
  const auto fence = write_fate::fence(t, request_.epoch, request_.base + 1);
  return write_fate::of_append(t, request_.base, fence, write_id_);
}

remove_exchange::remove_exchange(store_context_ptr store, remove_request r)
    : guarded_exchange(std::move(store), r.id, 0), request_(std::move(r)), version_(request_.base.value_or(0)) {
  if (!request_.base) inspect_first();
}

remove_exchange::ending remove_exchange::on_written(const reply& r) {
  if (r.affected == 0) return std::nullopt;
  return done();
}

/// Without a base, the version that was read is the next one to remove: only that one, so that a late copy of the
/// remove takes nothing that was written after it.
remove_exchange::ending remove_exchange::on_refused(const std::optional<stored>& now) {
  if (failure f = check_claim(request_.epoch, now)) return f;
  if (version_of(now) == 0) return result<bool>(false);
  if (!request_.base) {
    version_ = now->version;
    return std::nullopt;
  }
  if (failure f = write_guard::remove(request_, now->version)) return f;
  return std::nullopt;
}

}  // namespace atto::postgres
