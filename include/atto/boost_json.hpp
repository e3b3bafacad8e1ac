#pragma once

/// To and from Boost.JSON, and through its value_from and value_to the caller's own types. Not part of <atto/atto.hpp>:
/// whoever includes this links Boost.JSON (Boost::json in CMake).

#include <atto/diagnostics.hpp>
#include <atto/error.hpp>
#include <atto/json.hpp>

#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/storage_ptr.hpp>
#include <boost/json/value.hpp>
#include <boost/json/value_from.hpp>
#include <boost/json/value_stack.hpp>
#include <boost/json/value_to.hpp>

#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace atto {

namespace detail {

/// Builds a value as boost::json::parser does, but reads each double to the nearest one: Boost's own reader (1.81) is
/// off by one unit in the last place for about every fourth double, and makes NaN of 0e400.
class boost_value_builder {
 public:
  static constexpr std::size_t max_object_size = boost::json::object::max_size();
  static constexpr std::size_t max_array_size = boost::json::array::max_size();
  static constexpr std::size_t max_key_size = boost::json::string::max_size();
  static constexpr std::size_t max_string_size = boost::json::string::max_size();

  using error = boost::json::error_code;
  using view = boost::json::string_view;

  explicit boost_value_builder(boost::json::storage_ptr storage) { stack_.reset(std::move(storage)); }

  [[nodiscard]] boost::json::value release() { return stack_.release(); }
  /// True when the parser was stopped at a number that no double can hold.
  [[nodiscard]] bool overflowed() const noexcept { return overflowed_; }

  bool on_document_begin(error&) { return true; }
  bool on_document_end(error&) { return true; }
  bool on_object_begin(error&) { return true; }
  bool on_object_end(std::size_t count, error&) { return stack_.push_object(count), true; }
  bool on_array_begin(error&) { return true; }
  bool on_array_end(std::size_t count, error&) { return stack_.push_array(count), true; }
  bool on_key_part(view part, std::size_t, error&) { return stack_.push_chars(part), true; }
  bool on_key(view part, std::size_t, error&) { return stack_.push_key(part), true; }
  bool on_string_part(view part, std::size_t, error&) { return stack_.push_chars(part), true; }
  bool on_string(view part, std::size_t, error&) { return stack_.push_string(part), true; }
  bool on_number_part(view, error&) { return true; }
  bool on_int64(std::int64_t i, view, error&) { return stack_.push_int64(i), true; }
  bool on_uint64(std::uint64_t u, view, error&) { return stack_.push_uint64(u), true; }
  bool on_bool(bool b, error&) { return stack_.push_bool(b), true; }
  bool on_null(error&) { return stack_.push_null(), true; }
  bool on_comment_part(view, error&) { return true; }
  bool on_comment(view, error&) { return true; }

  /// `text` is the whole number, since the parser is given the whole document at once.
  bool on_double(double approximation, view text, error& ec) {
    double exact = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), exact);
    if (read.ec == std::errc::result_out_of_range) {
      overflowed_ = !(std::fabs(approximation) < 1);
      if (overflowed_) {
        ec = boost::json::error::exponent_overflow;
        return false;
      }
      exact = std::copysign(0.0, approximation);
    }
    stack_.push_double(exact);
    return true;
  }

 private:
  boost::json::value_stack stack_;
  bool overflowed_ = false;
};

/// Goes no deeper than a document may nest: what lies deeper is refused anyway.
inline bool all_finite(const boost::json::value& value, std::size_t levels = json::max_depth) {
  if (const double* d = value.if_double()) return std::isfinite(*d);
  if (levels == 0) return true;
  if (const boost::json::array* array = value.if_array()) {
    for (const boost::json::value& element : *array) {
      if (!all_finite(element, levels - 1)) return false;
    }
  }
  if (const boost::json::object* object = value.if_object()) {
    for (const boost::json::key_value_pair& member : *object) {
      if (!all_finite(member.value(), levels - 1)) return false;
    }
  }
  return true;
}

}  // namespace detail

/// The document as a Boost.JSON value, allocated from `storage`.
///
/// What Boost.JSON cannot hold:
/// - an integer outside int64 and uint64, and a decimal with more digits than a double has, become the nearest double;
///   a number too small for a double becomes 0. Text keeps every digit: use json::text() where they matter.
/// - a number beyond the range of double, an exponent beyond 32 bits (0e99999999999), and an unpaired surrogate are
///   refused.
/// Of duplicate members the last one wins. Documents of any depth that json takes are taken.
///
/// Errors (thrown as error_with_diagnostics): invalid_document, with the byte offset in text() near which it was found.
[[nodiscard]] inline boost::json::value to_boost(const json& document, boost::json::storage_ptr storage = {}) {
  boost::json::parse_options options;
  options.max_depth = json::max_depth + 1;  // state::stored() nests one level deeper
  boost::json::basic_parser<detail::boost_value_builder> parser(options, std::move(storage));
  boost::json::error_code ec;
  const std::string_view text = document.text();
  const std::size_t read = parser.write_some(false, text.data(), text.size(), ec);
  if (!ec) return parser.handler().release();
  diagnostics diag;
  diag.message(parser.handler().overflowed()
                   ? "a number is beyond the range of double, which is all Boost.JSON has; read it from the text"
                   : "an unpaired surrogate or an exponent is more than Boost.JSON can hold; read it from the text");
  diag.offset(read);
  throw error_with_diagnostics(errc::invalid_document, std::move(diag));
}

/// A Boost.JSON value as a document. Doubles are written so that to_boost gives the same double back.
///
/// Errors (thrown as error_with_diagnostics): invalid_document for an infinity or a NaN, which JSON does not have, for
///   strings that are not UTF-8, and for nesting deeper than json::max_depth; too_large.
[[nodiscard]] inline json from_boost(const boost::json::value& value) {
  if (!detail::all_finite(value)) {
    diagnostics diag;
    diag.message("JSON has no infinity and no NaN; use null or a string");
    throw error_with_diagnostics(errc::invalid_document, std::move(diag));
  }
  return json(boost::json::serialize(value));
}

/// `value` as a document, by way of boost::json::value_from: works for every type that has a conversion there (numbers,
/// strings, containers, described structs, and types with a tag_invoke of their own).
///
/// Errors (thrown): as from_boost; whatever value_from throws.
template <class T>
[[nodiscard]] json to_json(const T& value) {
  return from_boost(boost::json::value_from(value));
}

/// The document as a T, by way of boost::json::value_to.
///
/// Errors (thrown): as to_boost; whatever value_to throws when the document does not fit (for Boost's own conversions
///   a boost::system::system_error).
template <class T>
[[nodiscard]] T from_json(const json& document) {
  return boost::json::value_to<T>(to_boost(document));
}

}  // namespace atto
