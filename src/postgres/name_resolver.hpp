#pragma once

#include <boost/asio/any_io_executor.hpp>

#include <functional>
#include <string>
#include <vector>

namespace atto::postgres {

/// Looks a name up, off the loop: libpq would block in getaddrinfo. Tells the addresses, none for a name that is not
/// known; perhaps late, and not at all once the function object is gone.
using name_resolver = std::function<void(const std::string& name, std::function<void(std::vector<std::string>)> done)>;

/// The system's, by way of the one thread that Asio keeps for it in each execution context: one name after the other,
/// and getaddrinfo cannot be interrupted.
[[nodiscard]] name_resolver system_resolver(const boost::asio::any_io_executor& strand);

}  // namespace atto::postgres
