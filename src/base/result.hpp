#pragma once

#include <atto/failure.hpp>

#include <boost/system/result.hpp>

namespace atto {

/// A value, or why there is none.
template <class T = void>
using result = boost::system::result<T, failure>;

/// What result::value() does when there is no value.
[[noreturn]] inline void throw_exception_from_error(const failure& f, const boost::source_location&) {
  f.raise();
}

}  // namespace atto
