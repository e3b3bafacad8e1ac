#pragma once

#include "postgres/pool_books.hpp"
#include "unit/postgres/scripted_operation.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <utility>
#include <vector>

namespace atto::postgres::script {

/// How a ticket without rounds ended.
struct scripted_completion {
  struct record {
    int succeeded = 0;
    std::vector<failure> failures;
  };

  void fail(failure f) { to->failures.push_back(std::move(f)); }
  void succeed() { ++to->succeeded; }
  void succeed(int) { ++to->succeeded; }

  std::shared_ptr<record> to = std::make_shared<record>();
};

/// The books of a pool with a shell that has no sockets: it carries their steps out as pool_core does, and notes them.
/// What a server would say is left to the script.
class pool_script {
 public:
  using when = pool_steps::when;
  using time_point = pool_books::time_point;
  using milliseconds = std::chrono::milliseconds;
  struct call {
    ticket_ptr t;
    std::shared_ptr<scripted_completion::record> end;
  };

  explicit pool_script(pool_books::bounds b = {.connections = 3, .hosts = "db:5432"}) : books(std::move(b)) {}

  // --- tickets; ms: until their deadline ---

  [[nodiscard]] time_point in(int ms) const { return now + milliseconds(ms); }

  scripted_ptr make(bool writes, std::string id, int ms = 100, std::shared_ptr<client> c = nullptr) {
    auto op = std::make_shared<scripted_operation>(c == nullptr ? store : std::move(c), in(ms));
    op->script.id = std::move(id);
    op->script.writer = writes;
    op->script.round = writes ? round_kind::write : round_kind::read;
    return op;
  }
  scripted_ptr write(std::string id, int ms = 100) { return submit(make(true, std::move(id), ms)); }
  scripted_ptr read(std::string id, int ms = 100) { return submit(make(false, std::move(id), ms)); }
  scripted_ptr submit(scripted_ptr op) {
    carry_out(books.submit(op, now));
    return op;
  }
  call lease(int ms = 100, std::shared_ptr<client> c = nullptr) {
    scripted_completion done;
    return submit_call(std::make_shared<lease_ticket<scripted_completion>>(
                           c == nullptr ? std::make_shared<client>() : c, in(ms), done),
                       done.to);
  }
  call close(const std::shared_ptr<client>& c, int ms = 100) {
    scripted_completion done;
    return submit_call(std::make_shared<close_ticket<scripted_completion>>(c, in(ms), done), done.to);
  }

  // --- events ---

  /// A connection was made, and is dispatched to. Its number, 0 when it was not needed.
  std::size_t open(bool own_session = true) {
    pool_steps s = books.on_opened(own_session);
    const std::size_t number = adopt(s);
    carry_out(std::move(s));
    return number;
  }
  /// What was to be dispatched soon.
  void run_posted() {
    if (std::exchange(dispatch_is_due, false)) dispatch();
  }
  void pass(int ms) {
    now += milliseconds(ms);
    if (books.next_deadline() <= now) carry_out(books.expire(now));
  }
  /// Every statement in flight is answered, then the sync comes.
  void answer(std::size_t link, const reply& r = {}) {
    const std::size_t statements = in_flight.at(link);
    for (std::size_t n = 0; n < (r.ok() ? statements : 1); ++n) books.on_reply(link, reply(r));
    in_flight.erase(link);
    carry_out(books.on_sync(link, true));
  }
  void lose(std::size_t link) {
    in_flight.erase(link);
    carry_out(books.on_lost(link, {errc::unavailable, "try again"}));
  }
  void refuse(std::uint64_t latest) { carry_out(books.on_refused(latest, {errc::unavailable, "refused"})); }
  void cancel(const ticket_ptr& t, bool total_only = false) { carry_out(books.cancel(t, total_only)); }
  void prepared(std::size_t link, bool succeeded = true) {
    preparing.erase(link);
    carry_out(books.on_prepared(link, succeeded));
  }
  void take_back() {
    --lent;
    carry_out(books.on_returned());
  }
  /// The connection that came back is as good as new, or gone. Its new number, 0 when it is not needed.
  std::size_t renewed(bool alive = true) {
    --renewing;
    pool_steps s = books.on_renewed(alive ? std::optional(true) : std::nullopt);
    const std::size_t number = adopt(s);
    carry_out(std::move(s));
    return number;
  }
  void decoded() { carry_out(books.on_decoded(std::exchange(decoding, {}), now)); }
  void abandon(const std::shared_ptr<client>& c) { carry_out(books.abandon(c)); }
  void shut_down() { carry_out(books.shut_down()); }
  void abandon_all() { carry_out(books.abandon_all()); }

  void dispatch() {
    for (bool more = true; more;) {
      pool_steps s = books.dispatch([this](std::size_t n) { return !dead.contains(n); }, now);
      more = std::exchange(s.dispatch, when::none) == when::now;
      carry_out(std::move(s));
    }
  }

  void carry_out(pool_steps s) {
    for (const auto& l : s.close_links) close(l);
    if (holds_decoding) {
      decoding.insert(decoding.end(), s.decode.begin(), s.decode.end());
    } else if (!s.decode.empty()) {
      carry_out(books.on_decoded(std::move(s.decode), now));
    }
    call_handlers(s);
    for (const std::size_t link : s.check) {
      ++checks;
      if (links.contains(link)) carry_out(books.on_checked(link, heard.contains(link), now));
    }
    if (s.listen_anew != 0) heard.erase(s.listen_anew);
    if (s.send.link != 0) send(s.send);
    if (s.prepare.link != 0) {
      links.erase(s.prepare.link);
      preparing.insert(s.prepare.link);
    }
    if (s.renew) ++renewing;
    if (s.open) demand = s.open;
    finished = finished || s.finished;
    dispatch_is_due = dispatch_is_due || s.dispatch == when::soon;
    if (s.dispatch == when::now) dispatch();
  }

  pool_books books;
  time_point now{std::chrono::hours(1)};
  std::shared_ptr<client> store = std::make_shared<client>();

  // Facts about the world, which the script may change.
  std::set<std::size_t> dead;   // idle connections that are not usable
  std::set<std::size_t> heard;  // connections on which a byte came since their round was sent
  std::function<void(const pool_steps::sent_round&)> on_sent;
  bool holds_decoding = false;  // what decodes stays in `decoding` until decoded()

  // What the steps have made of it.
  std::set<std::size_t> links;                   // that serve operations
  std::map<std::size_t, std::size_t> in_flight;  // link to statements
  std::vector<std::pair<std::size_t, closing>> closed_links;
  std::vector<operation_ptr> decoding;
  std::set<std::size_t> preparing;
  std::optional<pool_steps::demand> demand;  // the latest
  std::size_t writes_sent_again = 0;
  int lent = 0, renewing = 0, checks = 0;
  bool finished = false, dispatch_is_due = false;

 private:
  call submit_call(ticket_ptr t, std::shared_ptr<scripted_completion::record> end) {
    carry_out(books.submit(t, now));
    return {std::move(t), std::move(end)};
  }

  std::size_t adopt(const pool_steps& s) {
    if (s.adopt != 0) links.insert(s.adopt);
    return s.adopt;
  }

  void close(const pool_steps::closed_link& l) {
    closed_links.emplace_back(l.link, l.why);
    writes_sent_again += l.writes_sent_again;
    links.erase(l.link);
    preparing.erase(l.link);
    in_flight.erase(l.link);
  }

  void send(const pool_steps::sent_round& r) {
    in_flight[r.link] = r.statements.size();
    heard.erase(r.link);
    if (on_sent) on_sent(r);
  }

  void call_handlers(const pool_steps& s) {
    for (const auto& op : s.complete) op->complete();
    for (const auto& [who, why] : s.failed) who->fail(why);
    for (const auto& t : s.closed) static_cast<close_ticket<scripted_completion>&>(*t).succeed();
    if (s.lend == nullptr) return;
    ++lent;
    static_cast<lease_ticket<scripted_completion>&>(*s.lend).succeed(1);
  }
};

}  // namespace atto::postgres::script
