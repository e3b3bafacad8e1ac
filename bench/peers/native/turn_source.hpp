#pragma once

#include "options.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace peers {

/// A write, as JSON texts that are ready to be sent: what a user's program would have encoded before.
struct session_write {
  std::string id;
  std::int64_t base = 0;
  std::string state;
  std::string events;     // an array: the whole history of a save, what an append adds
  std::size_t count = 0;  // of events
};

/// The documents of a workload: the same sessions, histories and order as `atto bench` makes.
/// Not thread-safe, but writers own distinct sessions: `next(w)` may run beside `next(v)`.
class turn_source {
 public:
  /// Errors (thrown as std::runtime_error): a file that cannot be read.
  explicit turn_source(const options& o);

  /// How many whole saves bring the table to where the measured time begins.
  [[nodiscard]] std::size_t preparations() const noexcept { return sessions_.size(); }
  /// A write of version 1; one without events is not to be sent.
  [[nodiscard]] session_write prepare(std::size_t index);
  [[nodiscard]] session_write next(std::size_t writer);
  /// The id of the session that is the writer's next.
  [[nodiscard]] const std::string& next_id(std::size_t writer) { return sessions_[take(writer)].id; }

 private:
  struct session {
    std::string id;
    std::int64_t version = 0;
    const std::vector<std::string>* source = nullptr;  // conversations
    std::size_t said = 0;
    std::string history;  // open: without the last bracket
  };

  [[nodiscard]] std::size_t take(std::size_t writer);
  [[nodiscard]] session_write turn_of_conversation(session& s, std::size_t index);
  [[nodiscard]] std::string fresh_id(std::size_t index);

  options o_;
  std::vector<std::vector<std::string>> conversations_;  // or one with all short events
  std::vector<session> sessions_;
  std::vector<std::size_t> next_;
  std::vector<std::size_t> renewed_;  // how often a place has got a new session
  std::string past_;                  // the long history, open
  std::string small_event_;
};

}  // namespace peers
