#include "bench/documents.hpp"
#include "bench/session_turns.hpp"
#include "bench/workload.hpp"

namespace atto::cli::bench {

namespace {

/// Sessions that hold many short events, and take one more turn. A whole save writes the history it found and one event
/// more, again and again, so that the history's length is the one that was asked for.
class long_workload final : public workload {
 public:
  long_workload(session_store& store, const plan& p, const std::vector<conversation>& conversations)
      : store_(store),
        mode_(p.mode),
        versions_(p.sessions, 0),
        turns_(p.writers, p.sessions),
        past_(short_events(conversations, p.events)),
        new_events_(short_events(conversations, different_events)) {
    for (std::size_t i = 0; i < p.sessions; ++i) ids_.push_back(session_id("long", i));
  }

  std::size_t preparations() const override { return versions_.size(); }
  boost::asio::awaitable<step> prepare(std::size_t index, diagnostics& diag) override {
    return save(store_, ids_[index], snapshot(++versions_[index], state_of(past_.size()), past_), diag);
  }
  boost::asio::awaitable<step> operate(std::size_t writer, diagnostics& diag) override {
    const std::size_t session = turns_.take(writer);
    const std::int64_t base = versions_[session]++;
    state after = state_of(past_.size() + static_cast<std::size_t>(base));
    const json& event = new_events_[static_cast<std::size_t>(base) % different_events];
    if (mode_ == write_mode::append) {
      history added;
      added.push_back(event);
      return append(store_, ids_[session], base, turn(std::move(after), std::move(added)), diag);
    }
    history all = past_;
    all.push_back(event);
    return save(store_, ids_[session], snapshot(base + 1, std::move(after), std::move(all)), diag);
  }

 private:
  static constexpr std::size_t different_events = 100;

  session_store& store_;
  write_mode mode_;
  std::vector<std::int64_t> versions_;
  rotation turns_;
  history past_;
  std::vector<json> new_events_;
  std::vector<std::string> ids_;
};

}  // namespace

std::unique_ptr<workload> make_long(session_store& store, const plan& p,
                                    const std::vector<conversation>& conversations) {
  return std::make_unique<long_workload>(store, p, conversations);
}

}  // namespace atto::cli::bench
