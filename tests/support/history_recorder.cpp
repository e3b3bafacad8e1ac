#include "support/history_recorder.hpp"

#include <charconv>
#include <string_view>
#include <utility>

namespace atto::test {
namespace {

using std::chrono::milliseconds;

constexpr write_name nobody = -1;  // no write bears it: the checker refuses what shows it

/// All processes on one machine share this clock, and nobody can set it.
std::int64_t now() {
  return std::chrono::nanoseconds(std::chrono::steady_clock::now().time_since_epoch()).count();
}

json event_of(write_name name) {
  return json(std::to_string(name));
}

state state_of(write_name name) {
  state s;
  s.set("write", event_of(name));
  return s;
}

history history_of(const std::vector<write_name>& names) {
  history events;
  for (const auto name : names) events.push_back(event_of(name));
  return events;
}

write_name name_in(const json& document) {
  const auto text = document.text();
  write_name name = nobody;
  const auto [end, wrong] = std::from_chars(text.data(), text.data() + text.size(), name);
  return wrong == std::errc() && end == text.data() + text.size() ? name : nobody;
}

write_name name_in(const state& s) {
  const json* name = s.find("write");
  return name != nullptr && s.size() == 1 ? name_in(*name) : nobody;
}

void record_sight(recorded_operation& o, const std::optional<snapshot>& seen) {
  if (!seen) return;
  o.version = seen->version;
  o.name = name_in(seen->state);
  for (const auto& event : seen->history) o.events.push_back(name_in(event));
}

/// Mostly what was last seen; sometimes any number up to the next.
std::int64_t guess(std::int64_t seen, std::mt19937& random) {
  if (random() % 10 != 0) return seen;
  return static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(seen + 2));
}

}  // namespace

void record_failure(recorded_operation& o, const error_code& code, const diagnostics& diag) {
  o.outcome = operation_outcome::not_written;
  if (code == errc::outcome_unknown) o.outcome = operation_outcome::unknown;
  if (code != errc::concurrent_write) return;
  o.outcome = operation_outcome::refused;
  o.answer = diag.stored_version().value_or(-1);
}

recording_caller::recording_caller(session_store& store, std::atomic<write_name>& last_name, std::size_t number,
                                   operation_watch* watch)
    : store_(store), last_name_(last_name), number_(number), watch_(watch) {}

std::int64_t recording_caller::seen(const std::string& id) const {
  const auto found = seen_.find(id);
  return found == seen_.end() ? 0 : found->second.version;
}

void recording_caller::step(const std::string& id, std::mt19937& random, const caller_habits& habits) {
  const milliseconds timeout(random() % 100 < habits.impatient_percent ? 1 : 0);
  const std::int64_t base = guess(seen_[id].version, random);
  const auto next = base + 1 + (random() % 4 == 0 ? static_cast<std::int64_t>(random() % 3) : 0);
  const auto choice = random() % (habits.removes ? 100 : 88);
  if (choice < 28) return load(id, timeout);
  if (choice < 64) return append(id, base, timeout);
  if (choice < 76) return save(id, next, {}, timeout);
  if (choice < 88) return save(id, next, base, timeout);
  if (choice < 94 || base == 0) return remove(id, {}, timeout);
  remove(id, base, timeout);
}

void recording_caller::load(const std::string& id, milliseconds timeout) {
  const auto& o =
      perform(id, {}, [&](recorded_operation& l) { record_sight(l, store_.load(id, {.timeout = timeout})); });
  if (o.outcome == operation_outcome::done) seen_[id] = {o.version, o.events};
}

void recording_caller::append(const std::string& id, std::int64_t base, milliseconds timeout) {
  recorded_operation o;
  o.kind = operation_kind::append;
  o.name = ++last_name_;
  o.base = base;
  o.version = base + 1;
  o.events.assign(static_cast<std::size_t>(1 + o.name % 2), o.name);
  const turn added(state_of(o.name), history_of(o.events));
  remember_write(
      seen_[id],
      perform(id, std::move(o),
              [&](recorded_operation& a) { a.answer = store_.append(id, base, added, {.timeout = timeout}); }),
      false);
}

void recording_caller::save(const std::string& id, std::int64_t version, std::optional<std::int64_t> base,
                            milliseconds timeout) {
  recorded_operation o;
  o.kind = base ? operation_kind::save_exact : operation_kind::save_newer;
  o.name = ++last_name_;
  o.base = base.value_or(0);
  o.version = version;
  if (o.name % 2 == 0) o.events = seen_[id].events;  // else it begins the history anew
  o.events.push_back(o.name);
  const snapshot whole(version, state_of(o.name), history_of(o.events));
  const save_options options{.guard = base ? guard::exact : guard::newer, .base = base.value_or(0), .timeout = timeout};
  remember_write(seen_[id],
                 perform(id, std::move(o), [&](recorded_operation& s) { s.answer = store_.save(id, whole, options); }),
                 true);
}

void recording_caller::remove(const std::string& id, std::optional<std::int64_t> base, milliseconds timeout) {
  recorded_operation o;
  o.kind = base ? operation_kind::remove_exact : operation_kind::remove;
  o.base = base.value_or(0);
  const auto& removed = perform(id, std::move(o), [&](recorded_operation& r) {
    r.answer = store_.remove(id, {.base = base, .timeout = timeout}) ? 1 : 0;
  });
  if (removed.outcome == operation_outcome::done) seen_[id] = {};
  if (removed.outcome == operation_outcome::refused) seen_[id].version = removed.answer;
}

template <class Call>
const recorded_operation& recording_caller::perform(const std::string& id, recorded_operation o, Call call) {
  o.caller = number_;
  auto& recorded = recorded_[id];
  recorded.reserve(recorded.size() + 1);
  o.invoked = now();
  if (watch_ != nullptr) watch_->started(id, o);
  try {
    call(o);
  } catch (const error_with_diagnostics& e) {
    record_failure(o, e.code(), e.get_diagnostics());
  }
  o.returned = now();
  last_outcome_ = o.outcome;
  if (watch_ != nullptr) watch_->ended(id, o);
  return recorded.emplace_back(std::move(o));
}

void recording_caller::remember_write(sight& last, const recorded_operation& o, bool whole) {
  if (o.outcome == operation_outcome::refused) last.version = o.answer;
  if (o.outcome != operation_outcome::done) return;
  last.version = o.answer;
  if (whole) last.events.clear();
  last.events.insert(last.events.end(), o.events.begin(), o.events.end());
}

}  // namespace atto::test
