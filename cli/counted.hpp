#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>

namespace atto::cli {

/// `1 turn`, `2 turns`.
template <class Number>
[[nodiscard]] std::string counted(Number count, std::string_view noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

}  // namespace atto::cli
