#pragma once

#include <atto/diagnostics.hpp>
#include <atto/error.hpp>
#include <atto/export.hpp>

#include <boost/system/result.hpp>

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace atto {

namespace detail {
struct json_access;
}

/// One JSON document (RFC 8259), kept as text.
///
/// The text is checked once, when the object is made, and never changed afterwards: no digit of a number is lost,
/// and `\u0000` and unpaired `\uD800` escapes are kept. Copies share the text, so they cost two pointers.
///
/// Limits: valid UTF-8; at most max_depth nested arrays and objects; a number whose plain decimal form has at most
/// max_number_length characters (1e998 has 999); at most max_size counted bytes (see bytes()).
///
/// A store gives a document back equal as a value (operator==), not byte for byte: PostgreSQL's jsonb keeps neither
/// the order of members, nor white space, nor the spelling of a number; of duplicate members the last one wins.
///
/// Thread-safety: distinct objects are independent, also when they share text. A moved-from object holds null.
class ATTO_EXPORT json {
 public:
  static constexpr std::size_t max_depth = 1000;
  static constexpr std::size_t max_number_length = 1000;
  static constexpr std::size_t max_size = std::size_t{200} << 20;

  /// The document `null`.
  json() noexcept;

  json(const json&) = default;
  json& operator=(const json&) = default;
  json(json&& other) noexcept;
  json& operator=(json&& other) noexcept;
  ~json() = default;

  /// Takes and checks `text`.
  /// Errors (thrown as error_with_diagnostics): as parse().
  explicit json(std::string text);

  /// Takes and checks `text`; leading and trailing white space is dropped.
  /// Errors: invalid_document with the byte offset of the first bad byte and, for a limit, the JSON pointer of the
  /// value; too_large when bytes() would pass max_size. `diag`, when given, is filled on error.
  /// Exception safety: strong; only allocation throws.
  [[nodiscard]] static boost::system::result<json> parse(std::string text, diagnostics* diag = nullptr);

  /// The JSON string that holds `utf8`.
  /// Errors (thrown): invalid_document when `utf8` is not UTF-8; too_large. U+0000 is allowed.
  [[nodiscard]] static json string(std::string_view utf8);

  /// The text as it was given, without surrounding white space. Valid as long as this object or a copy lives.
  [[nodiscard]] std::string_view text() const noexcept { return text_; }

  /// What the document counts towards a session's size limit, in bytes: its text without white space, with numbers in
  /// plain decimal form where that is longer, the character U+FDD0 counted as 7 bytes, and every value and every
  /// member's name as 12 bytes at least (what one takes in jsonb).
  [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }

  [[nodiscard]] bool is_null() const noexcept { return text_.front() == 'n'; }
  [[nodiscard]] bool is_object() const noexcept { return text_.front() == '{'; }
  [[nodiscard]] bool is_array() const noexcept { return text_.front() == '['; }
  [[nodiscard]] bool is_string() const noexcept { return text_.front() == '"'; }

  /// Equal as values: members in any order (the last of duplicates counts), numbers by their exact decimal value
  /// (1e2 == 100.0, -0 == 0), strings by their characters however they were escaped.
  /// Complexity: linear when the texts are the same; else O(n log n) in the texts' lengths.
  [[nodiscard]] friend bool operator==(const json& a, const json& b) { return equal(a, b); }

 private:
  friend struct detail::json_access;
  json(std::shared_ptr<const void> owner, std::string_view text, std::size_t bytes) noexcept;
  [[nodiscard]] static bool equal(const json& a, const json& b);

  std::shared_ptr<const void> owner_;  // what text_ points into; null for literals
  std::string_view text_;              // never empty
  std::size_t bytes_;
};

}  // namespace atto
