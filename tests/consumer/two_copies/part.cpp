// One of the two shared objects; PART is its name.
#include "part.hpp"

#include <atto/error.hpp>

namespace PART {

boost::system::error_code closed() {
  return atto::errc::closed;
}

bool is_closed(const boost::system::error_code& ec) {
  return ec == atto::errc::closed;
}

}  // namespace PART
