#include "sqlite/session_rows.hpp"

#include <atto/store_requests.hpp>
#include <atto/store_rules.hpp>

#include "base/moment.hpp"
#include "json/stored_form.hpp"
#include "sqlite/query.hpp"

#include <algorithm>
#include <chrono>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace atto::sqlite::session_rows {

namespace {

using stored_form::dialect;

/// What the main row tells about a session before a write. A version of 0: there is none.
struct found_session {
  std::int64_t version = 0;
  std::int64_t events = 0;
  std::int64_t bytes = 0;  // what the history counts
};

/// A main row as a write leaves it.
struct session_row {
  std::string_view id;
  std::int64_t version;
  std::int64_t events;
  std::int64_t bytes;
  std::string_view write_id;
  std::string_view state;
};

std::int64_t now() {
  using namespace std::chrono;
  return floor<microseconds>(system_clock::now()).time_since_epoch().count();
}

failure damaged() {
  diagnostics diag;
  diag.message("a stored session is not what atto writes; restore the file from a copy").code("SQLITE_CORRUPT");
  return {errc::storage_failure, std::move(diag)};
}

result<found_session> find(connection& c, std::string_view id) {
  query q(c, statement_id::find_session);
  found_session found;
  if (q.text(id).step()) found = {q.integer_at(0), q.integer_at(1), q.integer_at(2)};
  if (failure f = q.error()) return f;
  // An event counts several bytes: what is written below cannot overflow.
  if (found.version < 0 || found.events < 0 || found.events > found.bytes) return damaged();
  return found;
}

result<claim_row> find_claim(connection& c, std::string_view id) {
  query q(c, statement_id::find_claim);
  claim_row found;
  if (q.text(id).step()) {
    found = {q.integer_at(0), q.integer_at(1), std::string(q.text_at(2)), std::string(q.text_at(3))};
  }
  if (failure f = q.error()) return f;
  if (found.epoch < 0 || found.epoch == std::numeric_limits<std::int64_t>::max()) return damaged();
  return found;
}

failure put_claim(connection& c, std::string_view id, const claim_row& claim) {
  return query(c, statement_id::put_claim)
      .text(id)
      .integer(claim.epoch)
      .integer(claim.owned_until)
      .text(claim.owner)
      .text(claim.owner_address)
      .run();
}

/// Whether a write under that claim may happen.
failure check_claim(connection& c, std::string_view id, const std::optional<std::int64_t>& epoch) {
  if (!epoch) return {};
  const result<claim_row> found = find_claim(c, id);
  return found ? found->check(epoch) : found.error();
}

failure prolong_claim(connection& c, std::string_view id, std::int64_t epoch, std::chrono::milliseconds ttl) {
  result<claim_row> found = find_claim(c, id);
  if (!found) return found.error();
  if (failure f = found->check(epoch)) return f;
  found->owned_until = claim_row::end_of(ttl, now());
  return put_claim(c, id, *found);
}

failure write_session(connection& c, statement_id s, const session_row& row) {
  return query(c, s)
      .text(row.id)
      .integer(row.version)
      .integer(row.events)
      .integer(row.bytes)
      .blob(row.write_id)
      .integer(now())
      .text(row.state)
      .run();
}

std::string_view bytes_of(const message_id& message) {
  return {reinterpret_cast<const char*>(message.bytes().data()), message_id::size};
}

failure insert_turn(connection& c, const session_row& row, std::string_view events,
                    const std::optional<message_id>& message) {
  query q(c, statement_id::insert_turn);
  q.text(row.id).integer(row.version).blob(row.write_id).integer(row.events).text(events);
  return (message ? q.blob(bytes_of(*message)) : q.null()).run();
}

/// The turn of a message that a whole save brings along.
failure insert_message(connection& c, const save_request& r, std::string_view turn_events) {
  return query(c, statement_id::insert_message)
      .text(r.id)
      .blob(bytes_of(*r.message_id))
      .integer(r.snap.version)
      .text(turn_events)
      .run();
}

/// The turns' arrays joined to one, or damaged(): the oldest may hold more events than are wanted.
result<history> load_turns(connection& c, std::string_view id, std::int64_t leave_out) {
  std::string turns = "[";
  {
    query q(c, statement_id::load_turns);
    q.text(id).integer(leave_out);
    while (q.step()) {
      if (turns.size() > 1) turns += ',';
      turns += q.text_at(0);
    }
    if (failure f = q.error()) return f;
  }
  turns += ']';
  auto events = stored_form::decode_turns(std::move(turns), dialect::plain);
  if (!events) return damaged();
  return std::move(*events);
}

}  // namespace

result<std::optional<snapshot>> load(connection& c, const load_request& r) {
  snapshot snap;
  std::int64_t total = 0;
  std::string state_text;
  {
    query q(c, statement_id::load_session);
    const bool found = q.text(r.id).step();
    if (failure f = q.error()) return f;
    if (!found) return std::optional<snapshot>();
    snap.version = q.integer_at(0);
    total = q.integer_at(1);
    state_text = q.text_at(2);
  }
  auto state = stored_form::decode_state(std::move(state_text), dialect::plain);
  if (!state || total < 0) return damaged();
  snap.state = std::move(*state);

  const auto wanted = std::min(r.last, static_cast<std::size_t>(total));
  snap.events_before = total - static_cast<std::int64_t>(wanted);
  if (wanted != 0) {
    result<history> events = load_turns(c, r.id, snap.events_before);
    if (!events) return events.error();
    snap.history = events->size() > wanted ? events->last(wanted) : *std::move(events);
  }
  if (snap.history.size() != wanted) return damaged();
  return std::optional<snapshot>(std::move(snap));
}

result<std::int64_t> save(connection& c, const save_request& r, std::string_view write_id) {
  const result<found_session> found = find(c, r.id);
  if (!found) return found.error();
  if (failure f = check_claim(c, r.id, r.epoch)) return f;
  if (failure f = write_guard::save(r, found->version)) return f;

  const std::string state = stored_form::encode(r.snap.state, dialect::plain);
  const std::string events = stored_form::encode(r.snap.history, dialect::plain);
  const session_row row{r.id,
                        r.snap.version,
                        static_cast<std::int64_t>(r.snap.history.size()),
                        static_cast<std::int64_t>(r.snap.history.bytes()),
                        write_id,
                        state};
  const bool absent = found->version == 0;
  if (failure f = write_session(c, absent ? statement_id::insert_session : statement_id::update_session, row)) return f;
  if (!absent) {
    if (failure f = query(c, statement_id::keep_messages).text(r.id).run()) return f;
    if (failure f = query(c, statement_id::delete_turns).text(r.id).run()) return f;
  }
  if (failure f = insert_turn(c, row, events, std::nullopt)) return f;
  if (r.message_id) {
    const std::string turn = stored_form::encode(r.snap.history.last(r.turn_events), dialect::plain);
    if (failure f = insert_message(c, r, turn)) return f;
  }
  return r.snap.version;
}

result<std::int64_t> append(connection& c, const append_request& r, std::string_view write_id, std::size_t max_bytes) {
  const result<found_session> found = find(c, r.id);
  if (!found) return found.error();
  if (failure f = check_claim(c, r.id, r.epoch)) return f;
  const auto bytes = static_cast<std::size_t>(found->bytes);
  if (failure f = write_guard::append(r, found->version, bytes, max_bytes)) return f;

  const std::string state = stored_form::encode(r.turn.state, dialect::plain);
  const std::string events = stored_form::encode(r.turn.events, dialect::plain);
  const session_row row{r.id,
                        r.base + 1,
                        found->events + static_cast<std::int64_t>(r.turn.events.size()),
                        static_cast<std::int64_t>(bytes + r.turn.events.bytes()),
                        write_id,
                        state};
  if (failure f = write_session(c, r.base == 0 ? statement_id::insert_session : statement_id::update_session, row))
    return f;
  if (failure f = insert_turn(c, row, events, r.message_id)) return f;
  if (r.epoch) {
    if (failure f = prolong_claim(c, r.id, *r.epoch, r.ttl)) return f;
  }
  return row.version;
}

result<bool> remove(connection& c, const remove_request& r) {
  const result<found_session> found = find(c, r.id);
  if (!found) return found.error();
  if (failure f = check_claim(c, r.id, r.epoch)) return f;
  if (failure f = write_guard::remove(r, found->version)) return f;
  if (found->version == 0) return false;
  if (failure f = query(c, statement_id::delete_turns).text(r.id).run()) return f;
  if (failure f = query(c, statement_id::delete_session).text(r.id).run()) return f;
  if (failure f = query(c, statement_id::delete_messages).text(r.id).run()) return f;
  if (failure f = query(c, statement_id::delete_claim).text(r.id).run()) return f;
  return true;
}

result<write_fate::trace> find_trace(connection& c, std::string_view id, std::int64_t version) {
  write_fate::trace t;
  const result<found_session> found = find(c, id);
  if (!found) return found.error();
  t.version = found->version;
  query base(c, statement_id::find_base);
  if (base.text(id).step()) {
    t.base_version = base.integer_at(0);
    t.base_write_id = base.blob_at(1);
  }
  if (failure f = base.error()) return f;
  query turn(c, statement_id::find_turn);
  if (turn.text(id).integer(version).step() && version != t.base_version) t.turn_write_id = turn.blob_at(0);
  if (failure f = turn.error()) return f;
  return t;
}

result<session_page> list(connection& c, const list_request& r) {
  // No id holds a NUL, so the least id above `after` is not below this one.
  const std::string above = r.after.empty() ? std::string() : r.after + '\0';
  const std::string& lowest = std::max(above, r.prefix);
  query q(c, statement_id::list_sessions);
  q.text(lowest).integer(static_cast<std::int64_t>(r.limit));
  session_page page;
  while (q.step() && q.text_at(0).starts_with(r.prefix)) {
    page.emplace_back(std::string(q.text_at(0)), q.integer_at(1), q.integer_at(2), moment(q.integer_at(3)),
                      moment(q.integer_at(4)));
  }
  if (failure f = q.error()) return f;
  return page;
}

result<claimed_session> claim(connection& c, const claim_request& r) {
  const result<claim_row> found = find_claim(c, r.id);
  if (!found) return found.error();
  const std::int64_t at = now();
  if (failure f = found->may_claim(r.owner, at)) return f;
  const claim_row mine{found->next_epoch(at), claim_row::end_of(r.ttl, at), r.owner, r.address};
  result<std::optional<snapshot>> loaded = load(c, {{r.deadline, r.diag}, r.id, r.last});
  if (!loaded) return loaded.error();
  if (failure f = put_claim(c, r.id, mine)) return f;
  return claimed_session(mine.epoch, *std::move(loaded));
}

failure renew(connection& c, const renew_request& r) {
  return prolong_claim(c, r.id, r.epoch, r.ttl);
}

result<bool> release(connection& c, const release_request& r) {
  result<claim_row> found = find_claim(c, r.id);
  if (!found) return found.error();
  if (found->epoch != r.epoch) return false;
  found->release();
  if (failure f = put_claim(c, r.id, *found)) return f;
  return true;
}

result<std::optional<turn_record>> find_turn(connection& c, const find_turn_request& r) {
  query q(c, statement_id::find_message);
  const bool found = q.text(r.id).blob(bytes_of(r.message_id)).step();
  if (failure f = q.error()) return f;
  if (!found) return std::optional<turn_record>();
  const std::int64_t version = q.integer_at(0);
  auto events = stored_form::decode_events(std::string(q.text_at(1)), dialect::plain);
  if (!events) return damaged();
  return std::optional(turn_record(version, std::move(*events)));
}

result<std::int64_t> sweep(connection& c) {
  query q(c,
          "DELETE FROM main.atto_sessions_claims WHERE owned_until <= ?1 AND NOT EXISTS (SELECT 1"
          " FROM main.atto_sessions AS s WHERE s.session_id = main.atto_sessions_claims.session_id)");
  if (failure f = q.integer(now()).run()) return f;
  return q.changed();
}

}  // namespace atto::sqlite::session_rows
