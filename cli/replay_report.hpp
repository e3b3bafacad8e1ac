#pragma once

#include "replayer.hpp"

#include <cstddef>

namespace atto::cli {

/// Prints what a replay did: two lines, or one JSON object. `compared` is false when it ended before all was loaded
/// back; the differences are not known then. Single differences go to stderr, the first few of them.
void report(const replayer& r, std::size_t sessions, bool compared, bool as_json);

}  // namespace atto::cli
