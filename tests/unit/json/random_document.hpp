#pragma once

#include <cstddef>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace atto::test {

/// A document by its meaning, which can be written in many spellings.
struct document {
  enum class kind { null, yes, no, number, string, array, object };

  /// UTF-16 code units, surrogates paired or not.
  using characters = std::vector<unsigned>;

  kind what = kind::null;
  /// Digits without zeros at either end ("" is zero), and the power of ten of the last.
  bool negative = false;
  std::string digits{};
  int exponent = 0;
  characters text{};
  std::vector<document> elements{};
  std::vector<std::pair<characters, document>> members{};  // no name twice
};

[[nodiscard]] document random_document(std::mt19937& random, std::size_t levels = 4);

/// One of the spellings: order of members, duplicates that lose, escapes, exponents and white space are drawn.
[[nodiscard]] std::string spell(const document& d, std::mt19937& random);

/// Changes one leaf, name, or number of elements, so that the document means something else.
void change(document& d, std::mt19937& random);

}  // namespace atto::test
