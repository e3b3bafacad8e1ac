#include "replayer.hpp"

#include "error_text.hpp"
#include "printable.hpp"
#include "results.hpp"
#include "run_at_once.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

namespace atto::cli {

namespace {

/// The number of events that both begin with.
std::size_t common_beginning(const history& a, const history& b) {
  const std::size_t most = std::min(a.size(), b.size());
  std::size_t i = 0;
  while (i < most && a[i] == b[i]) ++i;
  return i;
}

/// How `stored` differs from the whole conversation; empty when it does not.
std::string difference(const conversation& c, const std::optional<snapshot>& stored) {
  if (!stored) return c.messages.empty() ? "" : "it is not in the store";
  const std::size_t same = common_beginning(stored->history, c.messages);
  const std::size_t events = stored->history.size();
  if (same < std::min(events, c.messages.size())) return fmt::format("event {} differs", same + 1);
  if (events != c.messages.size()) return fmt::format("{} of {} events are stored", events, c.messages.size());
  if (stored->state != c.state_after(events)) return "the state differs";
  return "";
}

}  // namespace

replayer::replayer(boost::asio::io_context& context, session_store& store, const std::vector<conversation>& mine,
                   const replay_plan& plan, ack_file& acks)
    : context_(context), store_(store), mine_(mine), plan_(plan), acks_(acks), given_up_(mine.size()) {
  for (std::size_t i = 0; i < plan.writers; ++i) pauses_.emplace_back(context);
}

void replayer::write_all(progress_bar& bar) {
  const auto started = std::chrono::steady_clock::now();
  run_at_once(context_, plan_.writers, [&](std::size_t writer) { return write_some(writer, bar); });
  elapsed_ = std::chrono::steady_clock::now() - started;
}

void replayer::compare_all(progress_bar& bar) {
  run_at_once(context_, plan_.writers, [&](std::size_t) { return compare_some(bar); });
}

void replayer::stop() {
  stopping_ = true;
  for (boost::asio::steady_timer& timer : pauses_) timer.cancel();
}

boost::asio::awaitable<void> replayer::write_some(std::size_t writer, progress_bar& bar) {
  while (!stopping_ && next_ < mine_.size()) {
    const conversation& c = mine_[next_++];
    co_await write_session(c, writer, bar);
  }
}

boost::asio::awaitable<void> replayer::write_session(const conversation& c, std::size_t writer, progress_bar& bar) {
  snapshot at;
  const bool begun = co_await begin(c, at);
  if (!begun) co_return;
  tally_.resumed += at.history.size();
  bar.advance(at.history.size());
  while (!stopping_ && at.history.size() < c.messages.size()) {
    const std::size_t before = at.history.size();
    const bool goes_on = co_await take_turn(c, at);
    if (!goes_on) co_return;
    // Less than before when another process removed the session meanwhile.
    bar.advance(at.history.size() - std::min(before, at.history.size()));
    co_await pause(writer);
  }
}

boost::asio::awaitable<bool> replayer::begin(const conversation& c, snapshot& at) {
  if (plan_.fresh) {
    diagnostics diag;
    remove_options how;
    how.diag = &diag;
    const auto [ec, removed] = co_await store_.async_remove(c.session_id, how, results);
    if (ec) {
      fail(c, ec, diag);
      co_return false;
    }
  }
  const bool loaded = co_await reload(c, at);
  co_return loaded;
}

/// What is stored of `c` becomes `at`; false when it is not the conversation's beginning, or could not be read.
boost::asio::awaitable<bool> replayer::reload(const conversation& c, snapshot& at) {
  diagnostics diag;
  load_options how;
  how.diag = &diag;
  auto [ec, stored] = co_await store_.async_load(c.session_id, how, results);
  if (ec) {
    fail(c, ec, diag);
    co_return false;
  }
  at = stored ? std::move(*stored) : snapshot();
  const std::size_t same = common_beginning(at.history, c.messages);
  if (same < at.history.size()) {
    differs(c, same == c.messages.size() ? "the stored session goes on after the conversation's end"
                                         : fmt::format("stored event {} is another one", same + 1));
    co_return false;
  }
  co_return true;
}

boost::asio::awaitable<bool> replayer::take_turn(const conversation& c, snapshot& at) {
  snapshot next = at;
  ++next.version;
  next.history.push_back(c.messages[at.history.size()]);
  next.state = c.state_after(next.history.size());
  diagnostics diag;
  const auto started = std::chrono::steady_clock::now();
  const error_code ec = co_await write(c, next, diag);
  const auto took = std::chrono::steady_clock::now() - started;
  if (!ec) {
    acks_.add(next.version, c.session_id);
    latencies_.add(took);
    ++tally_.turns;
    at = std::move(next);
    co_return true;
  }
  if (ec == errc::concurrent_write) ++tally_.conflicts;
  if (ec == errc::concurrent_write || ec == errc::outcome_unknown) {
    const bool loaded = co_await reload(c, at);
    co_return loaded;
  }
  fail(c, ec, diag);
  co_return false;
}

boost::asio::awaitable<error_code> replayer::write(const conversation& c, const snapshot& next, diagnostics& diag) {
  const std::int64_t base = next.version - 1;
  if (plan_.mode == replay_mode::append) {
    append_options how;
    how.diag = &diag;
    history added;
    added.push_back(next.history.back());
    turn t(next.state, std::move(added));
    const auto [ec, version] = co_await store_.async_append(c.session_id, base, std::move(t), how, results);
    co_return ec;
  }
  save_options how;
  // Not guard::newer: a session that was removed, or set back, meanwhile must not come back by this write.
  how.guard = guard::exact;
  how.base = base;
  how.diag = &diag;
  snapshot whole = next;
  const auto [ec, version] = co_await store_.async_save(c.session_id, std::move(whole), how, results);
  co_return ec;
}

boost::asio::awaitable<void> replayer::pause(std::size_t writer) {
  if (stopping_ || plan_.pause.count() == 0) co_return;
  // Uneven, so that two processes do not fall into step and one of them is always first.
  std::uniform_real_distribution<double> share(0.5, 1.5);
  const auto wait = std::chrono::duration<double, std::milli>(plan_.pause) * share(random_);
  pauses_[writer].expires_after(std::chrono::duration_cast<std::chrono::milliseconds>(wait));
  static_cast<void>(co_await pauses_[writer].async_wait(results));
}

boost::asio::awaitable<void> replayer::compare_some(progress_bar& bar) {
  while (!stopping_ && compared_ < mine_.size()) {
    const conversation& c = mine_[compared_++];
    co_await compare(c);
    bar.advance();
  }
}

boost::asio::awaitable<void> replayer::compare(const conversation& c) {
  if (given_up_[static_cast<std::size_t>(&c - mine_.data())]) co_return;
  diagnostics diag;
  load_options how;
  how.diag = &diag;
  const auto [ec, stored] = co_await store_.async_load(c.session_id, how, results);
  if (ec) {
    fail(c, ec, diag);
    co_return;
  }
  const std::string how_it_differs = difference(c, stored);
  if (!how_it_differs.empty()) differs(c, how_it_differs);
}

void replayer::differs(const conversation& c, const std::string& how) {
  given_up_[static_cast<std::size_t>(&c - mine_.data())] = true;
  tally_.differences.push_back(fmt::format("{}: {}", shown(c.session_id), how));
}

void replayer::fail(const conversation& c, const error_code& ec, const diagnostics& diag) {
  if (tally_.failure.empty()) {
    tally_.failure = error_text(ec, diag, shown(c.session_id));
    tally_.can_go_on = can_go_on(ec);
  }
  stop();
}

}  // namespace atto::cli
