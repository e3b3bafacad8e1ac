#include "bench/documents.hpp"
#include "bench/session_turns.hpp"
#include "bench/workload.hpp"

namespace atto::cli::bench {

namespace {

class small_workload final : public workload {
 public:
  small_workload(session_store& store, const plan& p)
      : store_(store),
        mode_(p.mode),
        versions_(p.sessions, 0),
        turns_(p.writers, p.sessions),
        event_(event_of(document_bytes - state_bytes)) {
    for (std::size_t i = 0; i < p.sessions; ++i) ids_.push_back(session_id("small", i));
  }

  std::size_t preparations() const override { return versions_.size(); }
  boost::asio::awaitable<step> prepare(std::size_t index, diagnostics& diag) override {
    return write(index, write_mode::save, diag);
  }
  boost::asio::awaitable<step> operate(std::size_t writer, diagnostics& diag) override {
    return write(turns_.take(writer), mode_, diag);
  }

 private:
  boost::asio::awaitable<step> write(std::size_t session, write_mode mode, diagnostics& diag) {
    const std::int64_t base = versions_[session]++;
    state after = state_of(static_cast<std::size_t>(base) + 1);
    history events;
    events.push_back(event_);
    if (mode == write_mode::save) {
      return save(store_, ids_[session], snapshot(base + 1, std::move(after), std::move(events)), diag);
    }
    return append(store_, ids_[session], base, turn(std::move(after), std::move(events)), diag);
  }

  session_store& store_;
  write_mode mode_;
  std::vector<std::int64_t> versions_;
  rotation turns_;
  json event_;
  std::vector<std::string> ids_;
};

}  // namespace

std::unique_ptr<workload> make_small(session_store& store, const plan& p) {
  return std::make_unique<small_workload>(store, p);
}

}  // namespace atto::cli::bench
