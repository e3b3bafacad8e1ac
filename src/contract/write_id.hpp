#pragma once

#include <string>

namespace atto {

/// A new id of one logical write: 16 random bytes of the operating system's. A retry of the write carries the same one.
[[nodiscard]] std::string make_write_id();

}  // namespace atto
