#pragma once

#include <string>
#include <string_view>

namespace atto::fuzz {

/// What another parser, Boost.JSON, says of a text.
struct second_opinion {
  bool accepted = false;
  bool too_large_exponent = false;  // it is refused for an exponent beyond 32 bits
  bool holds_nul = false;           // a string or a name holds U+0000
};

[[nodiscard]] second_opinion ask_boost(std::string_view text);

/// Valid JSON, with U+FFFD for the unpaired surrogates, which the other parser does not take.
[[nodiscard]] std::string without_unpaired_surrogates(std::string text);

}  // namespace atto::fuzz
