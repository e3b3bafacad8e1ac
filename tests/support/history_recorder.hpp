#pragma once

#include <atto/blocking_store.hpp>
#include <atto/diagnostics.hpp>
#include <atto/session_store.hpp>

#include "support/recorded_history.hpp"

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <vector>

namespace atto::test {

/// What a caller does, by chance.
struct caller_habits {
  /// Also removes sessions.
  bool removes = false;
  /// How many of a hundred operations get a deadline of 1 ms, so that some end in doubt.
  unsigned impatient_percent = 0;
};

/// Told of every operation of a caller, for who must know of them when the caller cannot tell any more.
class operation_watch {
 public:
  virtual ~operation_watch() = default;
  /// Before the call. It has no answer yet.
  virtual void started(const std::string& id, const recorded_operation& o) = 0;
  virtual void ended(const std::string& id, const recorded_operation& o) = 0;
};

/// One caller of a store, who records what it asked and what it was answered. It knows what it last saw of a session,
/// which others have changed since, and sometimes guesses.
///
/// Every write names itself in its state and its events; `last_name` is shared by all callers of a run.
/// Thread-safety: none; `store` and `last_name` may be shared. The store's executor must be run by another thread.
class recording_caller {
 public:
  /// `watch` may be null.
  recording_caller(session_store& store, std::atomic<write_name>& last_name, std::size_t number,
                   operation_watch* watch = nullptr);

  /// Does what chance says: a load, a save, an append, a remove.
  void step(const std::string& id, std::mt19937& random, const caller_habits& habits = {});

  void load(const std::string& id, std::chrono::milliseconds timeout = {});
  void append(const std::string& id, std::int64_t base, std::chrono::milliseconds timeout = {});
  /// With guard::exact where there is a base.
  void save(const std::string& id, std::int64_t version, std::optional<std::int64_t> base = {},
            std::chrono::milliseconds timeout = {});
  void remove(const std::string& id, std::optional<std::int64_t> base = {}, std::chrono::milliseconds timeout = {});

  /// The version that was last seen of a session, 0 for none.
  [[nodiscard]] std::int64_t seen(const std::string& id) const;
  /// How the last operation ended.
  [[nodiscard]] operation_outcome last_outcome() const noexcept { return last_outcome_; }

  /// What was done to each session.
  [[nodiscard]] const std::map<std::string, recorded_history>& recorded() const noexcept { return recorded_; }

 private:
  struct sight {
    std::int64_t version = 0;
    std::vector<write_name> events{};
  };

  template <class Call>
  const recorded_operation& perform(const std::string& id, recorded_operation o, Call call);
  void remember_write(sight& last, const recorded_operation& o, bool whole);

  blocking_store store_;
  std::atomic<write_name>& last_name_;
  std::size_t number_;
  operation_watch* watch_;
  operation_outcome last_outcome_ = operation_outcome::done;
  std::map<std::string, recorded_history> recorded_;
  std::map<std::string, sight> seen_;
};

/// How an operation that failed is recorded. Only outcome_unknown is in doubt: by the contract every other error of a
/// write says that nothing was written, and that is what the checker holds the store to.
void record_failure(recorded_operation& o, const error_code& code, const diagnostics& diag);

}  // namespace atto::test
