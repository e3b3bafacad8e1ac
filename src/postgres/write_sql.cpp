#include "postgres/write_sql.hpp"

namespace atto::postgres {

namespace {

using binary::int8;
using binary::jsonb;
using binary::text;
using binary::uuid;
using namespace std::string_literals;

// A row of version 0 is a claim of an absent session, and was created at infinity: the first write takes the lesser
// time. (Not CASE: there Citus refuses now(), which claimed_update needs.)
// now() goes through VALUES into EXCLUDED: Citus refuses it in the SET clause of DO UPDATE.
const char* const upsert = R"(
  INSERT INTO {sessions} AS t (session_id, version, state, history, history_version, turns_replaced, events, bytes,
    write_id, created_at, updated_at)
  VALUES ($id, $version, $state, $history, $version, 0, $events, $bytes, $write_id, pg_catalog.now(), pg_catalog.now())
  ON CONFLICT (session_id) DO UPDATE SET version = EXCLUDED.version, state = EXCLUDED.state,
    history = EXCLUDED.history, history_version = EXCLUDED.history_version,
    turns_replaced = t.version - t.history_version, events = EXCLUDED.events, bytes = EXCLUDED.bytes,
    write_id = EXCLUDED.write_id, created_at = LEAST(t.created_at, EXCLUDED.created_at),
    updated_at = EXCLUDED.updated_at
  WHERE )";

const char* const update = R"(
  UPDATE {sessions} AS t SET version = $version, state = $state, history = $history, history_version = $version,
    turns_replaced = t.version - t.history_version, events = $events, bytes = $bytes, write_id = $write_id,
    updated_at = pg_catalog.now()
  WHERE t.session_id = $id AND )";

/// Under a claim there is a row, perhaps of version 0, or the claim is lost.
std::string claimed_update(std::string_view set, std::string_view guard) {
  return R"(
    UPDATE {sessions} AS t SET version = $version, state = $state, history = $history, history_version = $version,
      turns_replaced = t.version - t.history_version, events = $events, bytes = $bytes, write_id = $write_id,
      created_at = LEAST(t.created_at, pg_catalog.now()), updated_at = pg_catalog.now())" +
         std::string(set) + " WHERE t.session_id = $id AND t.epoch = $epoch AND " + std::string(guard);
}

constexpr std::string_view prolong_claim = ", owned_until = pg_catalog.now() + $ttl * interval '1 millisecond'";

/// Of a statement that writes the base of the history. `turn` names the parameter that holds the turn's events.
template <class Values>
write_template<Values> whole(const sql_names& names, const std::string& write, const bindings<Values>& plain,
                             const std::string& turn, const bindings<Values>& more_when_kept) {
  const std::string kept = "WITH up AS (" + write + R"( RETURNING t.session_id, t.version, t.events, t.turns_replaced),
    kept AS (INSERT INTO {tail} (session_id, version, write_id, events, events_total, message_id)
      SELECT up.session_id, up.version, $write_id, $)" +
                           turn + R"(, up.events, $message_id FROM up)
    SELECT up.turns_replaced FROM up)";
  return {{names, write + " RETURNING t.turns_replaced", plain}, {names, kept, plain + more_when_kept}};
}

using save_bindings = bindings<save_sql::values>;

save_bindings saved() {
  return {{"id", [](auto& s) { return text(s.request.id); }},
          {"version", [](auto& s) { return int8(s.request.snap.version); }},
          {"state", [](auto& s) { return jsonb(s.request.snap.state); }},
          {"history", [](auto& s) { return jsonb(s.request.snap.history); }},
          {"events", [](auto& s) { return int8(s.request.snap.history.size()); }},
          {"bytes", [](auto& s) { return int8(s.request.snap.history.bytes()); }},
          {"write_id", [](auto& s) { return uuid(s.write_id); }}};
}
save_bindings saved_base() {
  return {{"base", [](auto& s) { return int8(s.request.base); }}};
}
save_bindings saved_epoch() {
  return {{"epoch", [](auto& s) { return int8(*s.request.epoch); }}};
}
write_template<save_sql::values> save(const sql_names& names, const std::string& write, const save_bindings& b) {
  return whole(names, write, b, "turn",
               {{"turn", [](auto& s) { return jsonb(s.request.snap.history.last(s.request.turn_events)); }},
                {"message_id", [](auto& s) { return uuid(*s.request.message_id); }}});
}

}  // namespace

save_sql::save_sql(const sql_names& names)
    : newer_(save(names, upsert + "t.version < EXCLUDED.version"s, saved())),
      first_(save(names, upsert + "t.version = 0"s, saved())),
      exact_(save(names, update + "t.version = $base"s, saved() + saved_base())),
      newer_claimed_(save(names, claimed_update("", "t.version < $version"), saved() + saved_epoch())),
      exact_claimed_(save(names, claimed_update("", "t.version = $base"), saved() + saved_epoch() + saved_base())) {}

const write_template<save_sql::values>& save_sql::choose(const save_request& r) const noexcept {
  const bool newer = r.guard == guard::newer;
  if (r.epoch) return newer ? newer_claimed_ : exact_claimed_;
  if (newer) return newer_;
  return r.base == 0 ? first_ : exact_;
}

std::vector<statement> save_sql::bind(const save_request& r, const std::string& write_id) const {
  return round_of(choose(r).bind(r.message_id, {r, write_id}));
}

namespace {

using append_bindings = bindings<append_sql::values>;

append_bindings appended_claim() {
  return {{"epoch", [](auto& a) { return int8(*a.request.epoch); }},
          {"ttl", [](auto& a) { return int8(a.request.ttl); }}};
}
append_bindings appended_message() {
  return {{"message_id", [](auto& a) { return uuid(*a.request.message_id); }}};
}

/// The turn is the base of the history.
append_bindings first_turn() {
  return {{"id", [](auto& a) { return text(a.request.id); }},
          {"version", [](auto&) { return int8(std::int64_t{1}); }},
          {"state", [](auto& a) { return jsonb(a.request.turn.state); }},
          {"history", [](auto& a) { return jsonb(a.request.turn.events); }},
          {"events", [](auto& a) { return int8(a.request.turn.events.size()); }},
          {"bytes", [](auto& a) { return int8(a.request.turn.events.bytes()); }},
          {"write_id", [](auto& a) { return uuid(a.write_id); }}};
}
write_template<append_sql::values> append_first(const sql_names& names, const std::string& write,
                                                const append_bindings& b) {
  return whole(names, write, b, "history", appended_message());
}

append_bindings next_turn() {
  return {{"id", [](auto& a) { return text(a.request.id); }},
          {"base", [](auto& a) { return int8(a.request.base); }},
          {"state", [](auto& a) { return jsonb(a.request.turn.state); }},
          {"turn", [](auto& a) { return jsonb(a.request.turn.events); }},
          {"events", [](auto& a) { return int8(a.request.turn.events.size()); }},
          {"bytes", [](auto& a) { return int8(a.request.turn.events.bytes()); }},
          {"write_id", [](auto& a) { return uuid(a.write_id); }},
          {"state_bytes", [](auto& a) { return int8(a.request.turn.state.bytes()); }},
          {"max_session_bytes", [](auto& a) { return int8(a.max_session_bytes); }}};
}
write_template<append_sql::values> append_next(const sql_names& names, std::string_view set, std::string_view guard,
                                               const append_bindings& b) {
  const std::string up = R"(
    WITH up AS (
      UPDATE {sessions} AS t SET version = t.version + 1, state = $state, events = t.events + $events,
        bytes = t.bytes + $bytes, updated_at = pg_catalog.now())" +
                         std::string(set) + R"(
      WHERE t.session_id = $id AND t.version = $base AND t.bytes + $bytes + $state_bytes <= $max_session_bytes)" +
                         std::string(guard) + R"(
      RETURNING t.session_id, t.version, t.events)
    INSERT INTO {tail} )";
  return {{names, up + R"((session_id, version, write_id, events, events_total)
             SELECT up.session_id, up.version, $write_id, $turn, up.events FROM up)",
           b},
          {names, up + R"((session_id, version, write_id, events, events_total, message_id)
             SELECT up.session_id, up.version, $write_id, $turn, up.events, $message_id FROM up)",
           b + appended_message()}};
}

}  // namespace

append_sql::append_sql(const sql_names& names)
    : first_(append_first(names, upsert + "t.version = 0"s, first_turn())),
      first_claimed_(
          append_first(names, claimed_update(prolong_claim, "t.version = 0"), first_turn() + appended_claim())),
      next_(append_next(names, "", "", next_turn())),
      next_claimed_(append_next(names, prolong_claim, " AND t.epoch = $epoch", next_turn() + appended_claim())) {}

std::vector<statement> append_sql::bind(const append_request& r, const std::string& write_id,
                                        std::size_t max_session_bytes) const {
  const bool first = r.base == 0;
  const auto& sql = r.epoch ? (first ? first_claimed_ : next_claimed_) : (first ? first_ : next_);
  return round_of(sql.bind(r.message_id, {r, write_id, max_session_bytes}));
}

namespace {

const char* const remove_session =
    "DELETE FROM {sessions} AS t WHERE t.session_id = $id AND t.version = $version AND t.version > 0";

// Guarded, so that a session which another client began in between keeps its turns.
constexpr std::string_view remove_tail = R"(
  DELETE FROM {tail} AS x WHERE x.session_id = $id
    AND NOT EXISTS (SELECT 1 FROM {sessions} AS t WHERE t.session_id = $id))";

bindings<remove_sql::values> removed_id() {
  return {{"id", [](auto& r) { return text(r.request.id); }}};
}
bindings<remove_sql::values> removed() {
  return removed_id() + bindings<remove_sql::values>{{"version", [](auto& r) { return int8(r.version); }}};
}

}  // namespace

remove_sql::remove_sql(const sql_names& names)
    : session_(names, remove_session, removed()),
      session_claimed_(names, remove_session + " AND t.epoch = $epoch"s,
                       removed() + bindings<values>{{"epoch", [](auto& r) { return int8(*r.request.epoch); }}}),
      tail_(names, remove_tail, removed_id()) {}

std::vector<statement> remove_sql::bind(const remove_request& r, std::int64_t version) const {
  const values v{r, version};
  return round_of((r.epoch ? session_claimed_ : session_).bind(v), tail_.bind(v));
}

namespace {

// A transaction of its own sees the tail rows that were committed while the save waited for the row's lock.
constexpr std::string_view delete_replaced = R"(
  DELETE FROM {tail} AS x WHERE x.session_id = $id
    AND x.version <= (SELECT t.history_version FROM {sessions} AS t WHERE t.session_id = $id)
    AND x.message_id IS NULL)";

constexpr std::string_view inspect_session =
    "SELECT t.version, t.bytes, t.epoch FROM {sessions} AS t WHERE t.session_id = $id";

// The lock waits for the client that is writing the session. It is also a change for the log, so that the commit
// waits for a synchronous standby: what was found is then as safe as what was acknowledged.
constexpr std::string_view trace_session = R"(
  SELECT t.version, t.bytes, t.epoch, t.history_version, t.write_id
  FROM {sessions} AS t WHERE t.session_id = $id FOR NO KEY UPDATE)";

// A statement of its own, and so a later moment than that of the lock.
constexpr std::string_view trace_turn =
    "SELECT x.write_id FROM {tail} AS x WHERE x.session_id = $id AND x.version = $version";

}  // namespace

write_sql::write_sql(const sql_names& names)
    : save(names),
      append(names),
      remove(names),
      delete_replaced_turns_(names, delete_replaced, {{"id", [](auto& id) { return text(id); }}}),
      inspect_(names, inspect_session, {{"id", [](auto& id) { return text(id); }}}),
      trace_session_(names, trace_session, {{"id", [](auto& t) { return text(t.id); }}}),
      trace_turn_(names, trace_turn,
                  {{"id", [](auto& t) { return text(t.id); }}, {"version", [](auto& t) { return int8(t.version); }}}) {}

std::vector<statement> write_sql::delete_replaced_turns(std::string_view id) const {
  return round_of(delete_replaced_turns_.bind(id));
}

std::vector<statement> write_sql::inspect(std::string_view id) const {
  return round_of(inspect_.bind(id));
}

std::vector<statement> write_sql::trace(std::string_view id, std::int64_t version) const {
  return round_of(trace_session_.bind({id, version}), trace_turn_.bind({id, version}));
}

}  // namespace atto::postgres
