#include "fuzz/byte_source.hpp"

#include <atto/store_requests.hpp>
#include "fuzz/targets.hpp"

#include "postgres/claim_exchange.hpp"
#include "postgres/read_exchange.hpp"
#include "postgres/schema_exchange.hpp"
#include "postgres/write_exchange.hpp"

#include <array>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace atto::fuzz {

namespace {

using namespace postgres;

constexpr std::array<std::string_view, 15> documents = {"{}",
                                                        "[]",
                                                        "[[1],[]]",
                                                        "[[{\"a\":\"b\"}],[2,3]]",
                                                        "{\"a\":1}",
                                                        "[\"\xEF\xB7\x90"
                                                        "0000\"]",
                                                        "[\"\xEF\xB7\x90"
                                                        "12\"]",
                                                        "UTF8",
                                                        "atto_sessions",
                                                        "atto_sessions_tail",
                                                        "atto_sessions_snapshot",
                                                        "atto session store, schema 1",
                                                        "atto session store, schema 2",
                                                        "r",
                                                        "v"};
constexpr std::string_view write_id = "0123456789abcdef";

std::string lines_of(std::span<const schema_columns::column> columns) {
  std::string lines;
  for (const auto& c : columns) lines.append(c.definition).append("\n");
  return lines;
}

/// One of the documents, or the columns of one of our tables.
std::string draw_document(byte_source& in) {
  static const std::array<std::string, 2> tables = {lines_of(schema_columns::sessions), lines_of(schema_columns::tail)};
  const std::size_t which = in.below(documents.size() + tables.size());
  return which < documents.size() ? std::string(documents[which]) : tables[which - documents.size()];
}

std::string draw_cell(byte_source& in) {
  switch (in.below(5)) {
    case 0:
      return write_int8(in.number());
    case 1:
      return draw_document(in);
    case 2:
      return std::string(write_id);
    default:
      return in.text();
  }
}

/// Each cell has memory of its own, so that a sanitizer sees a read beyond its end.
reply draw_reply(byte_source& in) {
  reply r;
  r.affected = in.number();
  const auto cells = std::make_shared<std::vector<std::string>>();
  cells->reserve(64);
  const std::size_t rows = in.below(4);
  for (std::size_t i = 0; i < rows; ++i) {
    auto& row = r.rows.emplace_back();
    for (std::size_t columns = in.below(7); columns > 0; --columns) {
      const bool null = in.below(6) == 0;
      if (!null) cells->push_back(draw_cell(in));
      row.push_back(null ? reply::cell() : reply::cell(cells->back()));
    }
  }
  r.owner = cells;
  return r;
}

reply draw_error(byte_source& in) {
  static constexpr std::array<std::string_view, 10> states = {"42P01", "40001", "55P03", "57014", "26000",
                                                              "42P07", "23505", "22P05", "40003", "54000"};
  reply r;
  const std::size_t which = in.below(states.size() + 1);
  r.sqlstate = which < states.size() ? std::string(states[which]) : "X" + in.text();
  r.message = in.text();
  return r;
}

/// As many as there are statements, or fewer, of which the last is an error.
std::vector<reply> draw_replies(byte_source& in, std::size_t statements) {
  const bool fails = in.below(8) == 7;
  std::size_t good = fails ? in.below(statements + 1) : statements;
  std::vector<reply> all;
  while (good-- > 0) all.push_back(draw_reply(in));
  if (fails) all.push_back(draw_error(in));
  return all;
}

void check(const failure& f) {
  const std::string& words = f.diag.message();
  require(!words.empty(), "a failure without words");
  require(words.find('\n') == words.npos, "a failure of several lines");
}

void check(const history& events) {
  for (const json& event : events) {
    const json again{std::string(event.text())};
    require(again.bytes() == event.bytes(), "a loaded event counts wrongly");
  }
}

void check(const std::optional<snapshot>& found, std::size_t last) {
  if (!found) return;
  require(found->events_before >= 0 && found->history.size() <= last, "a load of more than was asked for");
  require(last != load_options::all || !found->partial(), "a whole load is partial");
  check(found->history);
  check(history{found->state.stored()});
  for (const auto& [name, value] : found->state) {
    require(!name.starts_with(state::temp_prefix), "a temp: value was loaded");
  }
}

constexpr int most_losses = 10;  // as many as a pipeline allows

template <class Exchange>
constexpr int most_rounds = 64;
/// 41 rounds of DDL with a look before each; and a loss of DDL costs a look more.
template <>
constexpr int most_rounds<schema_exchange> = 2 * 41 + 2 * most_losses;

/// Drives an exchange to its end with whatever replies.
template <class Exchange>
bool drive(Exchange& e, byte_source& in) {
  int losses_left = most_losses;
  for (int round = 0; round < most_rounds<Exchange>; ++round) {
    const std::size_t sent = e.next().size();
    require(sent > 0, "a round of nothing");
    static_cast<void>(e.in_doubt());
    if (losses_left > 0 && in.below(16) == 15) {
      --losses_left;
      if (!e.on_lost()) return false;
    } else if (e.on_replies(draw_replies(in, sent))) {
      return true;
    }
  }
  throw finding("an exchange never ends");
}

template <class Exchange>
auto outcome_of(Exchange& e, byte_source& in) {
  result<typename Exchange::value_type> r(failure(errc::outcome_unknown, "lost"));
  if (drive(e, in)) {
    r = e.take();
    if (r.has_value()) static_cast<void>(e.errand());
  }
  if (r.has_error()) check(r.error());
  return r;
}

snapshot draw_snapshot(byte_source& in) {
  state s;
  s.set(in.flip() ? "\xEF\xB7\x90" : "a", json::string("\xEF\xB7\x90"));
  return {1 + in.byte(), std::move(s), history{json("1"), json("[2]")}};
}

save_request draw_save(byte_source& in) {
  save_request r;
  r.id = "s";
  r.snap = draw_snapshot(in);
  r.guard = in.flip() ? guard::exact : guard::newer;
  if (in.flip()) r.epoch = in.number();
  if (r.guard == guard::exact) r.base = static_cast<std::int64_t>(in.below(static_cast<std::size_t>(r.snap.version)));
  return r;
}

append_request draw_append(byte_source& in) {
  append_request r;
  r.id = "s";
  r.base = in.flip() ? in.byte() : max_version - 1;
  r.turn = {state(), history{json("1")}};
  if (in.flip()) r.epoch = in.number();
  return r;
}

remove_request draw_remove(byte_source& in) {
  remove_request r;
  r.id = "s";
  if (in.flip()) r.base = 1 + in.byte();
  if (in.flip()) r.epoch = in.number();
  return r;
}

claim_request draw_claim(byte_source& in) {
  claim_request r;
  r.id = "s";
  if (in.flip()) r.last = in.below(4);
  return r;
}

load_request draw_load(byte_source& in) {
  load_request r;
  r.id = "s";
  if (in.flip()) r.last = in.below(4);
  return r;
}

void decode_list(const store_context_ptr& store, byte_source& in) {
  list_request r;
  r.limit = 1 + in.below(4);
  list_exchange e(store, r);
  static_cast<void>(outcome_of(e, in));
}

void decode_load(const store_context_ptr& store, byte_source& in) {
  const load_request r = draw_load(in);
  store->verified = in.flip();
  load_exchange e(store, r);
  if (const auto o = outcome_of(e, in)) check(*o, r.last);
}

void decode_append(const store_context_ptr& store, byte_source& in) {
  const append_request r = draw_append(in);
  store->limits.max_session_bytes = 100 + in.byte();
  append_exchange e(store, r, std::string(write_id));
  const auto o = outcome_of(e, in);
  require(o.has_error() || *o == r.base + 1, "an append that makes another version");
}

void decode_save(const store_context_ptr& store, byte_source& in) {
  const save_request r = draw_save(in);
  save_exchange e(store, r, std::string(write_id));
  const auto o = outcome_of(e, in);
  require(o.has_error() || *o == r.snap.version, "a save that makes another version");
}

void decode_remove(const store_context_ptr& store, byte_source& in) {
  remove_exchange e(store, draw_remove(in));
  static_cast<void>(outcome_of(e, in));
}

void decode_claim(const store_context_ptr& store, byte_source& in) {
  const claim_request r = draw_claim(in);
  claim_exchange e(store, r);
  if (const auto o = outcome_of(e, in)) check(o->snap, r.last);
}

void decode_find_turn(const store_context_ptr& store, byte_source& in) {
  find_turn_exchange e(store, {{}, "s", message_id("m")});
  const auto o = outcome_of(e, in);
  if (o && *o) check((*o)->events);
}

void decode_schema(const store_context_ptr& store, byte_source& in) {
  schema_exchange e(store);
  static_cast<void>(outcome_of(e, in));
}

}  // namespace

/// What the exchanges make of replies with any cells: NULLs, wrong lengths, other types, more or fewer columns.
void reply_decoding(std::string_view input) {
  static const auto store = std::make_shared<store_context>(table_name("atto_sessions"));
  static constexpr std::array decoders = {decode_list,   decode_load,   decode_append, decode_save,
                                          decode_remove, decode_schema, decode_claim,  decode_find_turn};
  byte_source in(input);
  store->verified = true;
  decoders[in.below(decoders.size())](store, in);
}

}  // namespace atto::fuzz
