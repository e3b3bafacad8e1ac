#include "bench/documents.hpp"
#include "bench/session_turns.hpp"
#include "bench/workload.hpp"

#include <algorithm>
#include <utility>

namespace atto::cli::bench {

namespace {

/// Reads long sessions, whole or their newest events. The sessions were made by one whole save each, or by appends, an
/// event a turn.
class load_workload final : public workload {
 public:
  load_workload(session_store& store, const plan& p, const std::vector<conversation>& conversations)
      : store_(store),
        mode_(p.mode),
        last_(p.last == 0 ? load_options::all : p.last),
        sessions_(p.sessions),
        turns_(p.writers, p.sessions),
        past_(short_events(conversations, p.events)) {}

  std::size_t preparations() const override { return sessions_; }
  boost::asio::awaitable<step> prepare(std::size_t index, diagnostics& diag) override {
    const std::string id = session_id("load", index);
    if (mode_ == write_mode::append) {
      const step appended = co_await append_all(id, diag);
      co_return appended;
    }
    snapshot whole(1, state_of(past_.size()), past_);
    const step saved = co_await save(store_, id, std::move(whole), diag);
    co_return saved;
  }

  boost::asio::awaitable<step> operate(std::size_t writer, diagnostics& diag) override {
    const std::string id = session_id("load", turns_.take(writer));
    load_options how;
    how.last = last_;
    how.diag = &diag;
    const auto [ec, got] = co_await store_.async_load(id, how, results);
    if (ec) co_return step(ec, 0, 0);
    const std::size_t wanted = std::min(last_, past_.size());
    if (!got || got->history.size() != wanted) co_return step(errc::storage_failure, 0, 0);
    co_return step({}, text_bytes(got->state) + text_bytes(got->history), 0);
  }

 private:
  boost::asio::awaitable<step> append_all(const std::string& id, diagnostics& diag) {
    step sum;
    for (std::size_t i = 0; i < past_.size() && !sum.ec; ++i) {
      history added;
      added.push_back(past_[i]);
      turn t(state_of(i + 1), std::move(added));
      const step done = co_await append(store_, id, static_cast<std::int64_t>(i), std::move(t), diag);
      sum.ec = done.ec;
      sum.writes += done.writes;
    }
    co_return sum;
  }

  session_store& store_;
  write_mode mode_;
  std::size_t last_;
  std::size_t sessions_;
  rotation turns_;
  history past_;
};

}  // namespace

std::unique_ptr<workload> make_load(session_store& store, const plan& p,
                                    const std::vector<conversation>& conversations) {
  return std::make_unique<load_workload>(store, p, conversations);
}

}  // namespace atto::cli::bench
