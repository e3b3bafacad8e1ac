#pragma once

#include <atto/diagnostics.hpp>
#include <atto/json.hpp>
#include <atto/message_id.hpp>
#include <atto/runtime_observer.hpp>
#include <atto/store_options.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace atto {

/// What to do with a turn whose write lost to another writer.
enum class on_conflict {
  fail,   // its caller gets concurrent_write
  rerun,  // the handler runs again on the new snapshot, max_reruns times at most; it must have no side effects
};

/// Claims: a session has one writer at a time among all runtimes that share the store, on any node. See
/// docs/cluster.md.
struct runtime_claim_options {
  /// How long this runtime keeps a session after its last turn: 1 ms … 24 h. If the process dies, another runtime can
  /// take the session once this time has passed. An appended turn renews the claim. While a handler runs for long, the
  /// claim is renewed every third of this time.
  std::chrono::milliseconds ttl = claim_options::usual_ttl;
  /// Address reported to callers that get owned_elsewhere (diagnostics::owner_address), so that they can retry here.
  /// 0 … 512 bytes of UTF-8 without U+0000.
  std::string address{};
  /// Unique id of this runtime. It must never be reused, not even after a restart. 1 … 512 bytes of UTF-8 without
  /// U+0000; empty: a random one.
  std::string owner{};
};

struct runtime_options {
  /// If empty, sessions are not claimed: any runtime may run a turn, and the version check decides whose write
  /// succeeds. Enough for one node, and for tests.
  std::optional<runtime_claim_options> claims{};
  /// How many turns of one session may wait or run. One more fails with session_backlog_full at once. At least 1.
  std::size_t max_turns_per_session = 64;
  /// How many turns of all sessions may wait or run. One more fails with session_backlog_full at once. At least 1.
  std::size_t max_waiting_turns = 100'000;
  /// Time from async_run until the turn ends with timed_out, unless run_options::timeout names another. At least 1 ms.
  std::chrono::milliseconds turn_timeout{60'000};
  /// A session without a turn for this time leaves memory (it is passivated). At least 1 ms; milliseconds::max():
  /// never.
  std::chrono::milliseconds idle_timeout{300'000};
  /// When a turn ends and more than this is in memory, the least recently used idle sessions are passivated. A session
  /// in a turn never is, so the bounds can be exceeded while all are busy. max_live_bytes counts documents and ids.
  std::size_t max_live_sessions = 100'000;
  std::size_t max_live_bytes = std::size_t{1} << 30U;
  /// How many of a session's newest events are loaded into memory.
  std::size_t hydrate_last = load_options::all;
  atto::on_conflict conflict = atto::on_conflict::fail;
  /// How often one turn may run again after a lost write (on_conflict::rerun).
  std::size_t max_reruns = 3;
  /// Notified of what happens; may be null.
  std::shared_ptr<runtime_observer> observer{};
};

struct run_options {
  /// Id of the message. If any runtime has stored a turn with this id since the session began, the handler does not
  /// run. The caller gets the stored events, a streaming caller too, at the end. So a caller may retry after
  /// outcome_unknown or the death of a node. Costs a read of the store, unless the session is new.
  std::optional<atto::message_id> message_id{};
  /// 0 takes runtime_options::turn_timeout. Not negative.
  std::chrono::milliseconds timeout{0};
  /// Cleared at the start, filled before the handler is called; must live until then; may be null.
  diagnostics* diag = nullptr;
};

/// What a streaming caller is notified of while its turn runs.
struct turn_event {
  enum class kind {
    emitted,    // `event` is new
    restarted,  // the turn runs again (on_conflict::rerun): forget the earlier events
  };
  turn_event(kind k, json e) : what(k), event(std::move(e)) {}

  kind what;
  json event;
};
/// Called where the handler calls emit(). It must not throw or block. It is kept until the handler has returned.
///
/// When a turn is cut (its deadline, cancellation, async_stop), a call may still be running, or may even start, while
/// the turn's caller is being notified. Capture by value or by shared_ptr; never by reference to the caller's locals.
/// GCC 12 miscompiles temporaries inside co_await expressions: store a lambda with captures in a named variable first.
using turn_event_handler = std::function<void(const turn_event&)>;

/// A turn that had not ended when async_stop's timeout had passed.
struct unfinished_turn {
  enum class stage {
    waiting,  // its handler had not been called; it was cut
    running,  // its handler was running; it was cut
    storing,  // not cut: the store has it until the turn's deadline, and its caller gets the outcome
  };
  unfinished_turn(std::string id, stage s) : session_id(std::move(id)), at(s) {}

  std::string session_id;
  stage at;
};

}  // namespace atto
