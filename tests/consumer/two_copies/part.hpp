#pragma once

#include <boost/system/error_code.hpp>

namespace first {
boost::system::error_code closed();
bool is_closed(const boost::system::error_code& ec);
}  // namespace first

namespace second {
boost::system::error_code closed();
bool is_closed(const boost::system::error_code& ec);
}  // namespace second
