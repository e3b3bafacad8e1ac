#include "bench/documents.hpp"
#include "bench/session_turns.hpp"
#include "bench/workload.hpp"

#include <algorithm>
#include <utility>

namespace atto::cli::bench {

namespace {

constexpr std::size_t page_length = 100;

/// Reads a page of a long list of sessions.
class list_workload final : public workload {
 public:
  list_workload(session_store& store, const plan& p)
      : store_(store), sessions_(p.sessions), to_make_(p.prepared ? 0 : p.sessions), event_(event_of(100)) {
    if (p.middle) after_ = session_id("list", sessions_ / 2);
  }

  std::size_t preparations() const override { return to_make_; }
  boost::asio::awaitable<step> prepare(std::size_t index, diagnostics& diag) override {
    history events;
    events.push_back(event_);
    snapshot first(1, state_of(1), std::move(events));
    const std::string id = session_id("list", index);
    const step done = co_await save(store_, id, std::move(first), diag);
    co_return done;
  }
  boost::asio::awaitable<step> operate(std::size_t, diagnostics& diag) override {
    list_options how;
    how.after = after_;
    how.limit = page_length;
    how.diag = &diag;
    const auto [ec, page] = co_await store_.async_list(how, results);
    if (ec) co_return step(ec, 0, 0);
    std::size_t bytes = 0;
    for (const session_info& s : page) bytes += s.id.size();
    const bool is_full = page.size() == std::min(page_length, sessions_);
    co_return step(is_full ? error_code() : error_code(errc::storage_failure), bytes, 0);
  }

 private:
  session_store& store_;
  std::size_t sessions_;
  std::size_t to_make_;
  json event_;
  std::string after_;
};

}  // namespace

std::unique_ptr<workload> make_list(session_store& store, const plan& p) {
  return std::make_unique<list_workload>(store, p);
}

}  // namespace atto::cli::bench
