#include "open.hpp"

#include "command_error.hpp"
#include "output.hpp"
#include "printable.hpp"

#include <atto/open_store.hpp>

#include <fmt/format.h>

#include <utility>

namespace atto::cli {

namespace {

/// A store that cannot be named so is a slip of the hand on the command line, not a failure of the store.
template <class Open>
auto as_usage_error(const std::string& role, Open open) {
  try {
    return open();
  } catch (const error_with_diagnostics& e) {
    const std::string& message = e.get_diagnostics().message();
    throw command_error(exit_status::usage, fmt::format("usage: {}: {}", role, printable(message)));
  }
}

void warn(std::string_view line) {
  complain("warning: " + printable(line));
}

}  // namespace

blocking_store open_blocking(const settings& shared) {
  const store_limits limits = shared.limits();
  return as_usage_error(shared.store_named_by, [&] { return blocking_store(shared.store, limits, warn); });
}

std::unique_ptr<session_store> open_async(boost::asio::any_io_executor executor, const std::string& where,
                                          const settings& shared, const std::string& role) {
  const store_limits limits = shared.limits();
  return as_usage_error(role, [&] { return open_store(std::move(executor), where, limits, warn); });
}

void no_such_session(const std::string& id) {
  throw command_error(exit_status::no_such_session,
                      fmt::format("no_such_session: {}; `atto list` shows the ids that are there", shown(id)));
}

}  // namespace atto::cli
