#include "fuzz/second_parser.hpp"

#include <atto/json.hpp>

#include <boost/json/basic_parser_impl.hpp>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>

namespace atto::fuzz {

namespace {

/// Builds nothing and looks into every string.
struct listener {
  using error_code = boost::json::error_code;
  using view = boost::json::string_view;
  static constexpr std::size_t unlimited = std::numeric_limits<std::size_t>::max();
  static constexpr std::size_t max_object_size = unlimited;
  static constexpr std::size_t max_array_size = unlimited;
  static constexpr std::size_t max_key_size = unlimited;
  static constexpr std::size_t max_string_size = unlimited;

  bool look(view part) {
    holds_nul = holds_nul || part.find('\0') != view::npos;
    return true;
  }

  bool on_document_begin(error_code&) { return true; }
  bool on_document_end(error_code&) { return true; }
  bool on_object_begin(error_code&) { return true; }
  bool on_object_end(std::size_t, error_code&) { return true; }
  bool on_array_begin(error_code&) { return true; }
  bool on_array_end(std::size_t, error_code&) { return true; }
  bool on_key_part(view part, std::size_t, error_code&) { return look(part); }
  bool on_key(view part, std::size_t, error_code&) { return look(part); }
  bool on_string_part(view part, std::size_t, error_code&) { return look(part); }
  bool on_string(view part, std::size_t, error_code&) { return look(part); }
  bool on_number_part(view, error_code&) { return true; }
  bool on_int64(std::int64_t, view, error_code&) { return true; }
  bool on_uint64(std::uint64_t, view, error_code&) { return true; }
  bool on_double(double, view, error_code&) { return true; }
  bool on_bool(bool, error_code&) { return true; }
  bool on_null(error_code&) { return true; }
  bool on_comment_part(view, error_code&) { return true; }
  bool on_comment(view, error_code&) { return true; }

  bool holds_nul = false;
};

}  // namespace

second_opinion ask_boost(std::string_view text) {
  boost::json::parse_options options;
  options.max_depth = json::max_depth + 2;  // arrays of arrays of documents
  boost::json::basic_parser<listener> parser(options);
  boost::json::error_code ec;
  const std::size_t read = parser.write_some(false, text.data(), text.size(), ec);
  second_opinion o;
  o.accepted = !ec && read == text.size();
  o.too_large_exponent = ec == boost::json::error::exponent_overflow;
  o.holds_nul = parser.handler().holds_nul;
  return o;
}

std::string without_unpaired_surrogates(std::string text) {
  const auto unit_at = [&](std::size_t at) {
    return text.compare(at, 2, "\\u") == 0 ? std::stoul(text.substr(at + 2, 4), nullptr, 16) : 0;
  };
  for (std::size_t at = text.find('\\'); at != text.npos; at = text.find('\\', at)) {
    const unsigned long unit = unit_at(at);
    const bool high = unit >= 0xD800 && unit < 0xDC00;
    const unsigned long next = high && at + 6 < text.size() ? unit_at(at + 6) : 0;
    if (next >= 0xDC00 && next < 0xE000) {
      at += 12;
      continue;
    }
    if (unit >= 0xD800 && unit < 0xE000) text.replace(at + 2, 4, "fffd");
    at += 2;
  }
  return text;
}

}  // namespace atto::fuzz
