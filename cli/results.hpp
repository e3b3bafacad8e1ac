#pragma once

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace atto::cli {

/// Awaits an operation and answers its error with its result, where an error is nothing to throw.
inline constexpr auto results = boost::asio::as_tuple(boost::asio::use_awaitable);

}  // namespace atto::cli
