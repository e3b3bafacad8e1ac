#pragma once

#include <atto/export.hpp>
#include <atto/session_store.hpp>
#include <atto/store_observer.hpp>

#include <cstddef>
#include <memory>
#include <string>

namespace atto::sqlite {

struct options {
  store_limits limits{};
  /// Operations that may wait for the writer thread; one more gets unavailable at once. At least 1.
  std::size_t max_waiting = 10'000;
  /// Told what the store does; may be null.
  std::shared_ptr<store_observer> observer{};
};

/// A store in one SQLite file, for one machine; any number of processes may have it open. See docs/storage-format.md.
///
/// Checks its arguments and touches no file. The file is opened by the first operation, and made, with mode 0600, by
/// async_ensure_schema only: other operations on a missing file get schema_missing. One thread a store does all the
/// work; it ends with the store. A write is durable when its handler runs (synchronous=FULL, rollback journal). The
/// file must be on a local file system, and must not be renamed, removed, or copied over while it is in use, nor opened
/// and closed by other code of this process, which drops SQLite's locks. Its last part must not be a symbolic link.
///
/// Errors (thrown): invalid_argument for an empty path, one with a NUL, `:memory:` (there is a memory store), or
/// options out of range.
/// Errors of operations, besides the contract's: schema_mismatch for a file that is not ours or of a newer schema (it
/// is not changed), storage_failure for a read-only file or directory, a full disk, or a damaged file; timed_out when
/// another process held the file's lock until the deadline; unavailable while another program has the file open in
/// write-ahead log mode (the store puts it back into its own).
[[nodiscard]] ATTO_EXPORT std::unique_ptr<session_store> open(boost::asio::any_io_executor executor, std::string path,
                                                              options o = {});

}  // namespace atto::sqlite
