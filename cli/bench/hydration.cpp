#include "bench/hydration.hpp"

#include "bench/documents.hpp"
#include "bench/heap.hpp"
#include "bench/session_turns.hpp"
#include "run_at_once.hpp"

#include <atto/session_runtime.hpp>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace atto::cli::bench {

namespace {

using clock = std::chrono::steady_clock;

constexpr std::size_t at_once = 64;
/// One for all that a run measures: each may claim what the one before it has left.
constexpr const char* owner = "bench";

/// The store outlives what is measured.
std::shared_ptr<session_store> borrowed(session_store& store) {
  return {std::shared_ptr<void>(), &store};
}

/// Sessions of 1 KB in a store, and what was counted and went wrong with them.
class sessions {
 public:
  sessions(boost::asio::io_context& c, session_store& s, const plan& p) : context(c), store(s), plan_(p) {
    for (std::size_t i = 0; i < p.sessions; ++i) ids.push_back(session_id(p.workload, i));
  }

  void make() {
    each_by_some([this](std::size_t i, diagnostics& diag) {
      snapshot whole(1, state_of(1), history());
      whole.history.push_back(event_of(document_bytes - state_bytes));
      text += text_bytes(whole.state) + text_bytes(whole.history);
      return save(store, ids[i], std::move(whole), diag);
    });
  }

  /// `work(index, diag)` yields an awaitable step.
  template <class Work>
  void each_by_some(Work work) {
    next_ = 0;
    run_at_once(context, at_once, [&](std::size_t) { return some(&work); });
    if (failure_) throw error_with_diagnostics(failure_, why_);
  }

  void fail(const error_code& ec, const diagnostics& diag) {
    if (failure_) return;
    failure_ = ec;
    why_ = diag;
  }
  void check() const {
    if (failure_) throw error_with_diagnostics(failure_, why_);
  }

  [[nodiscard]] runtime_options options() const {
    runtime_options o;
    o.max_live_sessions = plan_.sessions;
    o.max_live_bytes = std::size_t{1} << 40U;
    if (plan_.claims) o.claims = {.owner = owner};
    return o;
  }

  boost::asio::io_context& context;
  session_store& store;
  std::vector<std::string> ids;
  std::size_t text = 0;  // bytes, of the snapshots
  tally counted;

 private:
  template <class Work>
  boost::asio::awaitable<void> some(Work* work) {
    diagnostics diag;
    while (next_ < ids.size() && !failure_) {
      const step done = co_await (*work)(next_++, diag);
      if (done.ec) fail(done.ec, diag);
      counted.acknowledged += done.writes;
    }
  }

  const plan& plan_;
  std::size_t next_ = 0;
  error_code failure_;
  diagnostics why_;
};

/// All sessions at once, by a runtime that was made for it.
class hydrating_turns {
 public:
  explicit hydrating_turns(sessions& all)
      : all_(all),
        end_(all.context, clock::time_point::max()),
        runtime_(
            std::in_place, all.context.get_executor(), borrowed(all.store),
            [this](session_turn&) { return note(this); }, all.options()) {}

  clock::duration run() {
    const auto from = clock::now();
    for (const std::string& id : all_.ids) {
      runtime_->async_run(id, json(), {}, [this](error_code ec, const history&) { on_end(ec); });
    }
    all_.context.restart();
    while (begun_ < all_.ids.size() && ended_ == 0) all_.context.run_one();
    const auto taken = clock::now() - from;
    // Their handlers throw, so that nothing is written; and all that is left of them is done before anything else is
    // measured.
    end_.expires_at(clock::time_point::min());
    while (ended_ < all_.ids.size()) all_.context.run_one();
    runtime_.reset();
    all_.context.restart();
    all_.context.poll();
    return taken;
  }

 private:
  static boost::asio::awaitable<void> note(hydrating_turns* self) {
    ++self->begun_;
    co_await self->end_.async_wait(boost::asio::use_awaitable);
    throw std::runtime_error("measured");
  }
  void on_end(const error_code& ec) {
    ++ended_;
    if (ec != errc::handler_failed) all_.fail(ec, diagnostics());
  }

  sessions& all_;
  boost::asio::steady_timer end_;  // of what is measured; every handler waits for it
  std::size_t begun_ = 0, ended_ = 0;
  std::optional<session_runtime> runtime_;
};

clock::duration load_all(sessions& all, bool claims) {
  std::vector<std::optional<snapshot>> loaded(all.ids.size());
  std::size_t ended = 0;
  const auto on_loaded = [&](std::size_t i, error_code ec, std::optional<snapshot> s) {
    ++ended;
    loaded[i] = std::move(s);
    if (ec) all.fail(ec, diagnostics());
  };
  const auto from = clock::now();
  for (std::size_t i = 0; i < all.ids.size(); ++i) {
    if (claims) {
      all.store.async_claim(all.ids[i], owner, {},
                            [&, i](error_code ec, claimed_session c) { on_loaded(i, ec, std::move(c.snap)); });
    } else {
      all.store.async_load(all.ids[i], {},
                           [&, i](error_code ec, std::optional<snapshot> s) { on_loaded(i, ec, std::move(s)); });
    }
  }
  all.context.restart();
  while (ended < all.ids.size()) all.context.run_one();
  return clock::now() - from;
}

boost::asio::awaitable<step> empty_turn(session_runtime& runtime, std::string id, diagnostics& diag) {
  run_options how;
  how.diag = &diag;
  const auto [ec, events] = co_await runtime.async_run(id, json(), how, results);
  co_return step(ec, 0, 1);
}

boost::asio::awaitable<void> nothing(session_turn&) {
  co_return;
}

}  // namespace

tally measure_hydration(boost::asio::io_context& context, session_store& store, const plan& p) {
  sessions all(context, store, p);
  all.make();
  const auto until = clock::now() + std::chrono::duration<double>(p.seconds);
  do {
    const auto taken = p.by == turn_way::runtime ? hydrating_turns(all).run() : load_all(all, p.claims);
    all.check();
    all.counted.seconds += std::chrono::duration<double>(taken).count();
    all.counted.operations += all.ids.size();
  } while (p.operations == 0 && clock::now() < until);
  return all.counted;
}

tally measure_live_sessions(boost::asio::io_context& context, session_store& store, const plan& p) {
  sessions all(context, store, p);
  all.make();
  const auto from = clock::now();
  session_runtime runtime(context.get_executor(), borrowed(store), nothing, all.options());
  const std::size_t before = heap_in_use();
  all.each_by_some([&](std::size_t i, diagnostics& diag) { return empty_turn(runtime, all.ids[i], diag); });
  // What has been posted by the last turns is done, so that only what is kept counts.
  context.restart();
  context.poll();
  all.counted.heap_bytes = heap_in_use() - before;
  all.counted.payload_bytes = all.text;
  all.counted.operations = runtime.live_sessions();
  all.counted.seconds = std::chrono::duration<double>(clock::now() - from).count();
  return all.counted;
}

}  // namespace atto::cli::bench
