#pragma once

#include "settings.hpp"

#include <atto/blocking_store.hpp>
#include <atto/session_store.hpp>

#include <memory>
#include <string>

namespace atto::cli {

/// Opens the store the user named. Errors (thrown as command_error): usage, for what names no store.
[[nodiscard]] blocking_store open_blocking(const settings& shared);

/// The same on an executor of the caller's; `role` ("--store", "FROM", "TO") is what the message calls it.
[[nodiscard]] std::unique_ptr<session_store> open_async(boost::asio::any_io_executor executor, const std::string& where,
                                                        const settings& shared, const std::string& role);

/// Ends a command that needs a session that is not there.
[[noreturn]] void no_such_session(const std::string& id);

}  // namespace atto::cli
