#include "settings.hpp"

#include "duration.hpp"

namespace atto::cli {

store_limits settings::limits() const {
  store_limits limits;
  if (!timeout.empty()) limits.timeout = parse_duration("--timeout", timeout);
  return limits;
}

}  // namespace atto::cli
