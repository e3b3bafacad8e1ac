#pragma once

#include <atto/json.hpp>

#include <cstddef>
#include <limits>
#include <string_view>
#include <vector>

/// The one judge of whether text is JSON. Pure.
namespace atto::json_text {

enum class fault {
  none,
  ends_early,
  expected_value,
  expected_name,
  expected_colon,
  expected_comma,
  after_document,
  bad_literal,
  bad_number,
  bad_escape,
  control_character,
  not_utf8,
  too_deep,
  number_too_long,
  too_large,
};

struct scan_limits {
  static constexpr std::size_t unlimited = std::numeric_limits<std::size_t>::max();
  /// Nested arrays and objects. At most deepest.
  std::size_t depth = json::max_depth;
  std::size_t size = json::max_size;

  /// An array of turns is two levels deeper than a document.
  static constexpr std::size_t deepest = json::max_depth + 2;
};

/// A value inside a document.
struct part {
  std::size_t level;      // 1 for the elements or members of the document itself
  std::string_view name;  // the token of the member's name; empty in an array
  std::string_view text;
  std::size_t size;  // as json::bytes()
};

struct scan_result {
  fault what = fault::none;
  /// Of the first bad byte; for a limit, of the first byte of the value that was refused.
  std::size_t offset = 0;
  /// What was found of what a limit bounds: levels, characters or counted bytes.
  std::size_t found = 0;
  /// Without a fault: the value without surrounding white space, and what it counts.
  std::string_view value;
  std::size_t size = 0;
};

/// Reads all of `text` once: grammar, UTF-8, limits, and what it counts.
[[nodiscard]] scan_result scan(std::string_view text, const scan_limits& limits) noexcept;

/// The same, and adds to `parts` the values down to `levels` (1 or 2) below the document, each after those inside it.
/// On a fault `parts` holds those that came before it.
[[nodiscard]] scan_result scan_parts(std::string_view text, const scan_limits& limits, std::size_t levels,
                                     std::vector<part>& parts);

}  // namespace atto::json_text
