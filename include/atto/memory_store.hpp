#pragma once

#include <atto/export.hpp>
#include <atto/session_store.hpp>

#include <memory>

namespace atto::memory {

/// A store in this process's memory, for tests and for sessions that need not outlive the process.
/// What goes in is copied and what comes out is a copy: nothing aliases. It keeps the whole contract of session_store;
/// its operations never wait, so deadlines and cancellation find nothing to end. async_ensure_schema does nothing.
///
/// stats() counts the operations that were done, refused ones included; there are no groups and no connections.
///
/// Executor: `executor` is used for handlers that have none of their own.
/// Errors (thrown): invalid_argument for limits out of range.
[[nodiscard]] ATTO_EXPORT std::unique_ptr<session_store> open(boost::asio::any_io_executor executor,
                                                              store_limits limits = {});

}  // namespace atto::memory
