#pragma once

#include <atto/failure.hpp>

#include <boost/system/result.hpp>

#include <utility>

namespace atto {

/// A value, or why there is none. `return f;` works for a failure as well where T is bool, to which a failure converts.
template <class T = void>
class [[nodiscard]] result : public boost::system::result<T, failure> {
  using base = boost::system::result<T, failure>;

 public:
  result(T v) : base(boost::system::in_place_value, std::move(v)) {}        // NOLINT(google-explicit-constructor)
  result(failure f) : base(boost::system::in_place_error, std::move(f)) {}  // NOLINT(google-explicit-constructor)
};

template <>
class [[nodiscard]] result<void> : public boost::system::result<void, failure> {
  using base = boost::system::result<void, failure>;

 public:
  result() : base(boost::system::in_place_value) {}
  result(failure f) : base(boost::system::in_place_error, std::move(f)) {}  // NOLINT(google-explicit-constructor)
};

/// What result::value() does when there is no value.
[[noreturn]] inline void throw_exception_from_error(const failure& f, const boost::source_location&) {
  f.raise();
}

}  // namespace atto
