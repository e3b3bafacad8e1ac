#pragma once

#include "runtime/turn_books.hpp"

#include <gmock/gmock.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace atto::test {

using namespace std::chrono_literals;
using action = detail::turn_steps::action;
using stage = detail::turn_ticket::stage;

/// Scripts for the decisions alone: no store, executor or clock. Each event leaves its steps in `then`.
class TurnBooks : public ::testing::Test {
 protected:
  using turn = detail::turn_ticket_ptr;
  using instant = detail::turn_books::time_point;

  /// Turns that wait keep their session, which keeps them; as the runtime does, each test cuts what it leaves.
  void TearDown() override { then = books->abandon(now); }

  void make(const runtime_options& o) {
    then = books->abandon(now);
    books.emplace(o);
    claims = o.claims.has_value();
  }
  static runtime_options claiming(std::chrono::milliseconds ttl = 30s) {
    runtime_options o;
    o.claims.emplace().ttl = ttl;
    return o;
  }
  static runtime_options rerunning(std::size_t max_reruns) {
    return {.conflict = on_conflict::rerun, .max_reruns = max_reruns};
  }

  turn submit(const std::string& id, std::chrono::milliseconds timeout = 60s, bool has_message_id = false,
              const char* caller = nullptr) {
    auto t = std::make_shared<detail::turn_ticket>(now + timeout, has_message_id);
    then = books->submit(id, t, caller, now);
    return t;
  }
  turn submit_message(const std::string& id) { return submit(id, 60s, true); }

  void loaded(const turn& t, std::int64_t version, std::int64_t epoch = 0) {
    std::optional<snapshot> s;
    if (version != 0) s.emplace(version, state(), history{json("0")});
    then = books->on_loaded(t, {}, std::move(s), {epoch, epoch == 0 ? instant() : now + ttl}, now);
  }
  void not_loaded(const turn& t, errc why) { then = books->on_loaded(t, {why, "script"}, std::nullopt, {}, now); }
  void found(const turn& t, std::int64_t version) {
    then = books->on_turn_found(t, {}, turn_record{version, history{json("7")}}, now);
  }
  void not_found(const turn& t, failure why = {}) { then = books->on_turn_found(t, std::move(why), std::nullopt, now); }
  void start(const turn& t) { then = books->start(t, now); }
  void handled(const turn& t) { then = books->on_handled(t, {}, now); }
  void threw(const turn& t) { then = books->on_handled(t, {errc::handler_failed, "script"}, now); }
  void stored(const turn& t, instant sent, std::optional<history> replaced = {}) { answer(t, {}, sent, replaced); }
  void stored(const turn& t) { stored(t, now); }
  void not_stored(const turn& t, errc why) { answer(t, {why, "script"}, now, {}); }
  void cancel(const turn& t) { then = books->cancel(t, now); }
  void on_time() { then = books->on_time(now); }
  void stop(instant deadline) { then = books->stop(deadline, now); }
  void renewed(const turn& t, std::int64_t epoch, instant sent, error_code ec = {}) {
    then = books->on_renewed(t, epoch, ec, sent, now);
  }
  void released() { then = books->on_released(now); }

  /// A turn from its call to the call of its handler; the session is absent when it is loaded.
  turn run(const std::string& id, std::chrono::milliseconds timeout = 60s) {
    turn t = submit(id, timeout);
    if (t->at == stage::hydrating) loaded(t, 0, claims ? next_epoch++ : 0);
    start(t);
    return t;
  }
  /// The whole of a turn; its session is idle then.
  void finish(const turn& t) {
    handled(t);
    stored(t);
  }
  turn storing(const std::string& id) {
    turn t = run(id);
    handled(t);
    return t;
  }

  /// What the turn that goes on does next.
  [[nodiscard]] std::optional<action> next() const { return then.next ? std::optional(then.next->what) : std::nullopt; }
  [[nodiscard]] turn next_turn() const { return then.next ? then.next->turn : nullptr; }
  /// The turns that end, and why.
  [[nodiscard]] std::vector<std::pair<turn, error_code>> failed() const {
    std::vector<std::pair<turn, error_code>> all;
    for (const auto& f : then.failed) all.emplace_back(f.turn, f.why.code);
    return all;
  }
  [[nodiscard]] error_code refusal() const { return then.refused ? then.refused->why.code : error_code(); }
  [[nodiscard]] std::vector<std::string> releases() const {
    std::vector<std::string> all;
    for (const auto& r : then.release) all.push_back(r.actor->id);
    return all;
  }
  [[nodiscard]] std::vector<std::pair<turn, std::int64_t>> renewals() const {
    std::vector<std::pair<turn, std::int64_t>> all;
    for (const auto& r : then.renew) all.emplace_back(r.turn, r.epoch);
    return all;
  }
  [[nodiscard]] std::int64_t live_version(const std::string& id) const {
    const auto live = books->live_snapshot(id, now);
    return live ? live->version : 0;
  }

  const std::chrono::milliseconds ttl = 30s;
  const instant start_time{1h};
  instant now = start_time;
  std::optional<detail::turn_books> books{runtime_options()};
  detail::turn_steps then;
  std::int64_t next_epoch = 1;
  bool claims = false;

 private:
  void answer(const turn& t, failure why, instant sent, std::optional<history> replaced) {
    const snapshot& base = *t->actor->live;
    const json message("1");
    const turn_event_handler none;
    detail::turn_draft draft(t->actor->id, message, base, t->deadline, none);
    draft.emitted.push_back(message);
    draft.replaced = std::move(replaced);
    then = books->on_stored(t, draft, {std::move(why), base.version + 1, sent}, now);
  }
};

}  // namespace atto::test
