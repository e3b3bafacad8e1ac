#pragma once

#include <atto/export.hpp>

#include <boost/system/error_code.hpp>

#include <string_view>
#include <type_traits>

namespace atto {

using boost::system::error_code;

/// What a caller can act upon. Every operation of every store ends with one of these or with success.
/// docs/errors.md says for each what to do next.
enum class errc : int {
  /// Another writer was first; nothing was written. Reload, decide again. The diagnostics hold both versions.
  concurrent_write = 1,
  /// The store cannot be reached, or its queue is full; nothing was written. Retry later.
  unavailable,
  /// A write was sent and its fate could not be learned. Reload and compare.
  outcome_unknown,
  /// The write is committed on this server, but its wait for a synchronous standby was interrupted there (an operator's
  /// pg_cancel_backend): a failover may lose it. The handler gets no value: an append made version base + 1; claim
  /// again
  /// for an epoch. Go on; after a failover reload and compare.
  replication_unproven,
  /// The deadline passed; nothing was written. (A write that had been sent gives outcome_unknown.)
  timed_out,
  /// Cancelled; nothing was written. (A write that had been sent gives outcome_unknown.)
  operation_aborted,
  /// An argument is out of its range. Fix the call.
  invalid_argument,
  /// A session id is empty, longer than 512 bytes, not UTF-8, or holds U+0000. Fix the id.
  invalid_session_id,
  /// A document is not JSON, is of the wrong kind (an array where an object is needed), or passes a limit of depth or
  /// of number length. Or a name is not UTF-8. Fix the document.
  invalid_document,
  /// A session would pass the size limit of the store, or a document json::max_size. Make it smaller.
  too_large,
  /// The store was closed. Open another one, or ask another node.
  closed,
  /// The tables of the store are missing. Run `atto init`, or async_ensure_schema, once.
  schema_missing,
  /// The tables are not atto's, are of a newer or an older release, or have lost a column. Nothing was touched. Report
  /// it to an operator.
  schema_mismatch,
  /// The database or the disk failed. Report it to an operator; the diagnostics hold the SQLSTATE or the SQLite code.
  storage_failure,
  /// session_runtime: the mailbox of the session, or of the runtime, is full. Slow down: refuse the work, or retry
  /// later.
  session_backlog_full,
  /// session_runtime: it was stopped; the turn did not run, and nothing was written. Ask another node.
  runtime_stopped,
  /// session_runtime: a handler started a turn on its own session and would wait for itself. Fix the handler.
  would_deadlock,
  /// session_runtime: the turn's handler threw; nothing was written. The diagnostics hold its error text.
  handler_failed,
  /// The claim under which it was to be written is no longer held: it expired and another owner claimed the session, or
  /// it was released, or the session was removed. Nothing was written. Claim again.
  claim_lost,
  /// Another owner's claim of the session is alive. The diagnostics hold the address that the owner gave. Ask there.
  owned_elsewhere,
  /// The database refuses this configuration: the login, the name of the database, or the TLS handshake. Nothing was
  /// written, and the same call fails until an operator changes the configuration.
  misconfigured,
  /// The store has no claims, or no message ids (session_store::features). Nothing was written. Use another kind of
  /// store, or do without.
  unsupported,
};

/// What a caller can do about an error: advice().
enum class next_step {
  /// There was no error, or no call helps: the work is done, was cancelled, or a handler decides.
  none,
  /// Make the same call again, after a pause.
  retry,
  /// Load or claim the session again (of a session_runtime: run the turn again), compare, and decide again.
  reload,
  /// Ask another node or another store.
  ask_elsewhere,
  /// Change the call, or the program that makes it.
  fix_call,
  /// Report it to an operator: the database, its tables or the configuration must be repaired.
  call_operator,
};

/// The category of errc. Its names are the enumerators' names ("concurrent_write"); timed_out and
/// operation_aborted compare equal to the generic conditions timed_out and operation_canceled.
[[nodiscard]] ATTO_EXPORT const boost::system::error_category& error_category() noexcept;

[[nodiscard]] ATTO_EXPORT error_code make_error_code(errc e) noexcept;

/// The enumerator's own name, e.g. "concurrent_write".
[[nodiscard]] ATTO_EXPORT std::string_view name(errc e) noexcept;

/// What to do about `ec`; docs/errors.md has the table. A pure function of the code: it knows nothing of the operation.
/// Success, and a code of another category, is next_step::none.
///
/// session_backlog_full is none, not retry: another call makes a full mailbox no emptier.
/// outcome_unknown is reload: a write whose fate is unknown must be compared with what is stored before it is repeated.
[[nodiscard]] ATTO_EXPORT next_step advice(const error_code& ec) noexcept;

/// True when advice(ec) is next_step::retry: unavailable and timed_out.
[[nodiscard]] ATTO_EXPORT bool is_retryable(const error_code& ec) noexcept;

}  // namespace atto

template <>
struct boost::system::is_error_code_enum<atto::errc> : std::true_type {};
