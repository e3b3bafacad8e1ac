#pragma once

#include <atto/export.hpp>
#include <atto/session_store.hpp>
#include <atto/store_observer.hpp>

#include <memory>
#include <string_view>

namespace atto {

/// Opens the store that `where` names:
///   `memory:`                                   atto::memory::open
///   `sqlite:PATH`                               atto::sqlite::open
///   `postgres://…`, `postgresql://…`            atto::postgres::open
///   `host=… dbname=…` (libpq key=value pairs)   atto::postgres::open
/// Checks its argument and touches neither network nor file. `on_warning`: see pool_options.
///
/// Errors (thrown as error_with_diagnostics): invalid_argument. The message lists the forms and never quotes `where`,
/// which may hold a password.
[[nodiscard]] ATTO_EXPORT std::unique_ptr<session_store> open_store(boost::asio::any_io_executor executor,
                                                                    std::string_view where, store_limits limits = {},
                                                                    warning_hook on_warning = {});

}  // namespace atto
