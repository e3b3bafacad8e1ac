#pragma once

/// ATTO_EXPORT marks the classes and functions that a shared library of atto exports; it hides all others.
///
/// The targets and atto.pc define ATTO_STATIC where the static library is used. A shared library that embeds it then
/// exports nothing of atto, so two of them in one process may hold different releases.
#if defined(ATTO_STATIC)
#define ATTO_EXPORT
#else
#define ATTO_EXPORT __attribute__((visibility("default")))
#endif
