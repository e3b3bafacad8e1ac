#pragma once

#include <atto/error.hpp>
#include <atto/export.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace atto {

/// What a session_runtime has to do, and has done: session_runtime::stats(). One moment's numbers, which fit together.
struct runtime_stats {
  // Now.
  /// Sessions in memory, and what they count towards runtime_options::max_live_bytes.
  std::size_t live_sessions = 0;
  std::size_t live_bytes = 0;
  /// Turns in a mailbox.
  std::size_t waiting_turns = 0;
  /// Turns that are being hydrated, run or stored. One whose caller was told already (it timed out, say) does not
  /// count, though its handler may still run.
  std::size_t running_turns = 0;

  // Since the runtime was made. Each turn that was taken ends as exactly one of these eight.
  std::uint64_t done = 0;
  /// The handler threw, or the store failed.
  std::uint64_t failed = 0;
  std::uint64_t timed_out = 0;
  /// By its caller.
  std::uint64_t cancelled = 0;
  /// Ended with concurrent_write.
  std::uint64_t conflict = 0;
  /// Ended with owned_elsewhere, and with claim_lost.
  std::uint64_t owned_elsewhere = 0;
  std::uint64_t claim_lost = 0;
  /// Cut by async_stop, or by the end of the runtime.
  std::uint64_t stopped = 0;

  /// Loads of a session for a turn: tried, and failed.
  std::uint64_t hydrations = 0;
  std::uint64_t failed_hydrations = 0;
  /// Sessions that left memory because nobody used them, because there were too many or too large ones, or because the
  /// runtime was stopped; and those among them for which there was no room. Many evictions: the bounds are too small.
  std::uint64_t passivations = 0;
  std::uint64_t evictions = 0;
  /// Lost races, those that led to another run of the turn included; and these runs.
  std::uint64_t conflicts = 0;
  std::uint64_t reruns = 0;
  /// Messages refused with session_backlog_full; they are no turns.
  std::uint64_t backlog_refusals = 0;
};

/// How a turn ended, for a runtime_observer.
struct turn_outcome {
  /// Valid during the call.
  std::string_view session_id;
  /// What its caller is told; no error: the turn is durable.
  error_code ec;
  /// From async_run until its handler began (in the mailbox, and while its session was loaded), or, for a turn that
  /// never ran, until its end.
  std::chrono::nanoseconds waiting{0};
  /// From then until its end: the handler, the store, and what lost races added.
  std::chrono::nanoseconds running{0};
  std::size_t reruns = 0;
};

/// Told what happens in a session_runtime, for logs, traces and metrics: runtime_options::observer. Every member does
/// nothing unless it is overridden. For numbers alone session_runtime::stats() is enough, and costs less.
///
/// Called on a thread of the runtime's executor, of the handlers' pool, or on one that calls the runtime (async_run,
/// cancellation, the destructor), before the caller of a turn is told; none of the runtime's locks is held, so it may
/// call the runtime. Calls for different sessions come at the same time on an executor with many threads. Those for one
/// session then come in order as a rule: one that times out in the very moment in which it starts may be told to have
/// ended first.
///
/// What it must not do: throw (the members are noexcept, so it ends the process), or block (it holds up a turn).
///
/// It is told session ids, which are the application's own and may name people: what becomes of them is the observer's
/// affair. It is told no documents and none of the store's words; the caller of the turn has them, in its diagnostics.
///
/// Object lifetimes: the runtime shares it, and so do turns that are being stored when the runtime is destroyed.
class ATTO_EXPORT runtime_observer {
 public:
  runtime_observer() = default;
  runtime_observer(const runtime_observer&) = delete;
  runtime_observer& operator=(const runtime_observer&) = delete;
  virtual ~runtime_observer() = default;

  /// Its handler is called, for the first time, after `waiting`.
  virtual void on_turn_started(std::string_view session_id, std::chrono::nanoseconds waiting) noexcept;
  /// Every turn that was taken ends once, whether it started or not.
  virtual void on_turn_ended(const turn_outcome& turn) noexcept;
  /// A session was loaded for a turn, or could not be (`ec`).
  virtual void on_hydrated(std::string_view session_id, std::chrono::nanoseconds took, const error_code& ec) noexcept;
  /// An idle session has left memory; `evicted`: not by idle_timeout or async_stop, but to make room. (What is live is
  /// also dropped, and loaded by the next turn, after a write that failed and when a claim was lost; and a session that
  /// has no next turn then is forgotten without this call. How many there are: session_runtime::live_sessions().)
  virtual void on_passivated(std::string_view session_id, bool evicted) noexcept;
  /// Another writer was first; `reruns`: the turn runs again.
  virtual void on_conflict(std::string_view session_id, bool reruns) noexcept;
  /// The session is another owner's now: what this runtime had of it was dropped, and a turn of it ends with claim_lost
  /// unless it had ended before.
  virtual void on_claim_lost(std::string_view session_id) noexcept;
  /// A message was refused with session_backlog_full.
  virtual void on_backlog_refused(std::string_view session_id) noexcept;
};

}  // namespace atto
