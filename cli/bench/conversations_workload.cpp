#include "bench/session_turns.hpp"
#include "bench/workload.hpp"

#include <utility>

namespace atto::cli::bench {

namespace {

/// As many sessions as there are conversations are alive at a time, each at another point of its conversation. The
/// writers take one turn of each in rotation; a session whose conversation is over makes room for a new one.
class conversations_workload final : public workload {
 public:
  conversations_workload(session_store& store, const plan& p, const std::vector<conversation>& conversations)
      : store_(store), mode_(p.mode), turns_(p.writers, p.sessions) {
    for (std::size_t i = 0; i < p.sessions; ++i) live_.emplace_back(conversations[i % conversations.size()], next_id());
  }

  std::size_t preparations() const override { return live_.size(); }

  /// Spread, so that from the first moment on short and long histories are mixed as they are later.
  boost::asio::awaitable<step> prepare(std::size_t index, diagnostics& diag) override {
    constexpr std::size_t stride = 7919;
    live_session& s = live_[index];
    const std::size_t messages = s.source->messages.size();
    const std::size_t said = messages == 0 ? 0 : index * stride % messages;
    for (std::size_t i = 0; i < said; ++i) s.said.push_back(s.source->messages[i]);
    if (said == 0) co_return step();
    const step done = co_await write_whole(s, diag);
    co_return done;
  }

  boost::asio::awaitable<step> operate(std::size_t writer, diagnostics& diag) override {
    live_session& s = live_[turns_.take(writer)];
    if (s.said.size() == s.source->messages.size()) s = live_session(*s.source, next_id());
    s.said.push_back(s.source->messages[s.said.size()]);
    return mode_ == write_mode::save ? write_whole(s, diag) : write_turn(s, diag);
  }

 private:
  struct live_session {
    live_session(const conversation& c, std::string new_id) : source(&c), id(std::move(new_id)) {}

    const conversation* source;
    std::string id;
    history said;
    std::int64_t version = 0;
  };

  boost::asio::awaitable<step> write_whole(live_session& s, diagnostics& diag) {
    state after = s.source->state_after(s.said.size());
    return save(store_, s.id, snapshot(++s.version, std::move(after), s.said), diag);
  }

  boost::asio::awaitable<step> write_turn(live_session& s, diagnostics& diag) {
    state after = s.source->state_after(s.said.size());
    history added;
    added.push_back(s.said.back());
    return append(store_, s.id, s.version++, turn(std::move(after), std::move(added)), diag);
  }

  std::string next_id() { return session_id("conversation", made_++); }

  session_store& store_;
  write_mode mode_;
  rotation turns_;
  std::size_t made_ = 0;
  std::vector<live_session> live_;
};

}  // namespace

std::unique_ptr<workload> make_conversations(session_store& store, const plan& p,
                                             const std::vector<conversation>& conversations) {
  return std::make_unique<conversations_workload>(store, p, conversations);
}

}  // namespace atto::cli::bench
