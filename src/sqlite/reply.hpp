#pragma once

#include <atto/failure.hpp>

#include <utility>

namespace atto::sqlite {

/// A value, or why there is none.
template <class T>
struct [[nodiscard]] reply {
  reply() = default;
  reply(T v) : value(std::move(v)) {}        // NOLINT(google-explicit-constructor): `return value;`
  reply(failure f) : error(std::move(f)) {}  // NOLINT(google-explicit-constructor): `return failure;`

  failure error;
  T value{};
};

}  // namespace atto::sqlite
