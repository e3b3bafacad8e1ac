#pragma once

#include <atto/export.hpp>

/// The release whose headers are used. script/check-repository checks that it is the project's version.
#define ATTO_VERSION_MAJOR 0
#define ATTO_VERSION_MINOR 1
#define ATTO_VERSION_PATCH 0
#define ATTO_VERSION_STRING "0.1.0"

/// As one number, to be compared: 10'000 for each major, 100 for each minor release, 1 for each patch.
#define ATTO_VERSION (ATTO_VERSION_MAJOR * 10'000 + ATTO_VERSION_MINOR * 100 + ATTO_VERSION_PATCH)

namespace atto {

/// ATTO_VERSION of the library that the program runs with. It differs from the macro when a shared library was replaced
/// after the program was compiled.
[[nodiscard]] ATTO_EXPORT int version() noexcept;

}  // namespace atto
