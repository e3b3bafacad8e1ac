#include "settings.hpp"

#include "command_error.hpp"
#include "duration.hpp"

namespace atto::cli {

store_limits settings::limits() const {
  store_limits limits;
  if (timeout.empty()) return limits;
  limits.timeout = parse_duration("--timeout", timeout);
  if (limits.timeout.count() == 0) {
    throw command_error(exit_status::usage, "usage: --timeout takes a time above 0, such as 10s or 250ms");
  }
  return limits;
}

}  // namespace atto::cli
