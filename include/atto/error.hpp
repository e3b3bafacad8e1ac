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
  /// The write is committed on this server, but its wait for a synchronous standby was broken off there (an operator's
  /// pg_cancel_backend): a failover may lose it. Go on; after a failover reload and compare.
  replication_unproven,
  /// The deadline passed; nothing was written. (A write that had been sent gives outcome_unknown.)
  timed_out,
  /// Cancelled; nothing was written. (A write that had been sent gives outcome_unknown.)
  operation_aborted,
  /// An argument is out of its range. Mend the call.
  invalid_argument,
  /// A session id is empty, longer than 512 bytes, not UTF-8, or holds U+0000. Mend the id.
  invalid_session_id,
  /// A document is not JSON, or passes a limit of depth or of number length. Mend the document.
  invalid_document,
  /// A session would pass the size limit of the store. Shorten the session.
  too_large,
  /// The store was closed. Stop using it.
  closed,
  /// The tables of the store are missing. Run `atto init`, or async_ensure_schema, once.
  schema_missing,
  /// The tables are not ours, or were made by a newer release. Nothing was touched. Tell an operator.
  schema_mismatch,
  /// The database or the disk failed. Tell an operator; the diagnostics hold the SQLSTATE or the SQLite code.
  storage_failure,
  /// session_runtime: so many turns of the session, or of the process, wait that this one was not taken. Try later.
  session_backlog_full,
  /// session_runtime: it was stopped; nothing was written. Ask another node.
  runtime_stopped,
  /// session_runtime: a turn called for another turn of its own session, and would have waited for itself. Mend it.
  would_deadlock,
  /// session_runtime: the turn's handler threw; nothing was written. The diagnostics hold its words.
  handler_failed,
  /// The claim under which it was to be written is no longer held: it expired and another owner claimed the session, or
  /// it was released, or the session was removed. Nothing was written. Claim again.
  claim_lost,
  /// Another owner's claim of the session is alive. The diagnostics hold the address that the owner gave. Ask there.
  owned_elsewhere,
};

/// The category of errc. Its names are the enumerators' names ("concurrent_write"); timed_out and
/// operation_aborted compare equal to the generic conditions timed_out and operation_canceled.
[[nodiscard]] ATTO_EXPORT const boost::system::error_category& error_category() noexcept;

[[nodiscard]] ATTO_EXPORT error_code make_error_code(errc e) noexcept;

/// The enumerator's own name, e.g. "concurrent_write".
[[nodiscard]] ATTO_EXPORT std::string_view name(errc e) noexcept;

/// True when the same call, as it is, may be made again in the same place: unavailable and timed_out. (Not
/// session_backlog_full, which calling again makes worse, nor owned_elsewhere, which is for another place.)
/// Never true for outcome_unknown: a blind retry of a write in doubt is a decision of the caller.
[[nodiscard]] ATTO_EXPORT bool is_retryable(const error_code& ec) noexcept;

}  // namespace atto

template <>
struct boost::system::is_error_code_enum<atto::errc> : std::true_type {};
